import { RemovalRefused } from '../../engine/session-source.js'
import { bootId, executableOf, processStat } from '../processes.js'
import { type LiveSession, sessionOfParent } from './live-sessions.js'

/** Which session is meant: what has to be true of its processes still when one is signalled. */
export interface SessionIdentity {
  bootId: string
  /** Of the process that took the connection. */
  pid: number
  startTicks: number
  /** Null before logon, and where the title could not be read. */
  login: string | null
  ip: string | null
}

/** What `endSession` asks and does, for tests to put strangers in. */
export interface Machine {
  bootId(): string
  sessionOfParent(pid: number): LiveSession | null
  executableOf(pid: number): string | null
  isListener(pid: number): boolean
  kill(pid: number, signal: 'SIGKILL'): void
}

const thisMachine: Machine = {
  ...{ bootId, sessionOfParent, executableOf },
  isListener: (pid) => processStat(pid)?.comm === 'vsftpd',
  kill: (pid, signal) => void process.kill(pid, signal),
}

/**
 * Sends SIGKILL to the process that serves a session's client, after making sure that it is still that session: the
 * boot, the start of the process that took the connection, its program, its parent, and the address and login in the
 * titles. Nothing is awaited between the look and the signal.
 *
 * It must be SIGKILL, and to that process: it ignores SIGTERM, and without its parent it would go on with its transfer.
 * Its parent sees it die, tells the client `500 OOPS: child died`, and ends. What was uploaded of a file stays.
 *
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(session: SessionIdentity, machine: Machine = thisMachine): 'asked' | 'already-gone' {
  const now = session.bootId === machine.bootId() ? machine.sessionOfParent(session.pid) : null
  // Its pid may have been given to another process since, which is none of our business.
  if (now?.parent.startTicks !== session.startTicks) return 'already-gone'
  const why = notThatSession(session, now) ?? notASession(now, machine)
  if (why) throw new RemovalRefused(why)
  try {
    machine.kill(now.child.pid, 'SIGKILL')
    return 'asked'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'already-gone'
    throw error
  }
}

function notThatSession({ pid, login, ip }: SessionIdentity, now: LiveSession): string | null {
  const loginNow = now.title.is === 'session' ? now.title.login : null
  if (loginNow === login && now.ip === ip) return null
  return (
    `Process ${pid} is no longer the session that was listed: it belongs to ${loginNow ?? 'nobody'} from ` +
    `${now.ip ?? 'an unknown address'} now, not to ${login ?? 'nobody'} from ${ip ?? 'an unknown address'}.`
  )
}

function notASession({ parent, child, title }: LiveSession, machine: Machine): string | null {
  for (const { pid, comm } of [parent, child]) if (comm !== 'vsftpd') return `Process ${pid} runs ${comm}, not vsftpd.`
  if (title.is === 'listener' || title.is === 'untitled')
    return `Process ${child.pid} is vsftpd's listener, not a session.`
  if (child.pid === parent.pid && title.is === 'connected')
    return `The session of process ${parent.pid} is between two processes, as it is while somebody logs in. Look again.`
  const [own, parents] = [machine.executableOf(child.pid), machine.executableOf(parent.pid)]
  if (own !== parents) return `Process ${child.pid} runs ${own}, not the program of its parent, ${parents}.`
  if (!machine.isListener(parent.parent)) return null
  const listeners = machine.executableOf(parent.parent)
  return own === listeners
    ? null
    : `Process ${child.pid} runs ${own}, not the program of vsftpd's listener, ${listeners}.`
}
