import { afterAll, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RemovalRefused } from '../../../../src/collectors/engine/session-source.js'
import { endSession, type Machine, type SessionIdentity } from '../../../../src/collectors/ftp/proftpd/end.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { until } from '../../../servers/proftpd.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const signal = new AbortController().signal

/** A machine in memory, and what may have happened on it between the list and the end. */
const happenings = fc.record({
  pidTakenBy: fc.constantFrom('nobody', 'the session', 'a stranger', 'another session', 'the new master'),
  machineRebooted: fc.boolean(),
  entry: fc.constantFrom('kept', 'freed', 'of another pid', 'of another user', 'of a later session'),
  masterInHeader: fc.constantFrom('the master', 'another master', 'the session', 'inetd'),
  parent: fc.constantFrom('the master', 'another master', 'init'),
  program: fc.constantFrom('proftpd', 'another'),
  programsReadable: fc.boolean(),
  orphaned: fc.boolean(),
})
type Happenings = typeof happenings extends fc.Arbitrary<infer Value> ? Value : never

const [PID, MASTER, OTHER_MASTER, TICKS, BEGAN] = [700, 500, 600, 123_456, 1_700_000_050]
const identity: SessionIdentity = {
  ...{ bootId: 'boot', pid: PID, startTicks: TICKS, user: 'alice', beganAt: BEGAN, slot: 0, orphaned: false },
  scoreboard: '/run/proftpd.scoreboard',
}

function machineAfter(what: Happenings, kill: Machine['kill']): Machine {
  const pids = { 'the master': MASTER, 'another master': OTHER_MASTER, 'the session': PID, inetd: 0, init: 1 }
  const [entry] = [
    ...readEntries(
      scoreboardBytes({}, [
        {
          pid: what.entry === 'of another pid' ? 701 : PID,
          user: what.entry === 'of another user' ? 'bob' : 'alice',
          beganAt: what.entry === 'of a later session' ? BEGAN + 60 : BEGAN,
        },
      ]),
    ),
  ]
  const place = { path: identity.scoreboard, slot: 0 }
  return {
    bootId: () => (what.machineRebooted ? 'another boot' : 'boot'),
    processStat(pid) {
      if (pid === MASTER || pid === OTHER_MASTER) return { pid, comm: 'proftpd', parent: 1, startTicks: 5 }
      if (pid !== PID || what.pidTakenBy === 'nobody') return null
      const startTicks = what.pidTakenBy === 'the session' ? TICKS : TICKS + 100
      return { pid, comm: what.program, parent: pids[what.parent], startTicks }
    },
    executableOf: (pid) => (what.programsReadable ? `/usr/sbin/${pid === PID ? what.program : 'proftpd'}` : null),
    heldScoreboard: () => place,
    readSlot() {
      if (what.entry === 'freed') return null
      return { header: { masterPid: pids[what.masterInHeader], startedAt: 5 }, entry: entry! }
    },
    kill,
  }
}

describe('no stranger is signalled', () => {
  test('in 10,000 attempts on a machine where anything may have happened since the list', () => {
    let signalled = 0
    fc.assert(
      fc.property(happenings, (what) => {
        const kill = jest.fn<Machine['kill']>()
        try {
          endSession({ ...identity, orphaned: what.orphaned }, machineAfter(what, kill))
        } catch (error) {
          expect(error).toBeInstanceOf(RemovalRefused)
        }
        const isTheSession = what.pidTakenBy === 'the session' && !what.machineRebooted && what.program === 'proftpd'
        const isInItsPlace = what.entry === 'kept'
        // A session that made the scoreboard itself is named as the master in it, and is a master's child all the same.
        const madeItItself = what.masterInHeader === 'the session'
        const hasItsParent = what.orphaned
          ? !madeItItself
          : madeItItself
            ? what.parent !== 'init'
            : what.masterInHeader !== 'inetd' && what.parent === what.masterInHeader
        const right = isTheSession && isInItsPlace && hasItsParent
        expect(kill.mock.calls).toEqual(right ? [[PID, 'SIGTERM']] : [])
        signalled += kill.mock.calls.length
      }),
      { numRuns: 10_000 },
    )
    expect(signalled).toBeGreaterThan(10)
  })

  const dir = mkdtempSync(join(tmpdir(), 'scoreboards-'))
  const children: ChildProcess[] = []
  afterAll(() => {
    children.forEach((child) => child.kill('SIGKILL'))
    rmSync(dir, { recursive: true })
  })

  /** A scoreboard that takes this test for the master and `pids` for its sessions. */
  function scoreboardOf(...pids: number[]): string {
    const now = Math.ceil(Date.now() / 1000)
    const path = join(dir, `of-${pids.join('-')}`)
    writeFileSync(
      path,
      scoreboardBytes(
        { masterPid: process.pid, startedAt: now },
        pids.map((pid) => ({ pid, beganAt: now })),
      ),
    )
    return path
  }

  function sleeper(): number {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    children.push(child)
    return child.pid!
  }

  test('a process in the place of a session, a child of the master even, runs another program', async () => {
    const source = proftpd({ scoreboard: scoreboardOf(sleeper()) })
    const [session] = await source.list(signal)
    await expect(source.end(session!, signal)).rejects.toThrow(/runs .*sleep, not the program of ProFTPD's master/)
    expect(children.at(-1)!.exitCode).toBeNull()
  })

  test('the process of a session has gone, and another one has its pid', async () => {
    const source = proftpd({ scoreboard: scoreboardOf(sleeper()) })
    const [session] = await source.list(signal)
    const handle = session!.handle as SessionIdentity
    expect(await source.end({ ...session!, handle: { ...handle, startTicks: handle.startTicks - 1 } }, signal)).toBe(
      'already-gone',
    )
    expect(children.at(-1)!.exitCode).toBeNull()
  })

  test('the entry has been given to another user', async () => {
    const pid = sleeper()
    const source = proftpd({ scoreboard: scoreboardOf(pid) })
    const [session] = await source.list(signal)
    const { beganAt, scoreboard } = session!.handle as SessionIdentity
    writeFileSync(scoreboard, scoreboardBytes({ masterPid: process.pid }, [{ pid, beganAt, user: 'mallory' }]))
    await expect(source.end(session!, signal)).rejects.toThrow('belongs to mallory now, not to alice')
  })

  test('processes that are no children of the master, the master itself and what began after its entry are no sessions', async () => {
    const pid = sleeper()
    const path = scoreboardOf(pid, process.ppid, process.pid, 1)
    expect(
      (await proftpd({ scoreboard: path }).list(signal)).map(({ handle }) => (handle as SessionIdentity).pid),
    ).toEqual([pid])
    const old = { masterPid: process.pid, startedAt: Math.ceil(Date.now() / 1000) }
    writeFileSync(path, scoreboardBytes(old, [{ pid, beganAt: old.startedAt - 600 }]))
    expect(await proftpd({ scoreboard: path }).list(signal)).toEqual([])
  })

  test('an entry that makes no sense is shown as such, beside the others', async () => {
    const [odd, even] = [sleeper(), sleeper()]
    const now = Math.ceil(Date.now() / 1000)
    const slots = [
      { pid: odd, transferDone: -1 },
      { pid: even, beganAt: now },
    ]
    const path = join(dir, 'odd')
    writeFileSync(path, scoreboardBytes({ masterPid: process.pid, startedAt: now }, slots))
    const sessions = await proftpd({ scoreboard: path }).list(signal)
    expect(sessions).toEqual([
      expect.objectContaining({ condition: 'unreadable', login: null, status: null, transferredBytes: null }),
      expect.objectContaining({ condition: 'normal', login: 'alice' }),
    ])
  })

  test('while ProFTPD writes nothing, the sessions are the same objects, and one that has gone is missed all the same', async () => {
    const [stays, goes] = [sleeper(), sleeper()]
    const path = scoreboardOf(stays, goes)
    const quiet = new Date(Date.now() - 60_000)
    utimesSync(path, quiet, quiet)
    const source = proftpd({ scoreboard: path })
    const [first] = await source.list(signal)
    expect((await source.list(signal))[0]).toBe(first)
    process.kill(goes, 'SIGKILL')
    await until(async () => (await source.list(signal)).length === 1)
    expect(await source.list(signal)).toEqual([first])
  })
})
