import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Client } from 'basic-ftp'
import { spawn } from 'node:child_process'
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { ListedFtpSession } from '../../../../src/session-source.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'

const signal = new AbortController().signal
const BIG = 8 << 20

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD, in every state${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let source: ReturnType<typeof proftpd>
  const leave: (() => void)[] = []

  beforeAll(async () => {
    server = await startProftpd()
    source = proftpd({ scoreboard: server.scoreboard })
  })
  afterAll(() => server.stop())
  afterEach(async () => {
    leave.splice(0).forEach((close) => close())
    // A session that waits for a data connection does not notice that its client has left.
    for (const session of await source.list(signal)) await source.end(session, signal).catch(() => undefined)
    await until(async () => (await source.list(signal)).length === 0)
  })

  /** The only session there is, once it is as expected. */
  async function only(condition: (session: ListedFtpSession) => boolean = () => true): Promise<ListedFtpSession> {
    return until(async () => {
      const sessions = await source.list(signal)
      return sessions.length === 1 && condition(sessions[0]!) && sessions[0]!
    })
  }

  async function raw(login?: string, port = server.port): Promise<RawClient> {
    const client = await RawClient.connect(port, login)
    leave.push(() => client.close())
    return client
  }

  async function ftp(user: string, options: object = {}): Promise<Client> {
    const client = new Client()
    leave.push(() => client.close())
    await client.access({ host: '127.0.0.1', port: server.port, user, password: 'secret', ...options })
    return client
  }

  /** An upload that sends what it is given, when it is given it. */
  function upload(client: Client, name: string): PassThrough {
    const content = new PassThrough()
    client.uploadFrom(content, name).catch(() => undefined)
    return content
  }

  /** A download that takes its first chunk and then no more. */
  function download(client: Client, name: string, from = 0): void {
    const sink = new Writable({ write: () => undefined })
    client.downloadTo(sink, name, from).catch(() => undefined)
  }

  function curl(...args: string[]): void {
    const child = spawn('curl', ['--silent', '--insecure', '--limit-rate', '200k', ...args], { stdio: 'ignore' })
    leave.push(() => child.kill('SIGKILL'))
  }

  test('connected and not logged in', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const client = await raw()
    const session = await only()
    expect(session).toMatchObject({
      ...{ status: 'authenticating', condition: 'normal', login: null, type: null, command: null },
      ...{ location: null, fileName: null, transferredBytes: null, totalBytes: null },
      ...{ ip: '127.0.0.1', protocol: 'ftp', domain: 'Main host' },
    })
    expect(session.key).toMatch(/^[0-9a-f]{12}-\d+-\d+$/)
    expect(session.connectedAt!.getTime()).toBeGreaterThanOrEqual(before)
    expect(session.connectedAt!.getTime()).toBeLessThanOrEqual(Date.now())
    expect(session.lastActiveAt).toEqual(session.connectedAt)
    await client.command('USER alice')
    await client.command('PASS wrong')
    expect(await only()).toMatchObject({ status: 'authenticating', login: null, key: session.key })
  })

  test('idle, in a directory of its own, and the command before was its last sign of life', async () => {
    const client = await ftp('alice')
    await client.cd('deep/er dir')
    const idle = { status: 'idle', command: null, fileName: null, transferredBytes: null, totalBytes: null }
    const session = await only(({ location }) => location === '/deep/er dir')
    expect(session).toMatchObject({ ...idle, login: 'alice', location: '/deep/er dir' })
    const ago = Date.now() - session.lastActiveAt!.getTime()
    expect(ago).toBeGreaterThanOrEqual(0)
    expect(ago).toBeLessThan(30_000)
  })

  test('not locked into its home', async () => {
    await ftp('bob')
    expect(await only()).toMatchObject({ login: 'bob', location: server.users.bob.home })
  })

  test('at another virtual host', async () => {
    await ftp('alice', { port: server.vhostPort })
    expect(await only()).toMatchObject({ login: 'alice', domain: 'Second host' })
  })

  test('anonymous', async () => {
    const client = await ftp('anonymous')
    expect(await only()).toMatchObject({ login: 'ftp', type: 'anonymous', location: '/' })
    download(client, 'big.bin')
    const moving = await only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(moving).toMatchObject({ status: 'downloading', type: 'anonymous', fileName: 'big.bin', totalBytes: BIG })
  })

  test.each(['STOR', 'APPE'])('an upload by %s counts its own bytes from the first on', async (command) => {
    const client = await raw('dave')
    // Leaves counters of an upload that is over in the scoreboard.
    const first = await client.begin(`STOR ${command} before.bin`)
    first.end(Buffer.alloc(300_000))
    await client.reply()
    if (command === 'APPE') writeFileSync(join(server.users.dave.home, 'up load.bin'), Buffer.alloc(1000))

    const data = await client.begin(`${command} up load.bin`)
    const session = await only(({ status }) => status === 'uploading')
    const offset = command === 'APPE' ? 1000 : 0
    expect(session).toMatchObject({
      ...{ command: `${command} up load.bin`, fileName: 'up load.bin', transferredBytes: offset, totalBytes: null },
    })
    data.write(Buffer.alloc(70_000))
    const moved = await only(({ transferredBytes }) => transferredBytes === offset + 70_000)
    expect(moved.lastActiveAt!.getTime()).toBeGreaterThan(session.lastActiveAt!.getTime())
    data.end()
    await client.reply()
    expect(await only()).toMatchObject({ status: 'idle', fileName: null, transferredBytes: null, command: null })
  })

  test('an upload under a name that the server chose', async () => {
    const client = await raw('dave')
    const data = await client.begin('STOU')
    data.write(Buffer.alloc(5000))
    const session = await only(({ transferredBytes }) => transferredBytes === 5000)
    expect(session).toMatchObject({ status: 'uploading', command: 'STOU', fileName: expect.stringMatching(/^ftp\w+$/) })
  })

  test('an upload by a client of everyday', async () => {
    const content = upload(await ftp('dave'), 'deep/upload.bin')
    content.write(Buffer.alloc(12_345))
    const session = await only(({ transferredBytes }) => transferredBytes === 12_345)
    expect(session).toMatchObject({ status: 'uploading', fileName: 'deep/upload.bin', location: '/' })
  })

  test('a download through sendfile(2) is as far as the client has received it', async () => {
    const client = await raw('dave')
    const data = await client.begin('RETR big.bin')
    const stalled = await only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(stalled).toMatchObject({ status: 'downloading', command: 'RETR big.bin', totalBytes: BIG })
    expect(stalled.transferredBytes!).toBeLessThan(BIG)
    let received = 0
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > 4 << 20) data.pause()
    })
    data.resume()
    const later = await only(({ transferredBytes }) => transferredBytes! > stalled.transferredBytes!)
    expect(later.transferredBytes!).toBeLessThanOrEqual(BIG)
    const near = await only(({ transferredBytes }) => transferredBytes! >= received && received > 4 << 20)
    // ProFTPD closes the file as soon as the kernel has all of it; from then on nobody knows its size.
    expect([BIG, null]).toContain(near.totalBytes)
  })

  test.each([
    ['through sendfile(2)', 'dave'],
    ['slowed down by the server', 'carol'],
  ])('a resumed download, %s, counts what it was resumed with', async (_, login) => {
    const client = await ftp(login)
    download(client, 'big.bin', 4 << 20)
    const session = await only(({ transferredBytes }) => transferredBytes! > 4 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes!).toBeLessThanOrEqual(BIG)
  })

  test('a download whose client does not take the data has moved nothing, whatever the one before did', async () => {
    const client = await raw('carol')
    const first = await client.begin('RETR big.bin')
    first.resume()
    await only(({ transferredBytes }) => transferredBytes! > 0)
    first.destroy()
    await client.reply()
    await only(({ status }) => status === 'idle')
    await client.passive()
    client.send('RETR big.bin')
    const waiting = await only(({ command }) => command === 'RETR big.bin')
    expect(waiting).toMatchObject({ status: 'downloading', transferredBytes: 0, totalBytes: BIG })
    expect(await only()).toMatchObject({ transferredBytes: 0, lastActiveAt: waiting.lastActiveAt })
  })

  test('a download through a symbolic link', async () => {
    symlinkSync('big.bin', join(server.users.carol.home, 'link'))
    download(await ftp('carol'), 'link')
    expect(await only(({ transferredBytes }) => transferredBytes! > 0)).toMatchObject({
      fileName: 'link',
      totalBytes: BIG,
    })
  })

  test('a listing that the client does not take', async () => {
    const client = await raw('dave')
    await client.passive()
    client.send('LIST')
    expect(await only(({ status }) => status === 'listing')).toMatchObject({ command: 'LIST', fileName: null })
  })

  test('FTPS, before and after logon and in a transfer', async () => {
    const early = await raw()
    await early.command('AUTH TLS')
    early.close()
    await until(async () => (await source.list(signal)).length === 0)
    const client = await ftp('carol', { secure: true, secureOptions: { rejectUnauthorized: false } })
    expect(await only()).toMatchObject({ protocol: 'ftps', status: 'idle', login: 'carol' })
    download(client, 'big.bin')
    const session = await only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ protocol: 'ftps', status: 'downloading', totalBytes: BIG })
  })

  test('a download over SFTP, which looks idle between two packets', async () => {
    curl('-u', 'dave:secret', `sftp://127.0.0.1:${server.sftpPort}/big.bin`, '-o', join(server.dir, 'taken'))
    const session = await only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({
      ...{ protocol: 'sftp', status: 'downloading', login: 'dave', domain: 'SFTP host' },
      ...{ fileName: '/big.bin', totalBytes: BIG, ip: '127.0.0.1' },
    })
    const later = await only(({ transferredBytes }) => transferredBytes! > session.transferredBytes!)
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
    const session = await only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({
      ...{ protocol: 'sftp', status: 'uploading', fileName: target.replace('//', '/'), totalBytes: null },
    })
    await only(({ transferredBytes }) => transferredBytes! > session.transferredBytes!)
  })

  test('names that the scoreboard has cut are completed', async () => {
    const directory = 'длинный-каталог-'.repeat(6).slice(0, 100)
    const file = `имя файла ${'и ещё немного '.repeat(8)}.bin`.slice(0, 120)
    mkdirSync(join(server.users.dave.home, directory))
    chownSync(join(server.users.dave.home, directory), server.users.dave.uid, 0)
    const client = await ftp('dave')
    await client.cd(directory)
    expect((await only(({ location }) => location !== '/')).location).toBe(`/${directory}`)
    upload(client, file).write(Buffer.alloc(100))
    const session = await only(({ status }) => status === 'uploading')
    expect(session).toMatchObject({ fileName: file, command: `STOR ${file}`, location: `/${directory}` })
  })

  test('a name that is not UTF-8', async () => {
    const client = await raw('dave')
    const data = await client.begin(Buffer.from('STOR caf\xe9 \x1b[2J.bin', 'latin1'))
    data.write('x')
    const session = await only(({ status }) => status === 'uploading')
    expect(session.fileName).toBe('café ␛[2J.bin')
  })

  test('whose account it is, asked once for each session', async () => {
    const accounts = jest.fn(async (login: string) =>
      login === 'alice' ? ({ type: 'web-user', domain: 'example.org' } as const) : null,
    )
    const asking = proftpd({ scoreboard: server.scoreboard, accounts })
    await ftp('alice')
    const [alice] = await asking.list(signal)
    expect(alice).toMatchObject({ type: 'web-user', domain: 'example.org' })
    expect(accounts).toHaveBeenCalledWith('alice', expect.objectContaining({ domain: 'Main host', ip: '127.0.0.1' }))
    await ftp('bob')
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
    await ftp('alice')
    const [first] = await asking.list(signal)
    expect(first).toMatchObject({ login: 'alice' })
    expect(first).not.toHaveProperty('type')
    expect(first).not.toHaveProperty('domain')
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('the database is away'))
    broken = false
    expect((await asking.list(signal))[0]).toMatchObject({ type: 'domain-user', domain: 'example.org' })
    warned.mockRestore()
  })

  test('ends one session and no other', async () => {
    const [first, second] = [await raw('alice'), await raw('alice')]
    const sessions = await until(async () => {
      const both = await source.list(signal)
      return both.length === 2 && both
    })
    const gone = sessions[0]!
    expect(await source.end(gone, signal)).toBe('asked')
    const closed = await until(() => first.control.closed || second.control.closed)
    expect(closed).toBe(true)
    const left = await only()
    expect(left.key).toBe(sessions[1]!.key)
    const survivor = first.control.closed ? second : first
    expect(await survivor.command('NOOP')).toMatch(/^200/)
    expect(await source.end(gone, signal)).toBe('already-gone')
  })
})
