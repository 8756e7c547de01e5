import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Decode } from './lines.js'
import { idOf, type LogFile, logFiles, unreadable } from './log-files.js'
import { Tail } from './tail.js'

/** Takes the lines of one file, in their order. */
export type TakeLine = (line: string, decode: Decode) => void

export interface FollowOptions {
  /** The log's path; in its last part `*` stands for what changes from file to file. */
  path: string
  /** As TextDecoder knows it; null for UTF-8, and ISO 8859-1 where it is none. */
  encoding: string | null
  /** Bytes that are read of what was there before. */
  readBack: number
  /** Makes what takes the lines of one file, from its beginning. */
  reader: () => TakeLine
}

/** Bytes that are read at a time: a few milliseconds of work, then the event loop is let go. */
const chunkSize = 128 << 10
/** For how long a file that is not to be seen is remembered, in ms: it may just be on its way to another name. */
const remembered = 60_000

/**
 * Follows a log through its rotation: by a new name for each day, by renaming the file and making another, and by copying
 * and emptying it (logrotate's `copytruncate`), where what was written between the last look and the emptying is read
 * from the copy. What rotation leaves must stay beside the log, under a name that belongs to it, until the next look.
 *
 * @returns `look`, which reads whatever was written since the last one; it must not run twice at a time
 */
export function followLog({ path, encoding, readBack, reader }: FollowOptions) {
  const tails = new Map<string, Tail>()
  const buffer = Buffer.allocUnsafe(chunkSize)
  let begun = false

  /** The newest files, as far as they are to be read back, and of the older ones only where they end. */
  async function begin(files: LogFile[]): Promise<void> {
    const met: [string, Tail][] = []
    let left = readBack
    for (const file of files.toReversed()) {
      const tail = new Tail(reader, encoding)
      await withFile(file, (handle) => tail.startAt(handle, Math.max(0, file.size - left)))
      left = Math.max(0, left - file.size)
      met.push([file.id, tail])
    }
    // To be read in the order in which they were written.
    for (const [id, tail] of met.reverse()) tails.set(id, tail)
    begun = true
  }

  async function readOn(tail: Tail, file: LogFile, signal: AbortSignal): Promise<void> {
    await withFile(file, async (handle) => {
      if (!(await tail.continuesIn(handle))) {
        await readCopyOf(tail, signal)
        tail.restart()
      }
      await tail.read(handle, buffer, signal)
    })
  }

  /** Reads what a copy holds beyond what was read of the file before that was emptied. */
  async function readCopyOf(tail: Tail, signal: AbortSignal): Promise<void> {
    for (const file of (await logFiles(path)).filter(({ id }) => !tails.has(id))) {
      const isCopy = await withFile(file, async (handle) => {
        if (!(await tail.isCopiedIn(handle)) || !(await tail.continuesIn(handle))) return false
        await tail.read(handle, buffer, signal)
        const copy = new Tail(reader, encoding)
        await copy.startAt(handle, tail.position)
        tails.set(file.id, copy)
        return true
      })
      if (isCopy) return
    }
  }

  /** A file that was not there before; a copy of another is left alone until that one is emptied. */
  async function meet(file: LogFile, signal: AbortSignal): Promise<void> {
    await withFile(file, async (handle) => {
      for (const tail of tails.values()) {
        if ((await tail.isCopiedIn(handle)) && (await couldBeCopied(tail, file))) return
      }
      const tail = new Tail(reader, encoding)
      tails.set(file.id, tail)
      await tail.read(handle, buffer, signal)
    })
  }

  return async function look(signal: AbortSignal): Promise<void> {
    const files = await logFiles(path)
    if (!begun) await begin(files)
    const seen = new Map(files.map((file) => [file.id, file]))
    const now = Date.now()
    for (const [id, tail] of tails) {
      const file = seen.get(id)
      signal.throwIfAborted()
      if (file) {
        const isUntouched = file.size === tail.position && file.modifiedMs === tail.modifiedMs
        tail.seenMs = now
        tail.path = file.path
        tail.modifiedMs = file.modifiedMs
        if (!isUntouched) await readOn(tail, file, signal)
      } else if (now - tail.seenMs > remembered) tails.delete(id)
    }
    for (const file of files) if (!tails.has(file.id) && file.size > 0) await meet(file, signal)
  }
}

/** A copy is no longer than what it was made of, unless that was emptied since. */
async function couldBeCopied(tail: Tail, { size }: LogFile): Promise<boolean> {
  const original = await stat(tail.path).catch(() => null)
  return original === null || original.size < tail.position || size <= original.size
}

/** Does something with an open file. @returns undefined where it is gone, or has another name by now @throws an error that says what to do */
async function withFile<T>({ path, id }: LogFile, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, error as NodeJS.ErrnoException)
  }
  try {
    return idOf(await handle.stat({ bigint: true })) === id ? await use(handle) : undefined
  } finally {
    await handle.close()
  }
}
