import { RemovalRefused } from '../../../session-source.js'
import { expectOwnProc } from './pid-namespace.js'
import { processStat } from './proc.js'

/**
 * Signals a process of a session. Never this one, nor one that it descends from, nor the first of all: whatever a
 * server's list says of those, they are no sessions.
 *
 * @throws RemovalRefused for one of these; where /proc, in which it was looked for, is another namespace's; EPERM, as
 * `process.kill` does, where it may not be signalled
 */
export function signalSession(pid: number, signal: 'SIGTERM' | 'SIGKILL'): 'asked' | 'already-gone' {
  expectOwnProc()
  if (isOwn(pid)) throw new RemovalRefused(`Process ${pid} is this one, or what runs it: it is no session.`)
  try {
    process.kill(pid, signal)
    return 'asked'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'already-gone'
    throw error
  }
}

function isOwn(pid: number): boolean {
  if (!(pid > 1)) return true
  for (let own = process.pid; own > 1; own = processStat(own)?.parent ?? 0) if (own === pid) return true
  return false
}
