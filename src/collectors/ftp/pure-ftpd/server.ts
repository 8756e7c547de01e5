import { existsSync } from 'node:fs'
import { inSlices } from '../../../timing/event-loop.js'
import { HOW_TO_SHARE, seenInside } from '../os/pid-namespace.js'
import { allPids, type ProcessStat, processStat } from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'
import { runsHere } from './processes.js'
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
    known = null
    await inSlices(pids(), signal, (pid) => {
      const stat = known ? null : processStat(pid)
      if (stat && runsHere(stat)) known = stat
    })
    if (known) return
    if (!existsSync(program)) throw new Error(noProgram(program))
    throw new Error(
      (await seenElsewhere(signal)) ??
        'Pure-FTPd does not run: there is no process of it. Start it. If inetd or systemd starts it for each connection, ' +
          `give the option \`inetd: true\`. If it runs in a container, ${HOW_TO_SHARE}.`,
    )
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
  const inside = await seenInside((stat) => isProgram('pure-ftpd', programOf(stat)), 0, signal)
  return (
    inside &&
    `Pure-FTPd runs in another PID namespace than this back office, where process ${inside.here} is ${inside.there}: the ` +
      `numbers in its list mean other processes here, or none. Run Pure-FTPd in this namespace, or ${HOW_TO_SHARE}.`
  )
}
