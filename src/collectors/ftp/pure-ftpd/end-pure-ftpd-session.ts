import { changedHands } from '../../changed-hands.js'
import { Refusal } from '../../refusal.js'
import { type EndingMachine, endProcess, type EndSignal, type ProcessIdentity, thisMachine } from '../os/end-process.js'
import { type Processes, theseProcesses, whyNoSession } from './pure-ftpd-processes.js'

/** Which session is meant: what has to be true of a process still when it is signalled. */
export interface SessionIdentity extends ProcessIdentity {
  account: string | null
  peer: string
}

/** What `endSession` asks and does, for tests to put strangers in. */
export type PureFtpdMachine = Processes & EndingMachine

/**
 * Signals a session's process, after making sure that it is still that session: the boot, the start of the process, its
 * program, its title and its parent, and what pure-ftpwho has just said of it. Nothing is awaited between the look and
 * the signal.
 *
 * Pure-FTPd ends a session on SIGTERM in some ms, in every state, and its privileged helper process with it; what was
 * uploaded of a file stays. One that is stopped is ended by SIGKILL alone, to the same effect.
 *
 * @param now the session as pure-ftpwho lists it now; null where it does not
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(
  session: SessionIdentity,
  now: { account: string | null; peer: string } | null,
  signal: EndSignal = 'SIGTERM',
  machine: PureFtpdMachine = { ...theseProcesses, ...thisMachine },
): 'asked' | 'already-gone' {
  return endProcess(
    session,
    signal,
    (process) => notThatSession(session, now) ?? whyNoSession(process, machine),
    machine,
  )
}

function notThatSession({ pid, account, peer }: SessionIdentity, now: { account: string | null; peer: string } | null) {
  if (!now) return new Refusal('pureNotListed', { pid })
  return changedHands({ login: account, ip: peer }, { login: now.account, ip: now.peer })
}
