import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { inSlices } from '../../../timing/event-loop.js'
import { type OpenFile, openFilesOf, positionOf } from '../os/proc.js'
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
  /** Whose it is. */
  owner: number
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
    if (!stat.isFile() && !stat.isDirectory()) throw new ScoreboardError(`it is no file. ${KEEPS_NONE}`)
    const identity = `${stat.dev}:${stat.ino}`
    // The file's clock is coarse: two writes within a tick of it leave the same time. After a second there were none.
    const settled = Date.now() - Number(stat.mtimeMs) > 1000
    const stamp = settled ? `${identity}:${stat.size}:${stat.mtimeNs}` : ''
    if (stamp && stamp === last?.stamp) return last
    const bytes = await file.readFile()
    const header = readHeader(bytes)
    const entries: ScoreboardEntry[] = []
    await inSlices(readEntries(bytes), signal, (entry) => entries.push(entry))
    return { file: identity, owner: Number(stat.uid), stamp, header, entries }
  } finally {
    await file.close()
  }
}

/** A slot as it stands this moment, in the file that it stands in. */
export interface Slot extends Omit<Scoreboard, 'entries'> {
  entry: ScoreboardEntry
}

/**
 * One slot and the header as they stand this moment, for the look immediately before a signal; null where the file or
 * the slot is not there, or is of no known layout.
 */
export function readSlot(path: string, slot: number): Slot | null {
  return withFile(path, (file, { dev, ino, uid }) => {
    const header = readHeader(readPart(file, 0, HEADER_SIZE))
    const entry = readPart(file, HEADER_SIZE + slot * ENTRY_SIZE, ENTRY_SIZE)
    if (entry.length < ENTRY_SIZE) return null
    return { file: `${dev}:${ino}`, owner: Number(uid), header, entry: readEntry(entry, 0, slot) }
  })
}

/**
 * Through which of its open files a process has this one, as a path that can be read, also where the file was deleted.
 * False where it has it not; null where the process may not be looked into, or has gone.
 */
export function handleOn(pid: number, file: string): string | false | null {
  const open = openFilesOf(pid)
  if (!open) return null
  const found = open.filter(mayBeScoreboard).find((one) => {
    const inode = positionOf(one)?.inode ?? null
    if (inode !== null && !file.endsWith(`:${inode}`)) return false
    const stat = statOf(one.handle)
    return stat !== null && `${stat.dev}:${stat.ino}` === file
  })
  return found?.handle ?? false
}

/** ProFTPD opens it both ways, and what clients move, over FTP, only one. */
function mayBeScoreboard(file: OpenFile): boolean {
  return file.path.startsWith('/') && ((positionOf(file)?.flags ?? 0) & O_ACCMODE) === O_RDWR
}

/** Whether the ProFTPD of this scoreboard is started for each connection, and has no master; false where there is no scoreboard. */
export function isByInetd(path: string): boolean {
  return withFile(path, (file) => readHeader(readPart(file, 0, HEADER_SIZE)).masterPid === 0) ?? false
}

/** What to do where ProFTPD keeps no list of its sessions, as the end of a message. */
export const KEEPS_NONE =
  'With ScoreboardFile off, none or /dev/null ProFTPD keeps no list of its sessions: set it to a file, such as /run/proftpd.scoreboard, and restart ProFTPD.'

/** Whether a process has any scoreboard open; null where it may not be looked into, or has gone. */
export function hasScoreboard(pid: number): boolean | null {
  const open = openFilesOf(pid)
  if (!open) return null
  return open.some(
    (file) =>
      mayBeScoreboard(file) &&
      withFile(file.handle, (one, stat) => stat.isFile() && readHeader(readPart(one, 0, HEADER_SIZE))) !== null,
  )
}

/** No scoreboard is larger: it has room for 100,000 sessions. */
const LARGEST = 64 << 20

/**
 * The scoreboard that a session holds open itself, also a deleted one, as a path that can be read, with the session's
 * slot; null where there is none or the process may not be looked into.
 *
 * A session also holds open what its client moves, and a client can send any bytes. ProFTPD's scoreboard is a regular
 * file, opened both ways, of one of these owners, and nobody else may write to it.
 */
export function heldScoreboard(pid: number, owners: number[]): { path: string; slot: number } | null {
  for (const file of openFilesOf(pid) ?? []) {
    if (!mayBeScoreboard(file) || !statOf(file.handle)?.isFile()) continue
    const slot = withFile(file.handle, (open, stat) => {
      const { uid, mode, size } = stat
      const trusted = stat.isFile() && owners.includes(Number(uid)) && (Number(mode) & 0o022) === 0 && size <= LARGEST
      return trusted ? slotOf(pid, readPart(open, 0, Number(size))) : null
    })
    if (slot !== null) return { path: file.handle, slot }
  }
  return null
}

function slotOf(pid: number, bytes: Buffer): number | null {
  readHeader(bytes)
  for (const entry of readEntries(bytes)) if (entry.pid === pid) return entry.slot
  return null
}

// asm-generic/fcntl.h
const O_ACCMODE = 0o3
const O_RDWR = 0o2

function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return null
  }
}

/** What `work` makes of an open file; null where it is not there, may not be read, or is no scoreboard. */
function withFile<T>(path: string, work: (file: number, stat: BigIntStats) => T | null): T | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    return work(file, fstatSync(file, { bigint: true }))
  } catch {
    return null
  } finally {
    closeSync(file)
  }
}

function readPart(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}

function explain(path: string, error: unknown): string {
  if (error instanceof ScoreboardError) return `${path} is not a scoreboard that can be read: ${error.message}.`
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return (
        `There is no scoreboard at ${path}. Is ProFTPD running? If it is, give the path that ScoreboardFile has in proftpd.conf. ` +
        `${KEEPS_NONE} Where inetd or systemd starts ProFTPD for each connection, the first one makes it.`
      )
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
