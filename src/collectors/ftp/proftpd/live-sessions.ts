import { statSync } from 'node:fs'
import {
  allPids,
  bootedAt,
  bootId,
  inSlices,
  isTaken,
  openFilesOf,
  type ProcessStat,
  processStat,
  TICKS_PER_SECOND,
} from '../processes.js'
import { isMaster, masterPidOf } from './master.js'
import type { ScoreboardEntry, ScoreboardHeader } from './scoreboard.js'
import { type Scoreboard, scoreboardReader, type ScoreboardReader } from './scoreboard-file.js'

/** A scoreboard's entry whose process lives. */
export interface LiveSession {
  /** Of all processes that ever were on this machine, the one. */
  key: string
  entry: ScoreboardEntry
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

  return async (signal) => {
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
    for (const { header, entries } of [current, ...deleted]) {
      const { masterPid: named } = header
      const masterPid = isMaster(named, processStat)
        ? named
        : masterPidOf(named, await firstAlive(entries, signal), processStat)
      const master = masterOf(masterPid, header, now.bootedAt)
      const orphaned = master === null && header.masterPid !== 0
      everAlive ||= !orphaned
      await inSlices(newestOfEachPid(entries), signal, (entry) => {
        let found = known.get(entry.pid)
        const recent = found?.beganAt === entry.beganAt && now.lookedAt - found.lookedAt < LOOK_EVERY
        if (!recent || !isTaken(entry.pid)) found = lookAt(entry, masterPid, master, now)
        if (!found) return
        next.set(entry.pid, found)
        live.push({ key: found.key, entry, startTicks: found.startTicks, orphaned })
      })
    }
    known = next
    everAlive ||= live.length > 0
    if (everAlive) return live
    throw new Error(
      `ProFTPD does not run: the scoreboard ${path} names process ${current.header.masterPid} as its master, ` +
        'and there is none. Start ProFTPD. If it runs in a container, the back office must share its PID namespace.',
    )
  }
}

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

interface Master {
  pid: number
  /** By how many seconds the clock was set forward since it began: by that much may a session seem too young. */
  clockShift: number
}

/** Some session that lives, to find their master by. */
async function firstAlive(entries: ScoreboardEntry[], signal: AbortSignal): Promise<{ parent: number }> {
  let first: ProcessStat | null = null
  await inSlices(entries, signal, ({ pid }) => {
    if (first !== null || pid <= 1) return
    const stat = processStat(pid)
    if (stat?.comm === 'proftpd') first = stat
  })
  return first ?? { parent: 0 }
}

/** The master of a scoreboard's sessions; null where it does not live. */
function masterOf(masterPid: number, header: ScoreboardHeader, bootedAt: number): Master | null {
  const stat = masterPid > 0 ? processStat(masterPid) : null
  if (!stat) return null
  // The header's time is that of whom it names.
  if (masterPid !== header.masterPid) return { pid: masterPid, clockShift: 0 }
  const clockShift = bootedAt + stat.startTicks / TICKS_PER_SECOND - header.startedAt
  // Another process may have got the pid since. The clock tells; or, where it was set, the name.
  if (clockShift > CLOCK_TOLERANCE && stat.comm !== 'proftpd') return null
  return { pid: stat.pid, clockShift: Math.max(0, clockShift) }
}

function lookAt(
  entry: ScoreboardEntry,
  masterPid: number,
  master: Master | null,
  now: { lookedAt: number; bootedAt: number },
): Known | undefined {
  const stat = entry.pid > 1 && entry.pid !== masterPid ? processStat(entry.pid) : null
  if (!stat || isStranger(entry, stat, master, now.bootedAt)) return undefined
  const { pid, startTicks } = stat
  const key = `${bootId().slice(0, 12)}-${pid}-${startTicks}`
  return { key, beganAt: entry.beganAt, startTicks, lookedAt: now.lookedAt }
}

/** Whether the process is not the one that the entry was made for: that one has gone and its pid was given again. */
function isStranger(entry: ScoreboardEntry, stat: ProcessStat, master: Master | null, bootedAt: number): boolean {
  if (master ? stat.parent !== master.pid : stat.comm !== 'proftpd') return true
  const tolerance = CLOCK_TOLERANCE + (master?.clockShift ?? 0)
  return entry.plausible && bootedAt + stat.startTicks / TICKS_PER_SECOND > entry.beganAt + tolerance
}

/** A reader for each deleted scoreboard that was at this path and that some session still holds open. */
async function leftScoreboards(path: string, signal: AbortSignal): Promise<ScoreboardReader[]> {
  const found = new Map<number, ScoreboardReader>()
  await inSlices(allPids(), signal, (pid) => {
    if (processStat(pid)?.comm !== 'proftpd') return
    const held = openFilesOf(pid)?.find((file) => file.deleted && file.path === path)
    const inode = held && statSync(held.handle, { throwIfNoEntry: false })?.ino
    if (inode) found.set(inode, scoreboardReader(held.handle))
  })
  return [...found.values()]
}
