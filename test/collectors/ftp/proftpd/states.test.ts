import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { Drive } from '../drive.js'

const signal = new AbortController().signal

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD, in its own states${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let source: ReturnType<typeof proftpd>
  let drive: Drive
  const leave: (() => void)[] = []

  beforeAll(async () => {
    server = await startProftpd()
    source = proftpd({ scoreboard: server.scoreboard })
    drive = new Drive(server.port, source)
  })
  afterAll(() => server.stop())
  afterEach(async () => {
    leave.splice(0).forEach((close) => close())
    await drive.allGone()
  })

  function curl(...args: string[]): void {
    const child = spawn('curl', ['--silent', '--insecure', '--limit-rate', '200k', ...args], { stdio: 'ignore' })
    leave.push(() => child.kill('SIGKILL'))
  }

  test('not locked into its home', async () => {
    await drive.ftp('bob')
    expect(await drive.only()).toMatchObject({ login: 'bob', location: server.users.bob.home })
  })

  test('at another virtual host', async () => {
    await drive.ftp('alice', { port: server.vhostPort })
    expect(await drive.only()).toMatchObject({ login: 'alice', domain: 'Second host' })
  })

  test('anonymous', async () => {
    const client = await drive.ftp('anonymous')
    expect(await drive.only()).toMatchObject({ login: 'ftp', type: 'anonymous', location: '/' })
    drive.download(client, 'big.bin')
    const moving = await drive.only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(moving).toMatchObject({ status: 'downloading', type: 'anonymous', fileName: 'big.bin', totalBytes: BIG })
  })

  test('an upload under a name that the server chose', async () => {
    const client = await drive.raw('dave')
    const data = await client.begin('STOU')
    data.write(Buffer.alloc(5000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 5000)
    expect(session).toMatchObject({ status: 'uploading', command: 'STOU', fileName: expect.stringMatching(/^ftp\w+$/) })
  })

  test('an upload by a client of everyday', async () => {
    const content = drive.upload(await drive.ftp('dave'), 'deep/upload.bin')
    content.write(Buffer.alloc(12_345))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 12_345)
    expect(session).toMatchObject({ status: 'uploading', fileName: 'deep/upload.bin', location: '/' })
  })

  test('a download through sendfile(2) is as far as the client has received it', async () => {
    const client = await drive.raw('dave')
    const data = await client.begin('RETR big.bin')
    const stalled = await drive.only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(stalled).toMatchObject({ status: 'downloading', command: 'RETR big.bin', totalBytes: BIG })
    expect(stalled.transferredBytes!).toBeLessThan(BIG)
    let received = 0
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > 4 << 20) data.pause()
    })
    data.resume()
    const later = await drive.only(({ transferredBytes }) => transferredBytes! > stalled.transferredBytes!)
    expect(later.transferredBytes!).toBeLessThanOrEqual(BIG)
    const near = await drive.only(({ transferredBytes }) => transferredBytes! >= received && received > 4 << 20)
    // ProFTPD closes the file as soon as the kernel has all of it; from then on nobody knows its size.
    expect([BIG, null]).toContain(near.totalBytes)
  })

  test.each([
    ['through sendfile(2)', 'dave'],
    ['slowed down by the server', 'carol'],
  ])('a resumed download, %s, counts what it was resumed with', async (_, login) => {
    // It does not take what it is sent, and there is more of it than the kernel does: else this would be over when the
    // server no longer waits for its client.
    const client = await drive.raw(login)
    await client.command(`REST ${1 << 20}`)
    await client.begin('RETR big.bin')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 1 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes!).toBeLessThanOrEqual(BIG)
  })

  test('a download whose client does not take the data has moved nothing, whatever the one before did', async () => {
    const client = await drive.raw('carol')
    const first = await client.begin('RETR big.bin')
    first.resume()
    await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    first.destroy()
    await client.reply()
    await drive.only(({ status }) => status === 'idle')
    await client.passive()
    client.send('RETR big.bin')
    const waiting = await drive.only(({ command }) => command === 'RETR big.bin')
    expect(waiting).toMatchObject({ status: 'downloading', transferredBytes: 0, totalBytes: BIG })
    expect(await drive.only()).toMatchObject({ transferredBytes: 0, lastActiveAt: waiting.lastActiveAt })
  })

  test('a download over SFTP, which looks idle between two packets', async () => {
    curl('-u', 'dave:secret', `sftp://127.0.0.1:${server.sftpPort}/big.bin`, '-o', join(server.dir, 'taken'))
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({
      ...{ protocol: 'sftp', status: 'downloading', login: 'dave', domain: 'SFTP host' },
      ...{ fileName: '/big.bin', totalBytes: BIG, ip: '127.0.0.1' },
    })
    const later = await drive.only(({ transferredBytes }) => transferredBytes! > session.transferredBytes!)
    expect(later.key).toBe(session.key)
  })

  test.each(['dave', 'bob'] as const)('an upload over SFTP by %s', async (login) => {
    const target = login === 'bob' ? `/${server.users.bob.home}/sent.bin` : '/sent.bin'
    curl(
      '-u',
      `${login}:secret`,
      '-T',
      join(server.users[login].home, 'big.bin'),
      `sftp://127.0.0.1:${server.sftpPort}/${target}`,
    )
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({
      ...{ protocol: 'sftp', status: 'uploading', fileName: target.replace('//', '/'), totalBytes: null },
    })
    await drive.only(({ transferredBytes }) => transferredBytes! > session.transferredBytes!)
  })

  test('names that the scoreboard has cut are completed', async () => {
    const directory = 'длинный-каталог-'.repeat(6).slice(0, 100)
    const file = `имя файла ${'и ещё немного '.repeat(8)}.bin`.slice(0, 120)
    mkdirSync(join(server.users.dave.home, directory))
    chownSync(join(server.users.dave.home, directory), server.users.dave.uid, 0)
    const client = await drive.ftp('dave')
    await client.cd(directory)
    expect((await drive.only(({ location }) => location !== '/')).location).toBe(`/${directory}`)
    drive.upload(client, file).write(Buffer.alloc(100))
    const session = await drive.only(({ status }) => status === 'uploading')
    expect(session).toMatchObject({ fileName: file, command: `STOR ${file}`, location: `/${directory}` })
  })

  test('a name that is not UTF-8', async () => {
    const client = await drive.raw('dave')
    const data = await client.begin(Buffer.from('STOR caf\xe9 \x1b[2J.bin', 'latin1'))
    data.write('x')
    const session = await drive.only(({ status }) => status === 'uploading')
    expect(session.fileName).toBe('café ␛[2J.bin')
  })

  test('whose account it is, asked once for each session', async () => {
    const accounts = jest.fn(async (login: string) =>
      login === 'alice' ? ({ type: 'web-user', domain: 'example.org' } as const) : null,
    )
    const asking = proftpd({ scoreboard: server.scoreboard, accounts })
    await drive.ftp('alice')
    const [alice] = await asking.list(signal)
    expect(alice).toMatchObject({ type: 'web-user', domain: 'example.org' })
    expect(accounts).toHaveBeenCalledWith('alice', expect.objectContaining({ domain: 'Main host', ip: '127.0.0.1' }))
    await drive.ftp('bob')
    const both = await until(async () => {
      const sessions = await asking.list(signal)
      return sessions.length === 2 && sessions
    })
    expect(both.find(({ login }) => login === 'bob')).toMatchObject({ type: 'not-registered', domain: 'Main host' })
    expect(accounts).toHaveBeenCalledTimes(2)
  })

  test('accounts that fail leave out type and domain, and are asked again', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    let broken = true
    const accounts = () => {
      if (broken) throw new Error('the database is away')
      return { type: 'domain-user', domain: 'example.org' } as const
    }
    const asking = proftpd({ scoreboard: server.scoreboard, accounts })
    await drive.ftp('alice')
    const [first] = await asking.list(signal)
    expect(first).toMatchObject({ login: 'alice' })
    expect(first).not.toHaveProperty('type')
    expect(first).not.toHaveProperty('domain')
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('the database is away'))
    broken = false
    expect((await asking.list(signal))[0]).toMatchObject({ type: 'domain-user', domain: 'example.org' })
    warned.mockRestore()
  })
})
