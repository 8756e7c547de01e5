import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proftpd } from '../../../src/collectors/ftp/proftpd/proftpd.js'
import { pureFtpd } from '../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { vsftpd } from '../../../src/collectors/ftp/vsftpd/vsftpd.js'
import type { FtpSource } from '../../../src/session-source.js'
import { BIG } from '../../servers/ftp-home.js'
import { proftpdMissing, startProftpd } from '../../servers/proftpd.js'
import { pureFtpdMissing, pureFtpwho, startPureFtpd } from '../../servers/pure-ftpd.js'
import { startVsftpd, vsftpdMissing } from '../../servers/vsftpd.js'
import { Drive } from './drive.js'

interface Started {
  port: number
  source: FtpSource
  /** The same with what it leaves out: other servers of its kind, and sessions whose server has gone. */
  all: FtpSource
  /** alice's, in which `big.bin` and `deep/er dir` are. */
  home: string
  /** Kills the server's own process and nothing else. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** What a server tells of a session beside what all of them tell; null where it does not. */
interface Tells {
  domain: string | null
  /** Whether the command is told that moves a file. */
  command: boolean
  /** The protocol before logon, after it, and over TLS. */
  protocol: { before: string | null; after: string | null; tls: string | null }
  /** The status of a session whose client does not take a listing. */
  listing: 'listing' | 'idle'
}

const servers: { name: string; missing: string | null; tells: Tells; start(): Promise<Started> }[] = [
  {
    name: 'ProFTPD',
    missing: proftpdMissing,
    tells: {
      domain: 'Main host',
      command: true,
      protocol: { before: 'ftp', after: 'ftp', tls: 'ftps' },
      listing: 'listing',
    },
    async start() {
      const server = await startProftpd()
      const source = proftpd({ scoreboard: server.scoreboard })
      return { ...server, source, all: source, home: server.users.alice.home }
    },
  },
  {
    name: 'Pure-FTPd',
    missing: pureFtpdMissing,
    tells: { domain: null, command: false, protocol: { before: null, after: null, tls: null }, listing: 'idle' },
    async start() {
      const server = await startPureFtpd()
      const all = pureFtpd({ program: pureFtpwho })
      return { ...server, source: server.alone(all), all, home: server.users.alice.home }
    },
  },
  {
    name: 'vsftpd',
    missing: vsftpdMissing,
    tells: {
      domain: null,
      command: true,
      protocol: { before: null, after: 'ftp', tls: 'ftps' },
      listing: 'listing',
    },
    async start() {
      const server = await startVsftpd()
      const all = vsftpd()
      return { ...server, source: server.alone(all), all, home: server.users.alice.home }
    },
  },
]

/** What has to be the same of each of them; what only one has is in its own `states.test.ts`. */
describe.each(servers)('a real $name, in every state', ({ missing, tells, start }) => {
  const testHere = missing ? test.skip : test
  const command = (line: string | null) => (tells.command ? line : null)
  let server: Started
  let drive: Drive
  beforeAll(async () => {
    if (missing) return
    server = await start()
    drive = new Drive(server.port, server.source)
  })
  afterAll(() => server?.stop())
  afterEach(() => drive?.allGone())

  testHere('connected and not logged in', async () => {
    const before = Date.now()
    const client = await drive.raw()
    const session = await drive.only(({ ip }) => ip !== null)
    expect(session).toMatchObject({
      ...{ status: 'authenticating', condition: 'normal', login: null, type: null, command: null, ip: '127.0.0.1' },
      ...{ location: null, fileName: null, transferredBytes: null, totalBytes: null },
      ...{ domain: tells.domain, protocol: tells.protocol.before },
    })
    expect(session.key).toMatch(/^[0-9a-f]{12}-\d+-\d+$/)
    expect(session.connectedAt!.getTime()).toBeGreaterThan(before - 2000)
    expect(session.connectedAt!.getTime()).toBeLessThanOrEqual(Date.now())
    await client.command('USER alice')
    expect(await drive.only()).toMatchObject({ status: 'authenticating', login: null, key: session.key })
    await client.command('PASS secret')
    const { key, connectedAt } = await drive.only(({ login }) => login === 'alice')
    expect({ key, connectedAt }).toEqual({ key: session.key, connectedAt: session.connectedAt })
  })

  testHere('idle, in a directory of its own, and its last command was its last sign of life', async () => {
    const client = await drive.raw('alice')
    await client.command('CWD deep/er dir')
    const session = await drive.only(({ location, status }) => location === '/deep/er dir' && status === 'idle')
    expect(session).toMatchObject({
      ...{ login: 'alice', type: null, domain: tells.domain, protocol: tells.protocol.after },
      ...{ command: null, fileName: null, transferredBytes: null, totalBytes: null },
    })
    expect(Date.now() - session.lastActiveAt!.getTime()).toBeGreaterThanOrEqual(0)
    expect(Date.now() - session.lastActiveAt!.getTime()).toBeLessThan(30_000)
    // Nothing was done since, so nothing has changed.
    expect((await drive.only()).lastActiveAt).toEqual(session.lastActiveAt)
  })

  testHere.each(['STOR', 'APPE'])('an upload by %s counts its bytes one by one', async (verb) => {
    const client = await drive.raw('alice')
    // Whatever the upload before has left is not this one's.
    const first = await client.begin(`STOR ${verb} before.bin`)
    first.end(Buffer.alloc(300_000))
    await client.reply()
    const there = verb === 'APPE' ? 1000 : 0
    if (there > 0) {
      const whole = await client.begin('STOR deep/up load.bin')
      whole.end(Buffer.alloc(there))
      await client.reply()
    }
    const data = await client.begin(`${verb} deep/up load.bin`)
    data.write(Buffer.alloc(70))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === there + 70)
    expect(session).toMatchObject({
      ...{ status: 'uploading', fileName: 'deep/up load.bin', totalBytes: null, location: '/' },
      command: command(`${verb} deep/up load.bin`),
    })
    data.write(Buffer.alloc(5))
    const later = await drive.only(({ transferredBytes }) => transferredBytes === there + 75)
    expect(later.lastActiveAt!.getTime()).toBeGreaterThanOrEqual(session.lastActiveAt!.getTime())
    data.end()
    await client.reply()
    expect(await drive.only(({ status }) => status === 'idle')).toMatchObject({
      ...{ fileName: null, transferredBytes: null, command: null },
    })
  })

  testHere('a download is as far as the client has received it, not as far as the server has read', async () => {
    const client = await drive.raw('alice')
    const data = await client.begin('RETR big.bin')
    const stalled = await drive.only(({ transferredBytes }) => Boolean(transferredBytes))
    expect(stalled).toMatchObject({
      ...{ status: 'downloading', fileName: 'big.bin', totalBytes: BIG },
      command: command('RETR big.bin'),
    })
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

  testHere('a download through a symbolic link has its own name', async () => {
    symlinkSync('big.bin', join(server.home, 'link'))
    drive.download(await drive.ftp('alice'), 'link')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({ fileName: 'link', totalBytes: BIG })
  })

  testHere('a listing that the client does not take', async () => {
    writeFileSync(join(server.home, 'one more'), '')
    const client = await drive.raw('alice')
    await client.passive()
    client.send('LIST')
    const session = await drive.only(({ status, login }) => login === 'alice' && status === tells.listing)
    expect(session).toMatchObject({ fileName: null, transferredBytes: null })
    // Its client may go, and it would wait on for minutes.
    client.close()
    expect(await drive.end(session)).toBe('asked')
  })

  testHere('over TLS, before and after logon and in a transfer', async () => {
    const early = await drive.raw()
    await early.command('AUTH TLS')
    expect(await drive.only()).toMatchObject({ status: 'authenticating', login: null })
    await drive.allGone()
    const client = await drive.ftp('alice', { secure: true, secureOptions: { rejectUnauthorized: false } })
    await client.cd('deep')
    const idle = await drive.only(({ location, status }) => location === '/deep' && status === 'idle')
    expect(idle).toMatchObject({ login: 'alice', protocol: tells.protocol.tls })
    drive.download(client, '../big.bin')
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(session).toMatchObject({
      ...{ protocol: tells.protocol.tls, status: 'downloading', fileName: '../big.bin', totalBytes: BIG },
    })
    expect(session.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  testHere.each<[string, string | Buffer, string]>([
    ['bars, quotes and markup, in any alphabet', 'Загрузка "файл" <a&b>|c.bin', 'Загрузка "файл" <a&b>|c.bin'],
    ['what is not UTF-8', Buffer.from('gr\xf6\xdfe.bin', 'latin1'), 'größe.bin'],
    ['what looks like a server’s own word', 'a: RETR b', 'a: RETR b'],
    ['several blanks', 'two  words   of a "name".bin', 'two  words   of a "name".bin'],
    ['a word in quotation marks', '"whole name".bin', '"whole name".bin'],
  ])('a file name of %s', async (_, name, fileName) => {
    const client = await drive.raw('alice')
    const data = await client.begin(Buffer.concat([Buffer.from('STOR '), Buffer.from(name)]))
    data.write('x')
    expect(await drive.only(({ status }) => status === 'uploading')).toMatchObject({ login: 'alice', fileName })
  })

  testHere('one of two ends, and the other goes on', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('alice')]
    const [one, other] = await drive.count(2)
    expect(await drive.end(one!)).toBe('asked')
    expect((await drive.only()).key).toBe(other!.key)
    const answers = await Promise.all(clients.map((client) => client.command('NOOP').catch(() => '')))
    expect(answers.filter((answer) => answer.startsWith('200'))).toHaveLength(1)
    expect(await drive.end(one!)).toBe('already-gone')
  })

  testHere('those that outlive a crash of their server are orphans, and can be ended', async () => {
    const crashing = await start()
    try {
      const crashed = new Drive(crashing.port, crashing.source)
      await crashed.raw('alice')
      const { key } = await crashed.only(({ login }) => login === 'alice')
      await crashing.crash()
      const { signal } = new AbortController()
      const orphan = (await crashing.all.list(signal)).find((session) => session.key === key)!
      expect(orphan).toMatchObject({ condition: 'orphaned', login: 'alice', status: 'idle', location: '/' })
      expect(await crashing.all.end(orphan, signal, () => crashing.all.list(signal))).toBe('asked')
    } finally {
      await crashing.stop()
    }
  })
})
