import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedFtpSession } from '../../../../src/session-source.js'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { Drive } from '../drive.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd, in every state${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let slow: VsftpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startVsftpd()
    slow = await startVsftpd(['local_max_rate=102400'])
    drive = new Drive(server.port, server.alone(vsftpd({ anonymous: [server.anonymousLogin] })))
  })
  afterAll(() => Promise.all([server?.stop(), slow?.stop()]))
  afterEach(() => drive.allGone())

  test('connected and not logged in', async () => {
    const before = Date.now()
    const client = await drive.raw()
    const session = await drive.only(({ ip }) => ip !== null)
    expect(session).toMatchObject({
      ...{ status: 'authenticating', condition: 'normal', login: null, type: null, domain: null, command: null },
      ...{ location: null, fileName: null, transferredBytes: null, totalBytes: null, ip: '127.0.0.1', protocol: null },
    })
    expect(session.key).toMatch(/^[0-9a-f]{12}-\d+-\d+$/)
    expect(session.connectedAt!.getTime()).toBeGreaterThan(before - 2000)
    expect(session.connectedAt!.getTime()).toBeLessThanOrEqual(Date.now())
    await client.command('USER alice')
    await client.command('PASS secret')
    const { key, connectedAt } = await drive.only(({ login }) => login === 'alice')
    expect({ key, connectedAt }).toEqual({ key: session.key, connectedAt: session.connectedAt })
  })

  test('idle, in a directory of its own, and its last command was its last sign of life', async () => {
    const client = await drive.raw('alice')
    await client.command('CWD deep/er dir')
    // vsftpd answers before it says in its title that it is idle.
    const session = await drive.only(({ location, status }) => location === '/deep/er dir' && status === 'idle')
    expect(session).toMatchObject({ status: 'idle', command: null, fileName: null, protocol: 'ftp', type: null })
    expect(Date.now() - session.lastActiveAt!.getTime()).toBeLessThan(30_000)
    expect((await drive.only()).lastActiveAt).toEqual(session.lastActiveAt)
  })

  test('anonymous', async () => {
    const client = await drive.ftp('anonymous')
    const session = await drive.only(({ login }) => login === server.anonymousLogin)
    expect(session).toMatchObject({ type: 'anonymous', location: '/', domain: null })
    drive.download(client, 'big.bin')
    const moving = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(moving).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
  })

  test.each(['STOR', 'APPE'])('an upload by %s counts its bytes one by one', async (command) => {
    const client = await drive.raw('alice')
    const before = await client.begin(`STOR ${command} load.bin`)
    before.end(Buffer.alloc(1000))
    await client.reply()
    const data = await client.begin(`${command} ${command} load.bin`)
    data.write(Buffer.alloc(70))
    const bytes = command === 'APPE' ? 1070 : 70
    expect(await drive.only(({ transferredBytes }) => transferredBytes === bytes)).toMatchObject({
      ...{ status: 'uploading', command: `${command} ${command} load.bin`, fileName: `${command} load.bin` },
      totalBytes: null,
    })
    data.end()
    await client.reply()
    expect(await drive.only(({ status }) => status === 'idle')).toMatchObject({
      fileName: null,
      transferredBytes: null,
    })
  })

  test('an upload under a name that the server chose', async () => {
    const client = await drive.raw('alice')
    const data = await client.begin('STOU')
    data.write(Buffer.alloc(5000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 5000)
    expect(session).toMatchObject({ status: 'uploading', command: 'STOU', fileName: expect.stringMatching(/^STOU/) })
  })

  test('a download through sendfile(2) is as far as the client has received it', async () => {
    const client = await drive.raw('alice')
    const data = await client.begin('RETR big.bin')
    const stalled = await drive.only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(stalled).toMatchObject({ status: 'downloading', command: 'RETR big.bin', totalBytes: BIG })
    expect(stalled.transferredBytes).toBeLessThan(BIG)
    let received = 0
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > 200_000) data.pause()
    })
    data.resume()
    const near = await drive.only(({ transferredBytes }) => received > 200_000 && transferredBytes! >= received)
    expect(near.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  test('a resumed download through sendfile(2) counts what it was resumed with, once it is seen to move', async () => {
    const client = await drive.raw('alice')
    await client.command('REST 1000000')
    const data = await client.begin('RETR big.bin')
    const first = await drive.only(({ status }) => status === 'downloading')
    expect(first.transferredBytes).toBeNull()
    let received = 0
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > 3_000_000) data.pause()
    })
    data.resume()
    const moved = await drive.only(({ transferredBytes }) => transferredBytes! >= 1_000_000 + received)
    expect(moved.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  test('a resumed download that the server slows down counts what it was resumed with', async () => {
    const slowly = new Drive(slow.port, slow.alone(vsftpd()))
    slowly.download(await slowly.ftp('carol'), 'big.bin', 4 << 20)
    const session = await slowly.only(({ transferredBytes }) => transferredBytes! > 4 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes).toBeLessThan(5 << 20)
    await slowly.allGone()
  })

  test('a download through a symbolic link has its own name', async () => {
    symlinkSync('big.bin', join(server.users.alice.home, 'link'))
    drive.download(await drive.ftp('alice'), 'link')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ fileName: 'link', totalBytes: BIG })
  })

  test('a download whose client does not take the data has moved nothing', async () => {
    const client = await drive.raw('alice')
    await client.passive()
    client.send('RETR big.bin')
    const isDownloading = ({ status, transferredBytes }: ListedFtpSession) =>
      status === 'downloading' && transferredBytes !== null
    expect(await drive.only(isDownloading)).toMatchObject({ transferredBytes: 0 })
  })

  test('a listing that the client does not take', async () => {
    const client = await drive.raw('alice')
    await client.passive()
    client.send('LIST')
    expect(await drive.only(({ status }) => status === 'listing')).toMatchObject({ command: 'LIST', fileName: null })
  })

  test('FTPS, before and after logon and in transfers', async () => {
    const early = await drive.raw()
    await early.command('AUTH TLS')
    expect(await drive.only()).toMatchObject({ status: 'authenticating', protocol: null })
    await drive.allGone()
    const client = await drive.ftp('alice', { secure: true, secureOptions: { rejectUnauthorized: false } })
    const idle = await drive.only(({ protocol, status }) => protocol === 'ftps' && status === 'idle')
    expect(idle).toMatchObject({ login: 'alice', location: '/' })
    drive.download(client, 'big.bin')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ protocol: 'ftps', status: 'downloading', totalBytes: BIG })
    expect(session.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  test('names beyond ASCII, which the title does not have', async () => {
    const name = 'Загрузка "файл" <a&b>|c.bin'
    drive.upload(await drive.ftp('alice'), name).write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({
      fileName: name,
      command: `STOR ${name}`,
    })
    await drive.allGone()
    const client = await drive.raw('alice')
    const data = await client.begin(Buffer.from('STOR gr\xf6\xdfe.bin', 'latin1'))
    data.write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({ fileName: 'größe.bin' })
  })

  test('a file that calls itself a login', async () => {
    const client = await drive.raw('carol')
    const data = await client.begin('STOR a: RETR b')
    data.write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({
      login: 'carol',
      fileName: 'a: RETR b',
    })
  })

  test('those that outlive a crash of their server are orphans, and can be ended', async () => {
    const crashing = await startVsftpd()
    const source = vsftpd()
    const crashed = new Drive(crashing.port, crashing.alone(source))
    try {
      await crashed.raw('alice')
      const { key } = await crashed.only(({ login }) => login === 'alice')
      await crashing.crash()
      const signal = new AbortController().signal
      const orphan = (await source.list(signal)).find((session) => session.key === key)!
      expect(orphan).toMatchObject({ condition: 'orphaned', login: 'alice', status: 'idle' })
      expect(await source.end(orphan, signal, () => source.list(signal))).toBe('asked')
    } finally {
      await crashing.stop()
    }
  })
})
