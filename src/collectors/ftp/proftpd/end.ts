import { RemovalRefused } from '../../engine/session-source.js'
import { bootId, executableOf, type ProcessStat, processStat } from '../processes.js'
import { masterPidOf } from './master.js'
import type { ScoreboardEntry, ScoreboardHeader } from './scoreboard.js'
import { heldScoreboard, readSlot } from './scoreboard-file.js'

/** Which session is meant: what has to be true of a process still when it is signalled. */
export interface SessionIdentity {
  bootId: string
  pid: number
  startTicks: number
  user: string
  beganAt: number
  /** Where its entry stands: the scoreboard's path, and which slot. */
  scoreboard: string
  slot: number
  /** Its master has gone: its parent is another process, and the scoreboard at the path may be another one. */
  orphaned: boolean
}

/** What `endSession` asks and does, for tests to put strangers in. */
export interface Machine {
  bootId(): string
  processStat(pid: number): ProcessStat | null
  executableOf(pid: number): string | null
  heldScoreboard(pid: number): { path: string; slot: number } | null
  readSlot(path: string, slot: number): { header: ScoreboardHeader; entry: ScoreboardEntry } | null
  kill(pid: number, signal: 'SIGTERM'): void
}

const thisMachine: Machine = {
  ...{ bootId, processStat, executableOf, heldScoreboard, readSlot },
  kill: (pid, signal) => void process.kill(pid, signal),
}

/**
 * Sends SIGTERM to a session's process, after making sure that it is still that session: the boot, the start of the
 * process, its entry in the scoreboard, its parent and its program. Nothing is awaited between the look and the signal.
 *
 * ProFTPD ends a session on SIGTERM in 0.4 s as a rule; one that waits for a data connection takes up to 5 s. SIGKILL is
 * never sent: it would leave the entry and the temporary file of an upload.
 *
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(session: SessionIdentity, machine: Machine = thisMachine): 'asked' | 'already-gone' {
  const { pid } = session
  const process = session.bootId === machine.bootId() ? machine.processStat(pid) : null
  // Its pid may have been given to another process since, which is none of our business.
  if (process?.startTicks !== session.startTicks) return 'already-gone'

  const place = (session.orphaned ? machine.heldScoreboard(pid) : null) ?? {
    path: session.scoreboard,
    slot: session.slot,
  }
  const found = machine.readSlot(place.path, place.slot)
  if (found?.entry.pid !== pid) {
    throw new RemovalRefused(
      `Process ${pid} is not in ProFTPD's scoreboard any more: it is just ending, or ProFTPD was restarted. Look again.`,
    )
  }
  if (found.entry.user !== session.user || found.entry.beganAt !== session.beganAt) {
    throw new RemovalRefused(
      `Process ${pid} is no longer the session that was listed: it belongs to ${found.entry.user} now, not to ${session.user}.`,
    )
  }
  const why = session.orphaned ? notAnOrphan(process, found.header, machine) : notAChild(process, found.header, machine)
  if (why) throw new RemovalRefused(why)

  try {
    machine.kill(pid, 'SIGTERM')
    return 'asked'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'already-gone'
    throw error
  }
}

function notAChild(session: ProcessStat, header: ScoreboardHeader, machine: Machine): string | null {
  const { pid, parent, comm } = session
  const masterPid = masterPidOf(header.masterPid, session, (other) => machine.processStat(other))
  if (masterPid === 0) return `Process ${pid} was started by inetd: without a master it cannot be told from a stranger.`
  if (pid === masterPid) return `Process ${pid} is ProFTPD's master, not a session.`
  if (parent !== masterPid) return `Process ${pid} is not a child of ProFTPD's master ${masterPid}, but of ${parent}.`
  const master = machine.processStat(masterPid)
  const [own, masters] = [machine.executableOf(pid), machine.executableOf(masterPid)]
  // Who may not see the programs sees their names.
  const same = own !== null && masters !== null ? own === masters : comm === master?.comm
  return same ? null : `Process ${pid} runs ${own ?? comm}, not the program of ProFTPD's master ${masterPid}.`
}

function notAnOrphan({ pid, comm }: ProcessStat, { masterPid }: ScoreboardHeader, machine: Machine): string | null {
  if (pid === masterPid) return `Process ${pid} is ProFTPD's master, not a session.`
  const program = machine.executableOf(pid) ?? comm
  return /(^|\/)proftpd$/.test(program) ? null : `Process ${pid} runs ${program}, not proftpd.`
}
