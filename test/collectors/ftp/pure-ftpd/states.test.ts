import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { Drive } from '../drive.js'

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd, in every state${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startPureFtpd()
    drive = new Drive(server.port, server.alone(pureFtpd({ program: pureFtpwho })))
  })
  afterAll(() => server?.stop())
  afterEach(() => drive.allGone())

  test('connected and not logged in', async () => {
    const before = Date.now()
    const client = await drive.raw()
    const session = await drive.only()
    expect(session).toMatchObject({
      ...{ status: 'authenticating', condition: 'normal', login: null, type: null, domain: null, command: null },
      ...{ location: null, fileName: null, transferredBytes: null, totalBytes: null, ip: '127.0.0.1', protocol: null },
    })
    expect(session.key).toMatch(/^[0-9a-f]{12}-\d+-\d+$/)
    expect(session.connectedAt!.getTime()).toBeGreaterThan(before - 2000)
    expect(session.connectedAt!.getTime()).toBeLessThanOrEqual(Date.now())
    await client.command('USER alice')
    expect(await drive.only()).toMatchObject({ status: 'authenticating', login: null, key: session.key })
  })

  test('idle, in a directory of its own, and its last command was its last sign of life', async () => {
    const client = await drive.raw('alice')
    const { key, connectedAt, lastActiveAt } = await drive.only(({ login }) => login === 'alice')
    await client.command('CWD deep/er dir')
    const session = await drive.only(({ location }) => location === '/deep/er dir')
    expect(session).toMatchObject({ key, connectedAt, status: 'idle', command: null, fileName: null })
    expect(session).toMatchObject({ transferredBytes: null, totalBytes: null, type: null })
    expect(session.lastActiveAt!.getTime()).toBeGreaterThanOrEqual(lastActiveAt!.getTime())
    // Nothing was done since, so nothing has changed.
    expect((await drive.only()).lastActiveAt).toEqual(session.lastActiveAt)
  })

  test('an upload counts its bytes one by one', async () => {
    const content = drive.upload(await drive.ftp('dave'), 'deep/up load.bin')
    content.write(Buffer.alloc(12_345))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 12_345)
    expect(session).toMatchObject({
      status: 'uploading',
      fileName: 'deep/up load.bin',
      totalBytes: null,
      location: '/',
    })
    content.write(Buffer.alloc(5))
    const later = await drive.only(({ transferredBytes }) => transferredBytes === 12_350)
    expect(later.lastActiveAt!.getTime()).toBeGreaterThanOrEqual(session.lastActiveAt!.getTime())
    content.end()
    expect(await drive.only(({ status }) => status === 'idle')).toMatchObject({
      fileName: null,
      transferredBytes: null,
    })
  })

  test('a resumed upload counts what was there', async () => {
    const client = await drive.raw('dave')
    const half = await client.begin('STOR half.bin')
    half.end(Buffer.alloc(1000))
    await client.reply()
    const data = await client.begin('APPE half.bin')
    data.write(Buffer.alloc(70))
    expect(await drive.only(({ transferredBytes }) => transferredBytes === 1070)).toMatchObject({ status: 'uploading' })
  })

  test('a download is as far as the client has received it, not as far as the server has read', async () => {
    const client = await drive.raw('dave')
    const data = await client.begin('RETR big.bin')
    const stalled = await drive.only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(stalled).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(stalled.transferredBytes).toBeLessThan(1 << 20)
    let received = 0
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > 200_000) data.pause()
    })
    data.resume()
    const near = await drive.only(({ transferredBytes }) => received > 200_000 && transferredBytes! >= received)
    expect(near.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  test('a resumed download counts what it was resumed with', async () => {
    const client = await drive.ftp('carol')
    drive.download(client, 'big.bin', 4 << 20)
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 4 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes).toBeLessThan(5 << 20)
  })

  test('a download through a symbolic link has its own name', async () => {
    symlinkSync('big.bin', join(server.users.carol.home, 'link'))
    drive.download(await drive.ftp('carol'), 'link')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ fileName: 'link', totalBytes: BIG })
  })

  test('over TLS', async () => {
    const client = await drive.ftp('carol', { secure: true, secureOptions: { rejectUnauthorized: false } })
    await client.cd('deep')
    expect(await drive.only(({ location }) => location === '/deep')).toMatchObject({ login: 'carol', protocol: null })
    drive.download(client, '../big.bin')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ status: 'downloading', fileName: '../big.bin', totalBytes: BIG })
  })

  test('a listing that the client does not take looks idle: Pure-FTPd does not tell', async () => {
    const client = await drive.raw('dave')
    await client.passive()
    client.send('LIST')
    const session = await drive.only()
    expect(session).toMatchObject({ status: 'idle', login: 'dave' })
    // Its client may go, and it would wait on for minutes.
    client.close()
    expect(await drive.end(session)).toBe('asked')
  })

  test('names with bars, quotes and markup, in any alphabet and none', async () => {
    const name = 'Загрузка "файл" <a&b>|c.bin'
    drive.upload(await drive.ftp('dave'), name).write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({ fileName: name })
    await drive.allGone()
    const client = await drive.raw('dave')
    const data = await client.begin(Buffer.from('STOR gr\xf6\xdfe.bin', 'latin1'))
    data.write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({ fileName: 'größe.bin' })
  })

  test('a long directory, whole', async () => {
    const directory = 'длинный-каталог-'.repeat(7)
    mkdirSync(join(server.users.dave.home, directory), { mode: 0o777 })
    await (await drive.ftp('dave')).cd(directory)
    await drive.only(({ location }) => location === `/${directory}`)
  })

  test('whose account it is, asked once for each session', async () => {
    const accounts = jest.fn(async (login: string) =>
      login === 'alice' ? ({ type: 'web-user', domain: 'example.org' } as const) : null,
    )
    const asking = new Drive(
      server.port,
      server.alone(pureFtpd({ program: pureFtpwho, accounts, anonymous: ['carol'] })),
    )
    for (const login of ['alice', 'carol', 'dave']) await drive.raw(login)
    for (let look = 0; look < 2; look++) {
      const sessions = await asking.count(3)
      const types = Object.fromEntries(sessions.map(({ login, type, domain }) => [login, [type, domain]]))
      expect(types).toEqual({
        alice: ['web-user', 'example.org'],
        carol: ['anonymous', null],
        dave: ['not-registered', null],
      })
    }
    // Other sessions of this machine may be asked for, too.
    expect(accounts.mock.calls.filter(([login]) => login === 'alice')).toHaveLength(1)
  })

  test('those that outlive a crash of their server are orphans, and can be ended', async () => {
    const crashing = await startPureFtpd()
    const source = pureFtpd({ program: pureFtpwho })
    const crashed = new Drive(crashing.port, crashing.alone(source))
    try {
      await crashed.raw('alice')
      const { key } = await crashed.only(({ login }) => login === 'alice')
      await crashing.crash()
      const signal = new AbortController().signal
      const orphan = (await source.list(signal)).find((session) => session.key === key)!
      expect(orphan).toMatchObject({ condition: 'orphaned', login: 'alice', status: 'idle', location: '/' })
      expect(await source.end(orphan, signal, () => source.list(signal))).toBe('asked')
    } finally {
      await crashing.stop()
    }
  })
})
