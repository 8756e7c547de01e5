import { RemovalRefused } from '../../../session-source.js'
import { Refusal } from '../../refusal.js'
import { expectOwnProc } from './pid-namespace.js'
import { bootId, type ProcessStat, processStat } from './proc.js'
import { runProgram } from './run-program.js'

/** Names one process of all that ever were on this machine: its pid alone is given again. */
export interface ProcessIdentity {
  /** By `bootId`. */
  bootId: string
  pid: number
  /** By `processStat`. */
  startTicks: number
}

/** How a process is asked to end, or made to. */
export type EndSignal = 'SIGTERM' | 'SIGKILL'

/** What `endProcess` asks and does, for tests to put strangers in. */
export interface EndingMachine {
  bootId(): string
  processStat(pid: number): ProcessStat | null
  signal(pid: number, signal: EndSignal): 'asked' | 'already-gone'
}

/**
 * Signals a process after making sure that it is the one that is meant, and that it is what the caller takes it for.
 * Nothing is awaited between the look and the signal.
 *
 * @example
 * endProcess({ bootId: bootId(), pid, startTicks }, 'SIGTERM', (process) =>
 *   isProgram('my-ftpd', programOf(process)) ? null : `Process ${process.pid} is not my-ftpd's.`,
 * )
 * @param whyNot why it must not be ended, as a sentence or the refusal itself; null where it may: whatever the server
 * itself says of it
 * @throws RemovalRefused with that sentence, and as `signalProcess` does; EPERM, as `process.kill` does, where it may not
 * be signalled
 */
export function endProcess(
  { bootId, pid, startTicks }: ProcessIdentity,
  signal: EndSignal,
  whyNot: (process: ProcessStat) => string | RemovalRefused | null,
  machine: EndingMachine = thisMachine,
): 'asked' | 'already-gone' {
  const process = bootId === machine.bootId() ? machine.processStat(pid) : null
  // Its pid may have been given to another process since, which is none of our business.
  if (process?.startTicks !== startTicks) return 'already-gone'
  const why = whyNot(process)
  if (why) throw typeof why === 'string' ? new RemovalRefused(why) : why
  return machine.signal(pid, signal)
}

/**
 * Signals a process of a session. Never this one, nor one that it descends from, nor the first of all: whatever a
 * server's list says of those, they are no sessions.
 *
 * @throws RemovalRefused for one of these; where /proc, in which it was looked for, is another namespace's; EPERM, as
 * `process.kill` does, where it may not be signalled
 */
export function signalProcess(pid: number, signal: EndSignal): 'asked' | 'already-gone' {
  expectOwnProc()
  if (isOwn(pid)) throw new Refusal('ownProcess', { pid })
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

/** The machine that this runs on. */
export const thisMachine: EndingMachine = { bootId, processStat, signal: signalProcess }

/** How the program that ends a session as root ends itself: with a line on stderr for all but the first. Sudo's own failure is 1. */
export const EXIT = { asked: 0, badArguments: 2, alreadyGone: 3, refused: 4, failed: 5 } as const

/** How a session is ended as root. */
export interface AsRoot {
  /** The path of the program that does it, to be run through `sudo -n`: see `endByArguments`. Undefined where none is set up. */
  endHelper: string | undefined
  /** By SIGKILL, after an ordinary end was of no use. */
  force: boolean
  /** Where it is said how that program is set up, for the admin: `docs/servers/proftpd.md`. */
  page: string
  /** What that program is called, for the admin; `adminjs-sessions-end` if not given. */
  called?: string
}

/**
 * Ends a session by this process where it may signal it; else through `sudo -n` by a program that runs as root and checks
 * everything again by itself.
 *
 * @param session its process
 * @param end throws EPERM, as `endProcess` does, where this process may not
 * @throws RemovalRefused where there is no such program, sudo does not allow it, or it refuses; what `end` throws otherwise
 * @example
 * end: ({ handle }, signal) =>
 *   orAsRoot({ endHelper, force: false, page: 'README.md', called: 'my-ftpd-end' }, handle, signal, () =>
 *     endProcess(handle, 'SIGTERM', whyNoSession),
 *   ),
 */
export async function orAsRoot(
  asRoot: AsRoot,
  session: { pid: number; startTicks: number },
  signal: AbortSignal,
  end: () => 'asked' | 'already-gone',
): Promise<'asked' | 'already-gone'> {
  try {
    return end()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    return endAsRoot(asRoot, session, signal)
  }
}

async function endAsRoot(
  { endHelper, force, page, called = 'adminjs-sessions-end' }: AsRoot,
  { pid, startTicks }: { pid: number; startTicks: number },
  signal: AbortSignal,
): Promise<'asked' | 'already-gone'> {
  const uid = String(process.getuid?.())
  if (!endHelper) throw new Refusal('noEndHelper', { uid, pid, program: called, page })
  const args = ['-n', endHelper, String(pid), String(startTicks), ...(force ? ['force'] : [])]
  const { code, stderr } = await runProgram('sudo', args, signal)
  if (code === EXIT.asked) return 'asked'
  if (code === EXIT.alreadyGone) return 'already-gone'
  const said = stderr.trim().slice(0, 500)
  if (code === EXIT.refused) throw new RemovalRefused(said)
  throw new Refusal(force ? 'sudoFailedForce' : 'sudoFailed', {
    program: endHelper,
    code: String(code),
    said: said || { key: 'saidNothing' },
    uid,
    page,
  })
}

/**
 * What a back office lacks to see of its server's sessions, and to end them: nothing, where it is root. For a source's
 * `missingRights`.
 *
 * @param sees what only root can see, as the end of a sentence: `'directories and idle times'`
 * @returns a sentence each
 */
export async function missingRights(
  sees: string,
  { endHelper, page }: Pick<AsRoot, 'endHelper' | 'page'>,
  signal: AbortSignal,
): Promise<string[]> {
  if (process.getuid?.() === 0) return []
  const set = endHelper !== undefined && (await maySudo(endHelper, signal))
  const setUp =
    endHelper === undefined
      ? `It can't end sessions: give it the option endHelper (${page}).`
      : `It can't end sessions: sudo does not let this user run ${endHelper} without a password (${page}).`
  return [`It can't see ${sees}: that takes root, or CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH.`, ...(set ? [] : [setUp])]
}

async function maySudo(program: string, signal: AbortSignal): Promise<boolean> {
  const allowed = await runProgram('sudo', ['-n', '-l', program], signal).catch(() => null)
  return allowed?.code === 0
}
