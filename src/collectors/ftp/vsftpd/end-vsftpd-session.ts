import { changedHands } from '../../changed-hands.js'
import { Refusal } from '../../refusal.js'
import { type EndingMachine, endProcess, type ProcessIdentity, thisMachine } from '../os/end-process.js'
import type { ProcessStat } from '../os/proc.js'
import { isProgram, isSameProgram, type Program, programOf } from '../os/program.js'
import {
  isBetween,
  isTrusted,
  type LiveSession,
  sessionOfParent,
  type Titled,
  titledAt,
} from './live-vsftpd-sessions.js'

/** Which session is meant, by the process that took the connection: what has to be true still when one is signalled. */
export interface SessionIdentity extends ProcessIdentity {
  /** Null before logon, and where the title could not be read. */
  login: string | null
  ip: string | null
}

/** What `endSession` asks and does, for tests to put strangers in. */
export interface VsftpdMachine extends Pick<EndingMachine, 'bootId' | 'signal'> {
  sessionOfParent(pid: number): LiveSession | null
  titledAt(pid: number): Titled | null
  programOf(stat: ProcessStat): Program | null
}

/**
 * Sends SIGKILL to the process that serves a session's client, after making sure that it is still that session: the
 * boot, the start of the process that took the connection, its program, its parent, and the address and login in the
 * titles. Nothing is awaited between the look and the signal.
 *
 * It must be SIGKILL, and to that process: it ignores SIGTERM, and without its parent it would go on with its transfer.
 * Its parent sees it die, tells the client `500 OOPS: child died`, and ends. What was uploaded of a file stays.
 *
 * @param force whether the parent gets it too, where it has not ended by itself
 * @throws RemovalRefused where it is not that session any more; EPERM, as `process.kill` does, where it may not be signalled
 */
export function endSession(
  session: SessionIdentity,
  force = false,
  machine: VsftpdMachine = { ...thisMachine, sessionOfParent, titledAt, programOf },
): 'asked' | 'already-gone' {
  let now: LiveSession | null = null
  return endProcess(session, 'SIGKILL', () => notASession(now!, machine) ?? notThatSession(session, now!, force), {
    bootId: machine.bootId,
    // All of its processes are looked at in the same moment.
    processStat: (pid) => (now = machine.sessionOfParent(pid))?.parent ?? null,
    signal(parent, signal) {
      const child = now!.child.pid
      const answer = machine.signal(child, signal)
      return force && child !== parent ? machine.signal(parent, signal) : answer
    },
  })
}

function notThatSession({ pid, login, ip }: SessionIdentity, now: LiveSession, force: boolean): Refusal | null {
  if (isBetween(now) && !force) return new Refusal('vsftpdBetween', { pid })
  // One parent has one login for all its life, also when the process that served it has gone.
  return changedHands({ login, ip }, { login: isBetween(now) ? login : now.login, ip: now.ip })
}

function notASession({ parent, child, title }: LiveSession, machine: VsftpdMachine): Refusal | null {
  const [parents, own] = [machine.programOf(parent), machine.programOf(child)]
  for (const [{ pid }, program] of [
    [parent, parents],
    [child, own],
  ] as const)
    if (!program || !isProgram('vsftpd', program))
      return new Refusal('otherProgram', { pid, program: program?.path ?? { key: 'noProgram' }, server: 'vsftpd' })
  // A listener's children are whole sessions of others.
  const top = machine.titledAt(parent.pid)?.title.is
  if (top === 'listener' || top === 'untitled' || title.is === 'listener' || title.is === 'untitled')
    return new Refusal('vsftpdListener', { pid: parent.pid })
  if (!isSameProgram(own!, parents!))
    return new Refusal('vsftpdOtherProgram', { pid: child.pid, program: own!.path, parent: parents!.path })
  const listener = machine.titledAt(parent.parent)
  const listeners = listener && machine.programOf(listener.stat)
  // Its listener has gone, and it has outlived that.
  if (!listeners || !isProgram('vsftpd', listeners)) return null
  if (listener.title.is !== 'listener' || !isTrusted(listener))
    return new Refusal('vsftpdOtherParent', { pid: parent.pid, parent: parent.parent })
  return isSameProgram(own!, listeners)
    ? null
    : new Refusal('vsftpdOtherListener', { pid: child.pid, program: own!.path, listener: listeners.path })
}
