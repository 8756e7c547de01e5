import { statSync } from 'node:fs'
import { inSlices } from '../../../timing/event-loop.js'
import { expectOwnProc, isOfThisNamespace } from '../os/pid-namespace.js'
import {
  allPids,
  bootedAt,
  bootId,
  isTaken,
  openFilesOf,
  type ProcessStat,
  processStat,
  TICKS_PER_SECOND,
} from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'
import { whyNone } from './none-live.js'
import { masterOf, whyNoSession } from './proftpd-processes.js'
import { type Scoreboard, scoreboardReader, type ScoreboardReader } from './scoreboard-file.js'
import type { ScoreboardEntry, ScoreboardHeader } from './scoreboard.js'

/** A scoreboard's entry whose process lives. */
export interface LiveSession {
  /** Of all processes that ever were on this machine, the one. */
  key: string
  entry: ScoreboardEntry
  /** The scoreboard that the entry stands in, as a `Scoreboard` names it. */
  file: string
  startTicks: number
  /** Its master has gone. */
  orphaned: boolean
}

/** A process is looked at whole when it is first seen and then every so often, in ms; between, only whether it is there. */
const LOOK_EVERY = 30_000
/** The scoreboard has whole seconds, and the start of a process is only known to about a second. */
const CLOCK_TOLERANCE = 2

interface Known {
  key: string
  beganAt: number
  startTicks: number
  /** Whether systemd, xinetd or inetd started it for its connection: what a server forks for one leads no session of the kernel's. */
  startedAlone: boolean
  lookedAt: number
}

/**
 * Which sessions of a ProFTPD live: the scoreboard keeps the entry of a session that was killed for up to 30 s, and a
 * ProFTPD that crashed keeps all of them.
 *
 * Sessions that outlived their master are found too, though a new master has made a new scoreboard: they hold the old,
 * deleted one open, and go on writing to it. Seeing that takes root, or CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH.
 */
export function liveSessions(path: string): (signal: AbortSignal) => Promise<LiveSession[]> {
  const readCurrent = scoreboardReader(path)
  let known = new Map<number, Known>()
  let left: ScoreboardReader[] = []
  let searchedAt = 0
  let file = ''
  let everAlive = false
  let everListed = new Set<string>()

  return async (signal) => {
    expectOwnProc()
    const current = await readCurrent(signal)
    if (current.file !== file || Date.now() - searchedAt >= LOOK_EVERY) {
      everAlive &&= current.file === file
      file = current.file
      left = await leftScoreboards(path, signal)
      searchedAt = Date.now()
    }
    let deleted = await readAll(left, signal)
    if (!deleted) {
      // The process through which it was read has gone; another one may still hold it.
      left = await leftScoreboards(path, signal)
      deleted = (await readAll(left, signal)) ?? []
    }

    const live: LiveSession[] = []
    const next = new Map<number, Known>()
    const now = { lookedAt: Date.now(), bootedAt: bootedAt() }
    for (const board of [current, ...deleted]) {
      const { header, entries } = board
      const master = masterOf(board, null) ?? (await mastersOfSome(board, signal))
      const clockShift = clockShiftOf(master, header, now.bootedAt)
      everAlive ||= master !== null
      await inSlices(newestOfEachPid(entries), signal, (entry) => {
        let found = known.get(entry.pid)
        const recent = found?.beganAt === entry.beganAt && now.lookedAt - found.lookedAt < LOOK_EVERY
        if (!recent || !isTaken(entry.pid)) {
          const stat = processOf(entry)
          const lives = stat && whyNoSession(entry, stat, board, master) === null
          // Under inetd there is no master to tell by how much the clock was set.
          const same = stat && found?.startTicks === stat.startTicks
          const its = lives && (same || !isYounger(stat, entry, clockShift, now.bootedAt))
          found = its ? knownAs(entry, stat, now.lookedAt) : undefined
        }
        if (!found) return
        next.set(entry.pid, found)
        // Under inetd ProFTPD goes on with a scoreboard that a server left, and so with the number of a master that has gone.
        const orphaned = master === null && header.masterPid !== 0 && !found.startedAlone
        live.push({ key: found.key, entry, file: board.file, startTicks: found.startTicks, orphaned })
      })
    }
    known = next
    everAlive ||= live.length > 0
    if (live.length === 0) {
      const unknown = current.entries.filter((entry) => !everListed.has(nameOf(entry)))
      const why = await whyNone(path, current, { everAlive, unknown }, signal)
      if (why) throw new Error(why)
    }
    const present = new Set(live.map(({ entry }) => nameOf(entry)))
    everListed = new Set(current.entries.map(nameOf).filter((name) => present.has(name) || everListed.has(name)))
    return live
  }
}

const nameOf = ({ pid, beganAt }: ScoreboardEntry) => `${pid} ${beganAt}`

/** What every reader gives, or null where one of them fails. */
async function readAll(readers: ScoreboardReader[], signal: AbortSignal): Promise<Scoreboard[] | null> {
  try {
    return await Promise.all(readers.map((read) => read(signal)))
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** A slot is used again, and the entry of a killed session may stay: of two with the same pid the later one is true. */
function newestOfEachPid(entries: ScoreboardEntry[]): Iterable<ScoreboardEntry> {
  const newest = new Map<number, ScoreboardEntry>()
  for (const entry of entries) {
    const other = newest.get(entry.pid)
    if (!other || other.beganAt <= entry.beganAt) newest.set(entry.pid, entry)
  }
  return newest.values()
}

/** The master by a session that lives, where the header does not name it. */
async function mastersOfSome(board: Scoreboard, signal: AbortSignal): Promise<ProcessStat | null> {
  let found: ProcessStat | null = null
  await inSlices(board.entries, signal, (entry) => {
    const stat = found ? null : processOf(entry)
    const master = stat && masterOf(board, stat)
    if (master && whyNoSession(entry, stat, board, master) === null) found = master
  })
  return found
}

/** By how many seconds the clock was set forward since the master began: by that much may a session seem too young. */
function clockShiftOf(master: ProcessStat | null, header: ScoreboardHeader, bootedAt: number): number {
  // The header's time is that of whom it names.
  if (master?.pid !== header.masterPid) return 0
  return Math.max(0, bootedAt + master.startTicks / TICKS_PER_SECOND - header.startedAt)
}

function processOf({ pid }: ScoreboardEntry): ProcessStat | null {
  return pid > 1 ? processStat(pid) : null
}

/** Whether the process began after the entry was made: that one has gone and its pid was given again. */
function isYounger(stat: ProcessStat, entry: ScoreboardEntry, clockShift: number, bootedAt: number): boolean {
  const beganAt = bootedAt + stat.startTicks / TICKS_PER_SECOND
  return entry.plausible && beganAt > entry.beganAt + CLOCK_TOLERANCE + clockShift
}

function knownAs({ beganAt }: ScoreboardEntry, process: ProcessStat, lookedAt: number): Known {
  const { pid, startTicks, kernelSession } = process
  const key = `${bootId().slice(0, 12)}-${pid}-${startTicks}`
  return { key, beganAt, startTicks, startedAlone: kernelSession === pid, lookedAt }
}

const isProftpd = (stat: ProcessStat) => isProgram('proftpd', programOf(stat))

/** A reader for each deleted scoreboard that was at this path and that some session still holds open. */
async function leftScoreboards(path: string, signal: AbortSignal): Promise<ScoreboardReader[]> {
  const found = new Map<number, ScoreboardReader>()
  await inSlices(allPids(), signal, (pid) => {
    const stat = processStat(pid)
    if (!stat || !isProftpd(stat) || !isOfThisNamespace(pid)) return
    const held = openFilesOf(pid)?.find((file) => file.deleted && file.path === path)
    const inode = held && statSync(held.handle, { throwIfNoEntry: false })?.ino
    if (inode) found.set(inode, scoreboardReader(held.handle))
  })
  return [...found.values()]
}
