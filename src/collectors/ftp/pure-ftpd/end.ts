import { RemovalRefused } from '../../engine/session-source.js'
import { bootId, executableOf, type ProcessStat, processStat } from '../processes.js'
import { titleOf } from '../process-title.js'
import { isPureFtpd } from './run-who.js'

/** Which session is meant: what has to be true of a process still when it is signalled. */
export interface SessionIdentity {
  bootId: string
  pid: number
  startTicks: number
  account: string | null
  peer: string
}

/** What `endSession` asks and does, for tests to put strangers in. */
export interface Machine {
  bootId(): string
  processStat(pid: number): ProcessStat | null
  executableOf(pid: number): string | null
  titleOf(pid: number): string
  kill(pid: number, signal: 'SIGTERM'): void
}

const thisMachine: Machine = {
  ...{ bootId, processStat, executableOf, titleOf },
  kill: (pid, signal) => void process.kill(pid, signal),
}

/**
 * Sends SIGTERM to a session's process, after making sure that it is still that session: the boot, the start of the
 * process, its program, its title and its parent, and what pure-ftpwho has just said of it. Nothing is awaited between
 * the look and the signal.
 *
 * Pure-FTPd ends a session on SIGTERM in some ms, in every state, and its privileged helper process with it; what was
 * uploaded of a file stays.
 *
 * @param now the session as pure-ftpwho lists it now; null where it does not
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(
  session: SessionIdentity,
  now: { account: string | null; peer: string } | null,
  machine: Machine = thisMachine,
): 'asked' | 'already-gone' {
  const { pid } = session
  const process = session.bootId === machine.bootId() ? machine.processStat(pid) : null
  // Its pid may have been given to another process since, which is none of our business.
  if (process?.startTicks !== session.startTicks) return 'already-gone'
  const why = notThatSession(session, now) ?? notASession(process, machine)
  if (why) throw new RemovalRefused(why)
  try {
    machine.kill(pid, 'SIGTERM')
    return 'asked'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'already-gone'
    throw error
  }
}

function notThatSession({ pid, account, peer }: SessionIdentity, now: { account: string | null; peer: string } | null) {
  if (!now) return `Process ${pid} is not in Pure-FTPd's list any more: it is just ending. Look again.`
  if (now.account === account && now.peer === peer) return null
  return (
    `Process ${pid} is no longer the session that was listed: it belongs to ${now.account ?? 'nobody yet'} ` +
    `from ${now.peer} now, not to ${account ?? 'nobody yet'} from ${peer}.`
  )
}

function notASession({ pid, comm, parent }: ProcessStat, machine: Machine): string | null {
  if (!isPureFtpd(comm)) return `Process ${pid} runs ${comm}, not pure-ftpd.`
  const title = machine.titleOf(pid)
  if (!/ \((IDLE|UPLOAD|DOWNLOAD)\)$/.test(title)) return `Process ${pid} is ${title || comm}, not a session.`
  // Under inetd the parent is a stranger; a server that has gone leaves its sessions to another parent.
  const master = machine.processStat(parent)
  if (!isPureFtpd(master?.comm)) return null
  const [own, masters] = [machine.executableOf(pid), machine.executableOf(parent)]
  if (own !== null && masters !== null && own !== masters)
    return `Process ${pid} runs ${own}, not the program of Pure-FTPd's server ${parent}.`
  return / \(SERVER\)$/.test(machine.titleOf(parent)) ? null : `Process ${pid} is not a child of Pure-FTPd's server.`
}
