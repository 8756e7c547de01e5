import { inSlices } from '../../../timing/event-loop.js'
import { allPids, type ProcessStat, processStat, standingOf } from './proc.js'

/*
 * A process has another number in each PID namespace that it is seen from: in a container 1, outside 4711. A server's own
 * list has the numbers of the namespace that the server runs in; to anybody else they name other processes, or none.
 */

/** How a back office gets to see a server that runs in a container, as the end of a message. */
export const HOW_TO_SHARE =
  'let the back office share its PID namespace (docker run --pid=container:NAME; in Kubernetes shareProcessNamespace: true)'

/** Whether a process has the same number for itself as here. Of one that has gone nothing is known. */
export function isOfThisNamespace(pid: number): boolean {
  return standingOf(pid)?.numbers.length === 1
}

/** @throws where /proc shows the processes of another PID namespace than the one that signals would go to */
export function expectOwnProc(): void {
  const numbers = standingOf('self')?.numbers ?? []
  if (numbers.length === 1 && numbers[0] === process.pid) return
  throw new Error(
    `/proc is not that of this process's PID namespace: it has ${numbers[0] ?? 'nothing'} for this process, which is ` +
      `${process.pid}. So no number in it can be trusted. Mount a /proc of this namespace (mount -t proc proc /proc).`,
  )
}

/**
 * A server's process in a PID namespace inside of this one, for a message: its number here, and there; null where none is seen.
 *
 * @param there the number that it must have there; 0 for any
 */
export async function seenInside(
  isServer: (stat: ProcessStat) => boolean,
  there: number,
  signal: AbortSignal,
): Promise<{ here: number; there: number } | null> {
  let found: { here: number; there: number } | null = null
  await inSlices(allPids(), signal, (pid) => {
    const stat = found ? null : processStat(pid)
    if (!stat || !isServer(stat)) return
    const numbers = standingOf(pid)?.numbers ?? []
    const last = numbers.at(-1)
    if (numbers.length > 1 && (there === 0 || last === there)) found = { here: pid, there: last! }
  })
  return found
}
