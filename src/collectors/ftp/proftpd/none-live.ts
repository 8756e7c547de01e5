import { statSync } from 'node:fs'
import { HOW_TO_SHARE, seenInside } from '../os/pid-namespace.js'
import { bootedAt, type ProcessStat, processStat, TICKS_PER_SECOND } from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'
import { masterOf } from './processes.js'
import { handleOn, type Scoreboard } from './scoreboard-file.js'
import type { ScoreboardEntry, ScoreboardHeader } from './scoreboard.js'

/**
 * Why it can't be known that there are no sessions, where none of a scoreboard's entries has a process that is one; null
 * where it is known.
 *
 * @param everAlive whether its master or one of its sessions was seen before: then that all have gone means that there
 *   are none
 * @param unknown entries that never were seen to be sessions: of such as were killed, or with the numbers of another PID
 *   namespace
 */
export async function whyNone(
  path: string,
  board: Scoreboard,
  { everAlive, unknown }: { everAlive: boolean; unknown: ScoreboardEntry[] },
  signal: AbortSignal,
): Promise<string | null> {
  const { masterPid } = board.header
  const master = masterOf(board, null)
  const were = unknown.length === 0 || (master && isItsMaster(path, board.header, master) && !unknown.some(isAnothers))
  if (everAlive && were) return null
  const inside = await seenInside((stat) => isProgram('proftpd', programOf(stat)), masterPid, signal)
  if (inside) {
    return (
      `ProFTPD runs in another PID namespace than this back office, where process ${inside.here} is ${inside.there}: ` +
      `the numbers in the scoreboard ${path} mean other processes here, or none. Run ProFTPD in this namespace, or ${HOW_TO_SHARE}.`
    )
  }
  // Under inetd no master need run, and an entry may stay for long after its session was killed.
  if (masterPid === 0) return null
  if (master && everAlive) {
    return (
      `The scoreboard ${path} has sessions, and none of their processes is one of ProFTPD's process ${masterPid} here: it ` +
      `seems to be that of a ProFTPD in another PID namespace. If so, ${HOW_TO_SHARE}. If they were killed, it says so for 30 s at most.`
    )
  }
  const stat = masterPid > 0 ? processStat(masterPid) : null
  const found = stat ? `that runs ${programOf(stat)?.path ?? stat.comm} here` : 'there is none'
  return (
    `ProFTPD does not run: the scoreboard ${path} names process ${masterPid} as its master, and ${found}. ` +
    `Start ProFTPD. If it runs in a container, ${HOW_TO_SHARE}.`
  )
}

/** Whether an entry has the number of another process. */
const isAnothers = ({ pid }: ScoreboardEntry) => pid > 0 && processStat(pid) !== null

/** Whether a ProFTPD that has the number of a scoreboard's master is that: it has the lock beside it open. Who may not see that compares the times. */
function isItsMaster(path: string, header: ScoreboardHeader, master: ProcessStat): boolean {
  const lock = statSync(`${path}.lck`, { bigint: true, throwIfNoEntry: false })
  const handle = lock ? handleOn(master.pid, `${lock.dev}:${lock.ino}`) : null
  if (handle !== null) return handle !== false
  return Math.abs(bootedAt() + master.startTicks / TICKS_PER_SECOND - header.startedAt) <= 2
}
