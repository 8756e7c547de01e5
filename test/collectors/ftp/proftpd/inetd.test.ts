import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../../../src/cli/run-command.js'
import { RemovalRefused, type FtpSource, type ListedFtpSession } from '../../../../src/session-source.js'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import type { SessionIdentity } from '../../../../src/collectors/ftp/proftpd/end-proftpd-session.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { xinetdMissing } from '../../../servers/inetd.js'
import { isRunning, proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { inNamespace, makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { thorough } from '../../../thorough.js'
import { RawClient } from './raw-client.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const { signal } = new AbortController()
const SOURCE = 'proftpd/proftpd.js#proftpd'
const identityOf = ({ handle }: ListedFtpSession) => handle as SessionIdentity
const fresh = (server: ProftpdServer, options: object = {}) => proftpd({ scoreboard: server.scoreboard, ...options })
const failure = (source: FtpSource) =>
  source.list(signal).then(
    (sessions) => JSON.stringify(sessions),
    (error: Error) => error.message,
  )
/** Its sessions, once there are so many, each with its login. */
const listed = (source: FtpSource, logins: (string | null)[]) =>
  until(async () => {
    const sessions = await source.list(signal)
    return JSON.stringify(sessions.map(({ login }) => login).sort()) === JSON.stringify([...logins].sort()) && sessions
  })
const entriesIn = ({ scoreboard }: ProftpdServer) =>
  existsSync(scoreboard) ? [...readEntries(readFileSync(scoreboard))] : []

const missing = proftpdMissing ?? xinetdMissing
const describeReal = missing ? describe.skip : describe
const because = missing ? ` (${missing})` : ''

const inetds = ['xinetd', 'accept'] as const
describe.each(thorough ? inetds : inetds.slice(0, 1))('ProFTPD that is started for each connection, by %s', (inetd) => {
  describeReal(`for real${because}`, () => {
    let server: ProftpdServer
    let nobody: Unprivileged
    const clients: RawClient[] = []
    beforeAll(async () => {
      server = await startProftpd([], { inetd })
      nobody = makeUnprivileged()
    })
    afterAll(async () => {
      nobody?.remove()
      await server?.stop()
    })
    afterEach(async () => {
      clients.splice(0).forEach((client) => client.close())
      await until(() => entriesIn(server).every(({ pid }) => !isRunning(pid)))
    })

    async function connected(login?: string, to = server): Promise<RawClient> {
      const client = await RawClient.connect(to.port, login)
      clients.push(client)
      return client
    }

    test('its sessions are listed, also before the logon, and exactly the one that is meant is ended', async () => {
      const source = fresh(server)
      const [alice, dave, waiting] = [await connected('alice'), await connected('dave'), await connected()]
      const data = await alice.begin('STOR sent.bin')
      data.write(Buffer.alloc(4096))
      await listed(source, ['alice', 'dave', null])
      const sessions = await until(async () => {
        const all = await source.list(signal)
        return all.some(({ transferredBytes }) => transferredBytes === 4096) && all
      })
      const common = { ip: '127.0.0.1', condition: 'normal', protocol: 'ftp', domain: 'Main host' }
      expect(new Map(sessions.map((one) => [one.login, one]))).toMatchObject(
        new Map([
          ['alice', { ...common, status: 'uploading', fileName: 'sent.bin', location: '/' }],
          ['dave', { ...common, status: 'idle' }],
          [null, { ...common, status: 'authenticating' }],
        ]),
      )
      expect(processStat(identityOf(sessions[0]!).pid)!.comm).toBe('in.proftpd')

      const uploads = sessions.find(({ login }) => login === 'alice')!
      expect(await source.end(uploads, signal, () => source.list(signal))).toBe('asked')
      await until(() => alice.control.closed)
      const before = sessions.find(({ login }) => login === null)!
      expect(await source.end(before, signal, () => source.list(signal))).toBe('asked')
      await until(() => waiting.control.closed)
      expect(await dave.command('NOOP')).toMatch(/^200/)
      expect(await listed(source, ['dave'])).toHaveLength(1)
      expect(await source.end(uploads, signal, () => source.list(signal))).toBe('already-gone')
    })

    test('one that is stopped is ended by force', async () => {
      const source = fresh(server)
      const client = await connected('alice')
      const [session] = await listed(source, ['alice'])
      await stopped(identityOf(session!).pid)
      expect(await source.byForce!.end(session!, signal, () => source.list(signal))).toBe('asked')
      await until(() => client.control.closed)
      await listed(source, [])
      // Nobody but ftpscrub takes the entry away.
      execFileSync('ftpscrub', ['-f', server.scoreboard])
    })

    test('who is not root lists them, and ends them through sudo alone', async () => {
      const endHelper = nobody.allowEnding()
      const [alice, dave] = [await connected('alice'), await connected('dave')]
      await listed(fresh(server), ['alice', 'dave'])
      const options = { scoreboard: server.scoreboard }
      const first = await nobody.run(SOURCE, options, 'alice')
      expect(first.sessions).toHaveLength(2)
      expect(first.sessions).toContainEqual(expect.objectContaining({ login: 'dave', condition: 'normal' }))
      expect(first.end).toMatch(/^RemovalRefused: This back office \(uid 65534\) is not allowed/)
      expect((await nobody.run(SOURCE, { ...options, endHelper }, 'alice')).end).toBe('asked')
      await until(() => alice.control.closed)
      expect(await dave.command('NOOP')).toMatch(/^200/)
    })

    test('the program for sudo ends one that has not logged in, and nothing that only has its scoreboard', async () => {
      const helper = nobody.allowEnding()
      const waiting = await connected()
      const [session] = await listed(fresh(server), [null])
      const { pid, startTicks } = identityOf(session!)
      const run = (...args: number[]) => spawnSync(helper, args.map(String), { encoding: 'utf8' })
      expect(run(server.pid, processStat(server.pid)!.startTicks)).toMatchObject({ status: 4 })
      expect(run(pid, startTicks + 1)).toMatchObject({ status: 3 })
      expect(run(pid, startTicks)).toMatchObject({ status: 0, stderr: '' })
      await until(() => waiting.control.closed)
    })

    test('whose scoreboard was deleted, they are listed from that and from the new one', async () => {
      const source = fresh(server)
      const alice = await connected('alice')
      await listed(source, ['alice'])
      rmSync(server.scoreboard)
      await connected('dave')
      const sessions = await listed(source, ['alice', 'dave'])
      expect(sessions).toMatchObject([{ condition: 'normal' }, { condition: 'normal' }])
      const session = sessions.find(({ login }) => login === 'alice')!
      expect(await source.end(session, signal, () => source.list(signal))).toBe('asked')
      await until(() => alice.control.closed)
    })

    test('under a scoreboard that a crashed server left, they are no orphans', async () => {
      const source = fresh(server)
      const left = () => writeFileSync(server.scoreboard, scoreboardBytes({ masterPid: 2 ** 22 + 1 }, []))
      left()
      // Nobody has been seen in it: it may be that the server should run, and does not.
      expect(await failure(source)).toMatch(
        /^ProFTPD does not run: .*If inetd or systemd starts it for each connection, delete that file/,
      )
      const client = await connected('alice')
      expect(await listed(source, ['alice'])).toMatchObject([{ condition: 'normal' }])
      expect(await nobody.run(SOURCE, { scoreboard: server.scoreboard })).toMatchObject({
        sessions: [{ login: 'alice', condition: 'normal' }],
      })
      client.close()
      await listed(source, [])
      rmSync(server.scoreboard)
    })

    test('one that was seen is the same when the clock has been set forward, by which it is too young', async () => {
      const source = fresh(server)
      await connected('alice')
      const [before] = await listed(source, ['alice'])
      const file = readFileSync(server.scoreboard)
      // The time at which it began, as scoreboard.ts has it.
      file.writeBigInt64LE(BigInt(Math.floor(Date.now() / 1000) - 600), 32 + 624 * identityOf(before!).slot + 584)
      writeFileSync(server.scoreboard, file)
      expect(await source.list(signal)).toMatchObject([{ key: before!.key, login: 'alice', condition: 'normal' }])
    })

    test('probe shows them, and what is missing', async () => {
      await connected('alice')
      await listed(fresh(server), ['alice'])
      let out = ''
      const write = (text: string) => void (out += text)
      const args = ['probe', 'proftpd', '--scoreboard', server.scoreboard, '--once']
      expect(await runCommand(args, { out: { write }, error: { write }, signal })).toBe(0)
      expect(out).toMatch(/^proftpd \(ftp\): 1 session, at /)
      expect(out).toMatch(/^alice +idle +Main host +127\.0\.0\.1 +ftp /m)
    })

    test('that nobody is there is believed of an empty scoreboard, and of none, nor of entries without a process', async () => {
      rmSync(server.scoreboard, { force: true })
      expect(await failure(fresh(server))).toMatch(
        /^There is no scoreboard at .*Where inetd or systemd starts ProFTPD for each connection, the first one makes it/,
      )
      const client = await connected('alice')
      const source = fresh(server)
      const [session] = await listed(source, ['alice'])
      process.kill(identityOf(session!).pid, 'SIGKILL')
      // Who saw it live knows that it was of this namespace, and that it has gone.
      await listed(source, [])
      const message = await failure(fresh(server))
      expect(message).toMatch(/has sessions, and none of their processes runs here.*share its PID namespace/)
      expect(message).toContain(`ftpscrub -f ${server.scoreboard}`)
      execFileSync('ftpscrub', ['-f', server.scoreboard])
      expect(await failure(fresh(server))).toBe('[]')
      // One of an earlier boot, whose scoreboard was not in memory.
      writeFileSync(server.scoreboard, scoreboardBytes({ masterPid: 0 }, [{ pid: 2 ** 22 + 1 }]))
      expect(await failure(fresh(server))).toBe('[]')
      client.close()
    })

    test('seen from another PID namespace: the source fails, and nobody is ended', async () => {
      const alice = await connected('alice')
      await listed(fresh(server), ['alice'])
      const options = { scoreboard: server.scoreboard }
      const { sessions, end, error } = await nobody.run(SOURCE, options, 'alice', { within: inNamespace })
      expect({ sessions, end }).toEqual({})
      expect(error).toMatch(/has sessions, and none of their processes runs here.*share its PID namespace/)
      expect(await alice.command('NOOP')).toMatch(/^200/)
    })

    test('nobody can be kept out, and it is said why', async () => {
      await connected('alice')
      const source = fresh(server, { controls: { socket: server.controls } })
      const notes = { get: async () => null, set: async () => undefined, all: async () => new Map<string, unknown>() }
      const stop = new AbortController()
      void source.start!({ changed: () => undefined, isHeld: () => false, notes }, stop.signal)
      const hold = { by: 'login' as const, value: 'alice', until: new Date(Date.now() + 60_000) }
      const why = /ProFTPD is started for each connection here, .* no process that ftpdctl could speak to/
      await expect(source.keepOut!.apply([hold], signal)).rejects.toThrow(why)
      expect(await source.missingRights!(signal)).toEqual([expect.stringMatching(why)])
      stop.abort()
    })
  })
})

describeReal(`several ProFTPDs on one host${because}`, () => {
  const servers: ProftpdServer[] = []
  let nobody: Unprivileged
  const clients: RawClient[] = []
  beforeAll(async () => {
    nobody = makeUnprivileged()
    servers.push(
      await startProftpd([], { inetd: 'xinetd' }),
      await startProftpd([], { inetd: 'accept' }),
      await startProftpd(),
    )
    for (const { port } of servers)
      for (const login of ['alice', 'dave']) clients.push(await RawClient.connect(port, login))
  })
  afterAll(async () => {
    nobody?.remove()
    clients.forEach((client) => client.close())
    for (const server of servers) await server.stop()
  })

  test('each source lists its own, whoever asks, and ends none of another', async () => {
    const sources = servers.map((server) => fresh(server))
    const own = await Promise.all(sources.map((source) => listed(source, ['alice', 'dave'])))
    for (const [i, server] of servers.entries()) {
      expect(own[i]!.map((one) => identityOf(one).pid).sort()).toEqual(
        entriesIn(server)
          .map(({ pid }) => pid)
          .sort(),
      )
      const { sessions } = await nobody.run(SOURCE, { scoreboard: server.scoreboard })
      expect(sessions!.map((one) => (one as ListedFtpSession).key).sort()).toEqual(own[i]!.map(({ key }) => key).sort())
      for (const [j, others] of own.entries()) {
        if (i === j) continue
        // In the place of one of its own.
        const { scoreboard, file, slot } = identityOf(own[i]![0]!)
        const forged = { ...others[0]!, handle: { ...identityOf(others[0]!), scoreboard, file, slot } }
        await expect(sources[i]!.end(forged, signal, () => sources[i]!.list(signal))).rejects.toThrow(RemovalRefused)
      }
    }
    for (const client of clients) expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('with entries of one in the scoreboard of another, nobody is taken for its session, and nobody is ended', async () => {
    const [first, second] = servers as [ProftpdServer, ProftpdServer]
    const file = join(first.dir, 'forged')
    writeFileSync(file, readFileSync(second.scoreboard))
    const source = proftpd({ scoreboard: file })
    expect(await failure(source)).toMatch(/has sessions, and none of their processes runs here/)
    const [session] = await listed(fresh(second), ['alice', 'dave'])
    const slot = { scoreboard: file, file: '0:0' }
    await expect(
      source.end({ ...session!, handle: { ...identityOf(session!), ...slot } }, signal, () => source.list(signal)),
    ).rejects.toThrow(RemovalRefused)
    expect(isRunning(identityOf(session!).pid)).toBe(true)
  })
})

describe.each([['a server', undefined] as const, ...(thorough ? [['xinetd', 'xinetd'] as const] : [])])(
  'a ProFTPD that keeps no scoreboard, started by %s',
  (_, inetd) => {
    describeReal(`for real${because}`, () => {
      test.each(['none', 'off', '/dev/null'])(
        'ScoreboardFile %s: the source fails, and says what to set',
        async (value) => {
          const server = await startProftpd([`ScoreboardFile ${value}`], { inetd })
          const client = await RawClient.connect(server.port, 'alice')
          try {
            const what = /ScoreboardFile.*(off|none).*\/dev\/null.*set it to a file/i
            expect(await failure(fresh(server))).toMatch(what)
            expect(await failure(proftpd({ scoreboard: '/dev/null' }))).toMatch(what)
            // One that was left behind from before it was switched off.
            for (const masterPid of [0, 2 ** 22 + 1]) {
              writeFileSync(server.scoreboard, scoreboardBytes({ masterPid }, []))
              expect(await failure(fresh(server))).toMatch(what)
            }
            expect(await client.command('NOOP')).toMatch(/^200/)
          } finally {
            client.close()
            await server.stop()
          }
        },
      )
    })
  },
)
