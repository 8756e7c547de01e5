import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { inSlices } from '../../../timing/event-loop.js'
import { HOW_TO_SHARE, isOfThisNamespace, seenInside } from '../os/pid-namespace.js'
import { allPids, bootedAt, type ProcessStat, processStat, TICKS_PER_SECOND, titleOf } from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'
import { masterOf } from './proftpd-processes.js'
import { handleOn, hasScoreboard, KEEPS_NONE, type Scoreboard } from './scoreboard-file.js'
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
  if (masterPid === 0 && (everAlive || !unknown.some(isOfThisBoot))) {
    const without = everAlive ? null : await keepsNone(signal)
    return without === null ? null : inNone(without)
  }
  const were = unknown.length === 0 || (master && isItsMaster(path, board.header, master) && !unknown.some(isAnothers))
  if (everAlive && were) return null
  const inside = await seenInside((stat) => isProgram('proftpd', programOf(stat)), masterPid || unknown[0]!.pid, signal)
  if (inside) {
    return (
      `ProFTPD runs in another PID namespace than this back office, where process ${inside.here} is ${inside.there}: ` +
      `the numbers in the scoreboard ${path} mean other processes here, or none. Run ProFTPD in this namespace, or ${HOW_TO_SHARE}.`
    )
  }
  if (masterPid === 0) {
    return (
      `The scoreboard ${path} has sessions, and none of their processes runs here as ProFTPD. If they were killed, let ` +
      `ftpscrub -f ${path} take them out. If ProFTPD runs in a container, ${HOW_TO_SHARE}.`
    )
  }
  if (master && everAlive) {
    return (
      `The scoreboard ${path} has sessions, and none of their processes is one of ProFTPD's process ${masterPid} here: it ` +
      `seems to be that of a ProFTPD in another PID namespace. If so, ${HOW_TO_SHARE}. If they were killed, it says so for 30 s at most.`
    )
  }
  const stat = masterPid > 0 ? processStat(masterPid) : null
  const found = stat ? `that runs ${programOf(stat)?.path ?? stat.comm} here` : 'there is none'
  const without = await keepsNone(signal)
  return (
    `ProFTPD does not run: the scoreboard ${path} names process ${masterPid} as its master, and ${found}. ` +
    'Start ProFTPD. If inetd or systemd starts it for each connection, delete that file, which an earlier ProFTPD has ' +
    `left: the next one makes it anew. If it runs in a container, ${HOW_TO_SHARE}.` +
    (without === null ? '' : ` ${inNone(without)}`)
  )
}

const inNone = (pid: number) => `ProFTPD's session ${pid} is in no scoreboard. ${KEEPS_NONE}`

/** Of an earlier boot nobody lives. */
const isOfThisBoot = ({ beganAt }: ScoreboardEntry) => beganAt >= bootedAt()

/** A session of a ProFTPD here that keeps no scoreboard; null where none is seen. */
async function keepsNone(signal: AbortSignal): Promise<number | null> {
  const found: number[] = []
  await inSlices(allPids(), signal, (pid) => {
    if (isInNoScoreboard(pid)) found.push(pid)
  })
  if (found.length === 0) return null
  // One that is just ending has closed its own.
  await sleep(endsWithin, undefined, { signal })
  return found.find(isInNoScoreboard) ?? null
}

/** How long a session may take to end when it has closed its scoreboard, in ms. */
const endsWithin = 500

/** Until it has its title, a session may still open one. */
function isInNoScoreboard(pid: number): boolean {
  const stat = processStat(pid)
  if (!stat || !isProgram('proftpd', programOf(stat)) || !isOfThisNamespace(pid)) return false
  return /^proftpd: (?!\(accepting connections\))/.test(titleOf(pid)) && hasScoreboard(pid) === false
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
