import { changedHands } from '../../changed-hands.js'
import { Refusal } from '../../refusal.js'
import { type EndingMachine, endProcess, type EndSignal, type ProcessIdentity, thisMachine } from '../os/end-process.js'
import type { ProcessStat } from '../os/proc.js'
import { masterOf, type Processes, theseProcesses, whyNoSession } from './proftpd-processes.js'
import { readSlot, type Slot } from './scoreboard-file.js'
import { isLoggedIn } from './session-of-entry.js'

/** Which session is meant: what has to be true of a process still when it is signalled. */
export interface SessionIdentity extends ProcessIdentity {
  /** As the scoreboard has it, which may be less than the login. */
  user: string
  beganAt: number
  /** Where its entry stands: the scoreboard's path, the file itself, and which slot. */
  scoreboard: string
  file: string
  slot: number
}

/** What `endSession` asks and does, for tests to put strangers in. */
export interface ProftpdMachine extends Processes, EndingMachine {
  readSlot(path: string, slot: number): Slot | null
}

/**
 * Signals a session's process, after making sure that it is still that session: the boot, the start of the process, its
 * entry in the scoreboard, its program, its parent, and that it has that scoreboard open. Nothing is awaited between the
 * look and the signal. One that inetd started has no master: its parent may be anybody but a ProFTPD.
 *
 * ProFTPD ends a session on SIGTERM in 0.4 s as a rule; one that waits for a data connection takes up to 5 s. One that is
 * stopped, or hangs in a lock, is ended by SIGKILL alone, which leaves the entry and the temporary file of an upload.
 *
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(
  session: SessionIdentity,
  signal: EndSignal = 'SIGTERM',
  machine: ProftpdMachine = { ...theseProcesses, ...thisMachine, readSlot },
): 'asked' | 'already-gone' {
  return endProcess(session, signal, (process) => whyNotThatSession(session, process, machine), machine)
}

function whyNotThatSession(session: SessionIdentity, process: ProcessStat, machine: ProftpdMachine): Refusal | null {
  const { pid } = process
  const found = slotOf(session, machine)
  if (found?.entry.pid !== pid) return new Refusal('proftpdNotListed', { pid })
  const other = changedHands(whose(session), whose(found.entry))
  if (other) return other
  if (found.entry.beganAt !== session.beganAt) return new Refusal('anotherLogin')
  return whyNoSession(found.entry, process, found, masterOf(found, process, machine), machine)
}

function whose(one: Pick<SessionIdentity, 'user'>) {
  return { login: isLoggedIn(one) ? one.user : null }
}

/** The session's slot, in the very file that it was listed from: at its path, or, where that was deleted, as the session has it open. */
function slotOf({ pid, scoreboard, file, slot }: SessionIdentity, machine: ProftpdMachine): Slot | null {
  const found = machine.readSlot(scoreboard, slot)
  if (found?.file === file) return found
  const handle = machine.handleOn(pid, file)
  return handle ? machine.readSlot(handle, slot) : null
}
