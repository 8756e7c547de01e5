import { existsSync, readdirSync } from 'node:fs'
import { inSlices } from '../../../timing/event-loop.js'
import { HOW_TO_SHARE, seenInside } from '../os/pid-namespace.js'
import { allPids, type ProcessStat, processStat } from '../os/proc.js'
import { programOf } from '../os/program.js'
import { isPureFtpd, runsHere } from './pure-ftpd-processes.js'
import { noProgram } from './pure-ftpwho.js'

/**
 * Makes sure that some Pure-FTPd runs in this PID namespace, before its list is asked for: pure-ftpwho says the same of a
 * server that waits and of one that does not run, and deletes whatever entry has the number of no process here.
 *
 * @param program the path of pure-ftpwho
 * @param pids every process there is, for tests beside which other servers run
 */
export function expectServer(program: string, pids: () => number[] = allPids): (signal: AbortSignal) => Promise<void> {
  let known: ProcessStat | null = null

  return async (signal) => {
    if (known && processStat(known.pid)?.startTicks === known.startTicks) return
    known = await findHere(pids, signal)
    if (known) return
    if (!existsSync(program)) throw new Error(noProgram(program))
    throw new Error(
      (await seenElsewhere(signal)) ??
        'Pure-FTPd does not run: there is no process of it. Start it. If inetd or systemd starts it for each connection, ' +
          `give the option \`inetd: true\`. If it runs in a container, ${HOW_TO_SHARE}.`,
    )
  }
}

/**
 * Whether to ask for the list of a Pure-FTPd that inetd starts for each connection: not before some of it was seen to live
 * in this PID namespace, for pure-ftpwho would delete the entries of another one's sessions. That there is none is believed
 * where the list has no entries; who is not root may not see that, and believes it where no Pure-FTPd is seen at all.
 *
 * @param program the path of pure-ftpwho
 * @param pids every process there is, for tests beside which other servers run
 * @param directory where the entries are, for tests
 */
export function expectListHere(
  program: string,
  pids: () => number[] = allPids,
  directory = '/var/run/pure-ftpd',
): (signal: AbortSignal) => Promise<boolean> {
  let seen = false

  return async (signal) => {
    seen ||= (await findHere(pids, signal)) !== null
    if (seen) return true
    if (!existsSync(program)) throw new Error(noProgram(program))
    const entries = entriesIn(directory)
    if (entries === 0) return false
    const elsewhere = await seenElsewhere(signal)
    if (elsewhere) throw new Error(elsewhere)
    if (entries === null) return false
    throw new Error(
      `Pure-FTPd's list in ${directory} has sessions, and no Pure-FTPd runs here. If they were killed, let ${program}, run ` +
        `by hand, take them out. If it runs in a container, ${HOW_TO_SHARE}.`,
    )
  }
}

async function findHere(pids: () => number[], signal: AbortSignal): Promise<ProcessStat | null> {
  let found: ProcessStat | null = null
  await inSlices(pids(), signal, (pid) => {
    const stat = found ? null : processStat(pid)
    if (stat && runsHere(stat)) found = stat
  })
  return found
}

/** How many sessions have an entry there; null where that may not be seen. */
function entriesIn(directory: string): number | null {
  try {
    return readdirSync(directory).filter((name) => name.startsWith('client-')).length
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : null
  }
}

/** What is to be said where its list has sessions, and none of their processes is one here. */
export async function explainStrangers(signal: AbortSignal): Promise<string> {
  return (
    (await seenElsewhere(signal)) ??
    `Pure-FTPd's list has sessions, and none of their processes runs Pure-FTPd here. If it runs in a container, ${HOW_TO_SHARE}.`
  )
}

async function seenElsewhere(signal: AbortSignal): Promise<string | null> {
  const inside = await seenInside((stat) => isPureFtpd(programOf(stat)), 0, signal)
  return (
    inside &&
    `Pure-FTPd runs in another PID namespace than this back office, where process ${inside.here} is ${inside.there}: the ` +
      `numbers in its list mean other processes here, or none. Run Pure-FTPd in this namespace, or ${HOW_TO_SHARE}.`
  )
}
