import { afterEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { spawn } from 'node:child_process'
import { renameSync, utimesSync, writeFileSync } from 'node:fs'
import { RemovalRefused, type FtpSource } from '../../../../src/session-source.js'
import {
  endSession,
  type ProftpdMachine,
  type SessionIdentity,
} from '../../../../src/collectors/ftp/proftpd/end-proftpd-session.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { pretendProftpd, type PretendedProftpd } from '../../../servers/pretended-proftpd.js'
import { isTaken } from '../../../../src/collectors/ftp/os/proc.js'
import { isRunning, until } from '../../../servers/proftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const signal = new AbortController().signal

/** A machine in memory, and what may have happened on it between the list and the end. */
const happenings = fc.record({
  pidTakenBy: fc.constantFrom('nobody', 'the session', 'the session', 'a later process'),
  rebooted: fc.constantFrom(false, false, true),
  entry: fc.constantFrom('kept', 'kept', 'freed', 'of another pid', 'of another user', 'of a later session'),
  fileAtPath: fc.constantFrom('the same', 'the same', 'a new one'),
  sessionsFile: fc.constantFrom('open', 'open', 'not open', 'not to be seen'),
  title: fc.constantFrom('its own', 'of another login', 'of another client', 'none'),
  inHeader: fc.constantFrom(
    'the master',
    'the master',
    'another master',
    'the session',
    'a stranger',
    'nobody',
    'inetd',
  ),
  parent: fc.constantFrom('the master', 'the master', 'another master', 'a stranger', 'init'),
  program: fc.constantFrom('proftpd', 'proftpd', 'a copy called proftpd', 'another'),
  programsSeen: fc.boolean(),
  namespace: fc.constantFrom('this one', 'this one', 'one inside'),
  mastersNamespace: fc.constantFrom('this one', 'this one', 'one inside'),
  mastersUser: fc.constantFrom('root', 'root', 'of the scoreboard', 'mallory'),
})
type Happenings = typeof happenings extends fc.Arbitrary<infer Value> ? Value : never

const PIDS = {
  'the master': 500,
  'another master': 600,
  'the session': 700,
  'a stranger': 800,
  nobody: 900,
  inetd: 0,
  init: 1,
}
const PID = PIDS['the session']
const [TICKS, BEGAN, FILE, OWNER] = [123_456, 1_700_000_050, '8:15', 1042]
const identity: SessionIdentity = {
  ...{ bootId: 'boot', pid: PID, startTicks: TICKS, user: 'alice', beganAt: BEGAN, slot: 0, file: FILE },
  scoreboard: '/run/proftpd.scoreboard',
}

function machineAfter(what: Happenings, signalled: ProftpdMachine['signal']): ProftpdMachine {
  const stats = [
    { pid: PIDS['the master'], comm: 'proftpd', parent: 1, startTicks: 5, kernelSession: 1 },
    { pid: PIDS['another master'], comm: 'proftpd', parent: 1, startTicks: 5, kernelSession: 1 },
    { pid: PIDS['a stranger'], comm: 'node', parent: 1, startTicks: 5, kernelSession: 1 },
    { pid: PIDS.init, comm: 'systemd', parent: 0, startTicks: 1, kernelSession: 1 },
    {
      ...{ pid: PID, comm: what.program === 'another' ? 'node' : 'proftpd', parent: PIDS[what.parent] },
      startTicks: what.pidTakenBy === 'a later process' ? TICKS + 100 : TICKS,
      kernelSession: 1,
    },
  ].filter(({ pid }) => pid !== PID || what.pidTakenBy !== 'nobody')
  const [entry] = readEntries(
    scoreboardBytes({}, [
      {
        pid: what.entry === 'of another pid' ? 701 : PID,
        user: what.entry === 'of another user' ? 'bob' : 'alice',
        beganAt: what.entry === 'of a later session' ? BEGAN + 60 : BEGAN,
      },
    ]),
  )
  const users = { root: 0, 'of the scoreboard': OWNER, mallory: 2000 }
  return {
    bootId: () => (what.rebooted ? 'another boot' : 'boot'),
    processStat: (pid) => stats.find((stat) => stat.pid === pid) ?? null,
    standingOf(pid) {
      const inside = (pid === PID ? what.namespace : what.mastersNamespace) === 'one inside'
      return { realUid: pid === PID ? 2041 : users[what.mastersUser], numbers: inside ? [pid, 1] : [pid] }
    },
    programOf({ pid, comm }) {
      if (!what.programsSeen) return { path: comm, file: null }
      const copied = pid === PID && what.program === 'a copy called proftpd'
      return { path: `/usr/sbin/${comm}`, file: `8:${comm}${copied ? ' copied' : ''}` }
    },
    handleOn: () => ({ open: '/proc/700/fd/4', 'not open': false as const, 'not to be seen': null })[what.sessionsFile],
    titleOf: () =>
      ({
        'its own': 'proftpd: alice - 192.0.2.7: STOR a - 198.51.100.1: b',
        'of another login': 'proftpd: bob - 192.0.2.7: IDLE',
        'of another client': 'proftpd: alice - 198.51.100.1: IDLE',
        none: 'proftpd: processing connection',
      })[what.title],
    readSlot(path) {
      if (what.entry === 'freed') return null
      const header = { masterPid: PIDS[what.inHeader], startedAt: 5 }
      const file = path === identity.scoreboard && what.fileAtPath === 'a new one' ? '8:99' : FILE
      return { file, owner: OWNER, header, entry: entry! }
    },
    signal: signalled,
  }
}

/** Whether what is there is the session that was listed, told apart in another way than the source does. */
function isTheSession(what: Happenings): boolean {
  const { inHeader, parent, sessionsFile } = what
  if (what.pidTakenBy !== 'the session' || what.rebooted || what.entry !== 'kept') return false
  if (what.program === 'another' || what.namespace !== 'this one') return false
  if (what.fileAtPath === 'a new one' && sessionsFile !== 'open') return false
  if (sessionsFile === 'not open') return false
  if (sessionsFile === 'not to be seen' && what.title.startsWith('of another')) return false
  const mastersAreTrue = what.mastersNamespace === 'this one' && what.mastersUser !== 'mallory'
  const isChild = parent === 'the master' || parent === 'another master'
  // Whom the header names is the master if it can be: else the parent, or it has gone.
  if (mastersAreTrue && (inHeader === 'the master' || inHeader === 'another master') && parent !== inHeader)
    return false
  if (!isChild) return inHeader !== 'the session'
  return inHeader !== 'inetd' && mastersAreTrue && (what.program === 'proftpd' || !what.programsSeen)
}

describe('no stranger is signalled', () => {
  test('in 10,000 attempts on a machine where anything may have happened since the list', () => {
    let signalled = 0
    fc.assert(
      fc.property(happenings, fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const), (what, by) => {
        const send = jest.fn<ProftpdMachine['signal']>(() => 'asked')
        try {
          endSession(identity, by, machineAfter(what, send))
        } catch (error) {
          expect(error).toBeInstanceOf(RemovalRefused)
        }
        expect(send.mock.calls).toEqual(isTheSession(what) ? [[PID, by]] : [])
        signalled += send.mock.calls.length
      }),
      { numRuns: 10_000 },
    )
    expect(signalled).toBeGreaterThan(10)
  })

  let server: PretendedProftpd
  afterEach(() => server?.stop())
  const pretend = async (count: number, name?: string) => {
    server = await pretendProftpd(count, name)
    return proftpd({ scoreboard: server.scoreboard })
  }
  const listedPids = async (source: FtpSource) =>
    (await source.list(signal)).map(({ handle }) => (handle as SessionIdentity).pid)

  test.each(['proftpd', 'in.proftpd', 'proftpd-1.3.8', 'in.proftpd-1.3.9a'])(
    'sessions of a program called %s are real, and are ended',
    async (name) => {
      const source = await pretend(2, name)
      const [session] = await source.list(signal)
      const { pid } = session!.handle as SessionIdentity
      expect(await source.end(session!, signal, () => source.list(signal))).toBe('asked')
      // It is listed until its parent has waited for it.
      await until(() => !isTaken(pid))
      expect(await listedPids(source)).toEqual(server.sessions.filter((other) => other !== pid))
    },
  )

  test('after an upgrade, whose file has replaced the one that runs, they are real as well', async () => {
    const source = await pretend(1)
    writeFileSync(`${server.dir}/new`, '')
    renameSync(`${server.dir}/new`, `${server.dir}/proftpd`)
    expect(await listedPids(source)).toEqual(server.sessions)
  })

  test.each(['myproftpd', 'proftpd2', 'bash'])('those of a program called %s are none', async (name) => {
    const source = await pretend(1, name)
    await expect(source.list(signal)).rejects.toThrow(
      new RegExp(
        `^ProFTPD does not run: .* names process ${server.master} as its master, and that runs .*/${name} here`,
      ),
    )
  })

  test('processes that only have the numbers are none: any of ours, our own, our parent, the first of all', async () => {
    const source = await pretend(1)
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' })
    try {
      const [alice] = await source.list(signal)
      const { pid } = alice!.handle as SessionIdentity
      const others = [stranger.pid!, process.pid, process.ppid, 1, server.master]
      server.write([pid, ...others].map((one) => ({ pid: one, beganAt: Math.ceil(Date.now() / 1000) })))
      expect(await listedPids(source)).toEqual([pid])
      // Also with a master that lives, and is none: the numbers are of another machine, or of another PID namespace.
      for (const masterPid of [1, process.pid, stranger.pid!]) {
        const header = { masterPid }
        server.write(
          others.slice(0, 4).map((one) => ({ pid: one, beganAt: Math.ceil(Date.now() / 1000) })),
          header,
        )
        const numbers = `names process ${masterPid} as its master, and that runs .* here`
        // So it is said where another test has a ProFTPD in a namespace of its own just now.
        const elsewhere = 'ProFTPD runs in another PID namespace than this back office'
        await expect(proftpd({ scoreboard: server.scoreboard }).list(signal)).rejects.toThrow(
          new RegExp(`(${numbers}|${elsewhere}).*let the back office share`),
        )
      }
      for (const [slot, forged] of others.entries()) {
        const handle = { ...(alice!.handle as SessionIdentity), pid: forged, slot }
        await source.end({ ...alice!, handle }, signal, () => source.list(signal)).catch(() => undefined)
      }
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
      expect([pid, server.master].map(isRunning)).toEqual([true, true])
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  test('a session of another ProFTPD, which has the number of one of ours, is none', async () => {
    const source = await pretend(1)
    const other = await pretendProftpd(1)
    try {
      const [own] = await source.list(signal)
      const forged = [...server.sessions, ...other.sessions]
      server.write(forged.map((pid) => ({ pid, beganAt: Math.ceil(Date.now() / 1000) })))
      expect(await listedPids(proftpd({ scoreboard: server.scoreboard }))).toEqual(server.sessions)
      // With the other's master in the header its sessions are no more ours: they have another scoreboard open.
      server.write([{ pid: other.sessions[0]!, beganAt: Math.ceil(Date.now() / 1000) }], {
        masterPid: other.master,
        startedAt: 1_700_000_000,
      })
      await expect(proftpd({ scoreboard: server.scoreboard }).list(signal)).rejects.toThrow(
        /has sessions, and none of their processes is one of ProFTPD's process \d+ here/,
      )
      expect((own!.handle as SessionIdentity).pid).toBe(server.sessions[0])
    } finally {
      await other.stop()
    }
  })

  test('the process of a session has gone, and another one has its pid', async () => {
    const source = await pretend(1)
    const [session] = await source.list(signal)
    const handle = session!.handle as SessionIdentity
    const earlier = { ...session!, handle: { ...handle, startTicks: handle.startTicks - 1 } }
    expect(await source.end(earlier, signal, () => source.list(signal))).toBe('already-gone')
    expect(isRunning(handle.pid)).toBe(true)
  })

  test('the entry has been given to another user', async () => {
    const source = await pretend(1)
    const [session] = await source.list(signal)
    const { pid, beganAt } = session!.handle as SessionIdentity
    server.write([{ pid, beganAt, user: 'mallory' }])
    await expect(source.end(session!, signal, () => source.list(signal))).rejects.toThrow(
      /^It was alice's when its end was asked for; now it is somebody else's\.$/,
    )
  })

  test('what began after its entry is no session', async () => {
    const source = await pretend(2)
    const [late, other] = server.sessions as [number, number]
    const now = Math.ceil(Date.now() / 1000)
    const lateSlot = { pid: late, beganAt: now - 600 }
    server.write([lateSlot, { pid: other, beganAt: now }])
    expect(await listedPids(source)).toEqual([other])
    // Where there is no other, it may also be that no number in it means what it seems to.
    server.write([lateSlot])
    await expect(proftpd({ scoreboard: server.scoreboard }).list(signal)).rejects.toThrow(
      /has sessions, and none of their processes is one of ProFTPD's process \d+ here/,
    )
  })

  test('a process that is stopped is ended by force, and by nothing else', async () => {
    const source = await pretend(1)
    const [session] = await source.list(signal)
    const { pid } = session!.handle as SessionIdentity
    await stopped(pid)
    expect(await source.end(session!, signal, () => source.list(signal))).toBe('asked')
    expect(isRunning(pid)).toBe(true)
    expect(await listedPids(source)).toEqual([pid])
    expect(await source.byForce!.end(session!, signal, () => source.list(signal))).toBe('asked')
    await until(() => !isRunning(pid))
    expect(await source.byForce!.end(session!, signal, () => source.list(signal))).toBe('already-gone')
  })

  test('force is not used against a stranger either', async () => {
    const source = await pretend(1)
    const [session] = await source.list(signal)
    const { pid, beganAt } = session!.handle as SessionIdentity
    server.write([{ pid, beganAt, user: 'mallory' }])
    await expect(source.byForce!.end(session!, signal, () => source.list(signal))).rejects.toThrow(RemovalRefused)
    expect(isRunning(pid)).toBe(true)
  })

  test('an end whose signal is aborted does nothing', async () => {
    const source = await pretend(1)
    const [session] = await source.list(signal)
    const aborted = AbortSignal.abort(new Error('Too late.'))
    await expect(source.end(session!, aborted, () => source.list(signal))).rejects.toThrow('Too late.')
    expect(isRunning((session!.handle as SessionIdentity).pid)).toBe(true)
  })

  test('an entry that makes no sense is shown as such, beside the others', async () => {
    const source = await pretend(2)
    const [odd, even] = server.sessions as [number, number]
    server.write([
      { pid: odd, transferDone: -1 },
      { pid: even, beganAt: Math.ceil(Date.now() / 1000) },
    ])
    expect(await source.list(signal)).toEqual([
      expect.objectContaining({ condition: 'unreadable', login: null, status: null, transferredBytes: null }),
      expect.objectContaining({ condition: 'normal', login: 'alice' }),
    ])
  })

  test('while ProFTPD writes nothing, the sessions are the same objects, and one that has gone is missed all the same', async () => {
    const source = await pretend(2)
    const goes = server.sessions[1]!
    const quiet = new Date(Date.now() - 60_000)
    utimesSync(server.scoreboard, quiet, quiet)
    const [first] = await source.list(signal)
    expect((await source.list(signal))[0]).toBe(first)
    process.kill(goes, 'SIGKILL')
    await until(async () => (await source.list(signal)).length === 1)
    expect(await source.list(signal)).toEqual([first])
  })
})
