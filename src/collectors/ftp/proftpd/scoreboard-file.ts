import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { inSlices, openFilesOf } from '../processes.js'
import {
  ENTRY_SIZE,
  HEADER_SIZE,
  readEntries,
  readEntry,
  readHeader,
  type ScoreboardEntry,
  ScoreboardError,
  type ScoreboardHeader,
} from './scoreboard.js'

/** What a scoreboard file held when it was last looked at. */
export interface Scoreboard {
  /** Names the file itself: a restart of ProFTPD makes another one at the same path. */
  file: string
  header: ScoreboardHeader
  entries: ScoreboardEntry[]
}

/** Gives what the scoreboard at a path holds now. Entries of a file that has not changed are the same objects. */
export type ScoreboardReader = (signal: AbortSignal) => Promise<Scoreboard>

/**
 * A reader of the scoreboard at `path`, which may also be an open file of a process, `/proc/PID/fd/N`.
 * While ProFTPD writes nothing the file is only looked at, not read.
 *
 * The reader throws where the file cannot be read or is no scoreboard: a message for the admin that names the path.
 */
export function scoreboardReader(path: string): ScoreboardReader {
  let last: (Scoreboard & { stamp: string }) | null = null
  return async (signal) => {
    for (let attempt = 1; ; attempt++) {
      try {
        last = await readChanged(path, last, signal)
        return last
      } catch (error) {
        signal.throwIfAborted()
        // ProFTPD makes the file and adds to it while we look: a half of it is whole a moment later.
        if (!(error instanceof ScoreboardError) || attempt === 3)
          throw new Error(explain(path, error), { cause: error })
        await wait(20, undefined, { signal })
      }
    }
  }
}

async function readChanged(
  path: string,
  last: (Scoreboard & { stamp: string }) | null,
  signal: AbortSignal,
): Promise<Scoreboard & { stamp: string }> {
  const file = await open(path)
  try {
    const stat = await file.stat({ bigint: true })
    const identity = `${stat.dev}:${stat.ino}`
    // The file's clock is coarse: two writes within a tick of it leave the same time. After a second there were none.
    const settled = Date.now() - Number(stat.mtimeMs) > 1000
    const stamp = settled ? `${identity}:${stat.size}:${stat.mtimeNs}` : ''
    if (stamp && stamp === last?.stamp) return last
    const bytes = await file.readFile()
    const header = readHeader(bytes)
    const entries: ScoreboardEntry[] = []
    await inSlices(readEntries(bytes), signal, (entry) => entries.push(entry))
    return { file: identity, stamp, header, entries }
  } finally {
    await file.close()
  }
}

/**
 * One slot and the header as they stand this moment, for the look immediately before a signal; null where the file or
 * the slot is not there, or is of no known layout.
 */
export function readSlot(path: string, slot: number): { header: ScoreboardHeader; entry: ScoreboardEntry } | null {
  try {
    const header = readHeader(readPart(path, 0, HEADER_SIZE))
    const entry = readPart(path, HEADER_SIZE + slot * ENTRY_SIZE, ENTRY_SIZE)
    return entry.length === ENTRY_SIZE ? { header, entry: readEntry(entry, 0, slot) } : null
  } catch {
    return null
  }
}

/**
 * The scoreboard that a session holds open itself, also a deleted one, as a path that can be read, with the session's
 * slot; null where there is none or the process may not be looked into.
 */
export function heldScoreboard(pid: number): { path: string; slot: number } | null {
  for (const { handle, path } of openFilesOf(pid) ?? []) {
    if (!path.startsWith('/')) continue
    try {
      if (!statSync(handle).isFile()) continue
      readHeader(readPart(handle, 0, HEADER_SIZE))
      for (const entry of readEntries(readFileSync(handle))) {
        if (entry.pid === pid) return { path: handle, slot: entry.slot }
      }
    } catch {
      // Not a scoreboard, or closed meanwhile.
    }
  }
  return null
}

function readPart(path: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const file = openSync(path, 'r')
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, length, position))
  } finally {
    closeSync(file)
  }
}

function explain(path: string, error: unknown): string {
  if (error instanceof ScoreboardError) return `${path} is not a scoreboard that can be read: ${error.message}.`
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `There is no scoreboard at ${path}. Is ProFTPD running? If it is, give the path that ScoreboardFile has in proftpd.conf.`
    case 'EACCES':
    case 'EPERM':
      return `The scoreboard ${path} may not be read by this user (uid ${process.getuid?.()}). Let it pass every directory on the way there and read the file.`
    case 'EISDIR':
      return `${path} is a directory, where ProFTPD's scoreboard file was expected. Give the path that ScoreboardFile has in proftpd.conf.`
    case 'ENOTDIR':
      return `There is no scoreboard at ${path}: something on the way there is no directory. Give the path that ScoreboardFile has in proftpd.conf.`
    default:
      return `The scoreboard ${path} could not be read: ${String((error as Error).message)}.`
  }
}
