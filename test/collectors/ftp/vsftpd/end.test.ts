import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, processStat } from '../../../../src/collectors/ftp/os/proc.js'
import {
  endSession,
  type VsftpdMachine,
  type SessionIdentity,
} from '../../../../src/collectors/ftp/vsftpd/end-vsftpd-session.js'
import type { LiveSession, Titled } from '../../../../src/collectors/ftp/vsftpd/live-vsftpd-sessions.js'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { childrenOf } from '../../../servers/tree.js'
import { programOf } from '../../../servers/unpacked.js'
import { until } from '../../../until.js'
import { Drive } from '../drive.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`ending a session of a real vsftpd${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startVsftpd()
    drive = new Drive(server.port, server.alone(vsftpd()))
  })
  afterAll(() => server?.stop())
  afterEach(() => drive.allGone())

  test('ends that one and no other, and says when it has gone already', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('alice'), await drive.raw()]
    const sessions = await drive.count(3)
    const gone = sessions.find(({ login }) => login === 'alice')!
    expect(await drive.end(gone)).toBe('asked')
    await until('one client sees it', () => clients.some(({ control }) => control.closed))
    expect((await drive.count(2)).map(({ key }) => key)).not.toContain(gone.key)
    expect(await drive.end(gone)).toBe('already-gone')
    for (const client of clients.filter(({ control }) => !control.closed))
      expect(await client.command('NOOP')).toMatch(/^(200|530)/)
  })

  test.each([
    ['plain', {}],
    ['over TLS', { secure: true, secureOptions: { rejectUnauthorized: false } }],
  ])('ends an upload, %s, of which the half stays', async (name, options) => {
    const content = drive.upload(await drive.ftp('alice', options), `${name}.bin`)
    content.write(Buffer.alloc(50_000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 50_000)
    expect(await drive.end(session)).toBe('asked')
    await drive.count(0)
    expect(statSync(join(server.users.alice.home, `${name}.bin`)).size).toBe(50_000)
  })

  test('ends one that has not logged in', async () => {
    const client = await drive.raw()
    expect(await drive.end(await drive.only(({ ip }) => ip !== null))).toBe('asked')
    await until('its client sees it', () => client.control.closed)
  })

  test('ends one whose parent hangs by force, and not otherwise', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('carol')] as const
    const sessions = await until('both', async () => {
      const all = await drive.list()
      return all.filter(({ login }) => login).length === 2 && all
    })
    const alice = sessions.find(({ login }) => login === 'alice')!
    const { pid } = alice.handle as SessionIdentity
    await stopped(pid)
    expect(await drive.end(alice)).toBe('asked')
    // It is alice's still: the connection stands, though nobody serves it.
    const left = await until('the one who served it has gone', async () => {
      const session = (await drive.list()).find(({ key }) => key === alice.key)!
      return session.status === null && session
    })
    expect(left).toMatchObject({ login: 'alice', ip: '127.0.0.1' })
    expect(await drive.endByForce(left)).toBe('asked')
    await until('its client sees it', () => clients[0].control.closed)
    expect(await drive.count(1)).toMatchObject([{ login: 'carol' }])
    expect(await clients[1].command('NOOP')).toMatch(/^200/)
    expect(await drive.endByForce(left)).toBe('already-gone')
  })

  test('by force both processes of one that is stopped are ended', async () => {
    const client = await drive.raw('alice')
    const session = await drive.only(({ login }) => login === 'alice')
    const { pid } = session.handle as SessionIdentity
    const [child] = childrenOf(pid)
    await stopped(child!)
    await stopped(pid)
    expect(await drive.endByForce(session)).toBe('asked')
    await until('its client sees it', () => client.control.closed)
    await until('both have gone', () => !processStat(pid) && !processStat(child!))
  })

  test('an end whose signal is aborted does nothing', async () => {
    const client = await drive.raw('alice')
    const session = await drive.only(({ login }) => login === 'alice')
    const aborted = AbortSignal.abort(new Error('Too late.'))
    await expect(drive.source.end(session, aborted, () => drive.list())).rejects.toThrow('Too late.')
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test.each(['vsftpd-3.0.5', 'in.vsftpd'])('of a program called %s as well', async (name) => {
    const program = join(server.dir, name)
    copyFileSync(programOf('vsftpd')!, program)
    const renamed = await startVsftpd([], { program })
    try {
      const its = new Drive(renamed.port, renamed.alone(vsftpd()))
      const client = await its.raw('alice')
      expect(await its.end(await its.only(({ login }) => login === 'alice'))).toBe('asked')
      await until('its client sees it', () => client.control.closed)
    } finally {
      await renamed.stop()
    }
  })

  test('refuses one that has logged in since it was listed', async () => {
    const client = await drive.raw()
    const before = await drive.only(({ ip }) => ip !== null)
    await client.command('USER alice')
    await client.command('PASS secret')
    // vsftpd answers before it gives the process its new title.
    await drive.only(({ login }) => login === 'alice')
    await expect(drive.end(before)).rejects.toThrow(
      /^It was nobody's when its end was asked for; now it is somebody else's\.$/,
    )
    expect(await client.command('NOOP')).toMatch(/^200/)
  })
})

describe('a stranger in the place of a session of vsftpd is not signalled', () => {
  const signalled: number[] = []
  const parent = { pid: 4000, comm: 'vsftpd', parent: 100, startTicks: 5, kernelSession: 1 }
  const child = { pid: 4001, comm: 'vsftpd', parent: 4000, startTicks: 9, kernelSession: 1 }
  const listener = { pid: 100, comm: 'vsftpd', parent: 1, startTicks: 1, kernelSession: 1 }
  const title = { is: 'session', ip: '::1', login: 'alice', command: null, argument: '' } as const
  const connected = { is: 'connected', ip: '::1' } as const
  const program = { path: '/usr/sbin/vsftpd', file: '8:1' }
  const live: LiveSession = { parent, child, title, login: 'alice', ip: '::1', overTls: false, orphaned: false }
  /** Its parent is alone: somebody is just logging in, or it hangs. */
  const alone = { child: parent, title: connected, login: null }
  const identity: SessionIdentity = { bootId: 'b', pid: 4000, startTicks: 5, login: 'alice', ip: '::1' }
  const titles: Record<number, Titled> = {
    100: { stat: listener, title: { is: 'listener' }, uid: 0 },
    4000: { stat: parent, title: connected, uid: 0 },
  }
  const machine: VsftpdMachine = {
    bootId: () => 'b',
    sessionOfParent: () => live,
    titledAt: (pid) => titles[pid] ?? null,
    programOf: () => program,
    signal: (pid) => (signalled.push(pid), 'asked'),
  }
  afterEach(() => void signalled.splice(0))
  const with_ = (other: Partial<LiveSession>): Partial<VsftpdMachine> => ({
    sessionOfParent: () => ({ ...live, ...other }),
  })
  const titledAs = (pid: number, other: Partial<Titled> | null): Partial<VsftpdMachine> => ({
    titledAt: (one) => (one !== pid ? (titles[one] ?? null) : other && { ...titles[one]!, ...other }),
  })
  const runs = (pid: number, path: string, file = '8:5'): Partial<VsftpdMachine> => ({
    programOf: (stat) => (stat.pid === pid ? { path, file } : program),
  })

  test('of the session itself the process that serves the client is, and by force its parent as well', () => {
    expect(endSession(identity, false, machine)).toBe('asked')
    expect(signalled).toEqual([4001])
    expect(endSession(identity, true, machine)).toBe('asked')
    expect(signalled).toEqual([4001, 4001, 4000])
  })

  test('by force its parent is, also where it is alone', () => {
    expect(endSession(identity, true, { ...machine, ...with_(alone) })).toBe('asked')
    expect(signalled).toEqual([4000])
  })

  test.each<[string, Partial<VsftpdMachine>]>([
    ['whose listener has gone', titledAs(100, null)],
    ['whose listener has gone, and which has another parent', runs(100, '/sbin/init')],
    ['whose programs may not be seen', { programOf: ({ comm }) => ({ path: comm, file: null }) }],
    ['of one process', { ...with_({ child: parent }), ...titledAs(4000, { title }) }],
  ])('so is one %s', (_, other) => {
    expect(endSession(identity, false, { ...machine, ...other })).toBe('asked')
    expect(signalled).toHaveLength(1)
  })

  test.each<[string, Partial<VsftpdMachine>]>([
    ['another boot', { bootId: () => 'c' }],
    ['its pid was given to another', with_({ parent: { ...parent, startTicks: 6 } })],
    ['it has ended', { sessionOfParent: () => null }],
  ])('%s: already gone', (_, other) => {
    expect(endSession(identity, false, { ...machine, ...other })).toBe('already-gone')
    expect(signalled).toEqual([])
  })

  test.each<[string, Partial<VsftpdMachine>, RegExp]>([
    ['another login', with_({ login: 'bob' }), /now it is somebody else's/],
    ['another address', with_({ ip: '::2' }), /comes from elsewhere now/],
    ['another address, of a parent alone', with_({ ...alone, ip: '::2' }), /comes from elsewhere now|Look again/],
    ['another program', runs(4001, '/usr/sbin/sshd'), /4001 runs \/usr\/sbin\/sshd, not vsftpd/],
    ['another program for its parent', runs(4000, '/usr/sbin/sshd'), /4000 runs \/usr\/sbin\/sshd, not vsftpd/],
    ['no program', { programOf: () => null }, /runs no program, not vsftpd/],
    [
      'another program of that name',
      runs(4001, '/home/mallory/vsftpd'),
      /runs \/home\/mallory\/vsftpd, not the program of its parent/,
    ],
    ['of a strange listener', runs(100, '/home/mallory/vsftpd'), /not the program of vsftpd's listener/],
    ["of a listener that is not root's", titledAs(100, { uid: 2000 }), /not a child of vsftpd's listener/],
    ['of another session', titledAs(100, { title: connected }), /not a child of vsftpd's listener/],
    ['the listener', titledAs(4000, { title: { is: 'listener' } }), /is vsftpd's listener/],
    ['the listener, untitled', titledAs(4000, { title: { is: 'untitled' } }), /is vsftpd's listener/],
    ['a child that is a listener', with_({ title: { is: 'listener' } }), /is vsftpd's listener/],
    ['a child without a title', with_({ title: { is: 'untitled' } }), /is vsftpd's listener/],
  ])('%s: refused', (_, other, message) => {
    for (const force of [false, true])
      expect(() => endSession(identity, force, { ...machine, ...other })).toThrow(message)
    expect(signalled).toEqual([])
  })

  test('between two processes: refused but by force', () => {
    for (const login of [null, 'alice'])
      expect(() => endSession({ ...identity, login }, false, { ...machine, ...with_(alone) })).toThrow(/Look again/)
    expect(signalled).toEqual([])
  })

  test('a real process of another kind under that very pid', () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const { startTicks } = processStat(stranger.pid!)!
      const session = { bootId: bootId(), pid: stranger.pid!, startTicks, login: null, ip: null }
      expect(() => endSession(session)).toThrow(/runs .*sleep, not vsftpd/)
      expect(processStat(stranger.pid!)).not.toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})
