import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Decode } from './lines.js'
import { Tail } from './log-file.js'
import { idOf, type LogFile, logFiles, unreadable } from './log-files.js'

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

/** Bytes that are read at a time: about a millisecond of work, then the event loop is let go. */
const chunkSize = 64 << 10
/** For how long a file that is not to be seen is remembered, in ms: it may just be on its way to another name. */
const remembered = 60_000
/** How often a directory is read again while its files change their names. */
const attempts = 4

/**
 * Follows a log through its rotation: by a new name for each day, by renaming the file and making another, and by copying
 * and emptying it (logrotate's `copytruncate`), where what was written between the last look and the emptying is read
 * from the copy. What rotation leaves must stay beside the log, under a name that belongs to it, until the next look.
 *
 * @returns `look`, which reads whatever was written since the last one; it must not run twice at a time
 */
export function followLog({ path, encoding, readBack, reader }: FollowOptions) {
  const tails = new Map<string, Tail>()
  const buffers: [Buffer, Buffer] = [Buffer.allocUnsafe(chunkSize), Buffer.allocUnsafe(chunkSize)]
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

  /** Reads what a copy holds beyond what was read of the file before that was emptied. */
  async function readCopyOf(tail: Tail, signal: AbortSignal): Promise<void> {
    for (const file of await logFiles(path)) {
      const isCopy = await withFile(file, async (handle) => {
        if (!(await tail.isCopiedIn(handle)) || !(await tail.continuesIn(handle))) return false
        await tail.read(handle, buffers, signal)
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
      await tail.read(handle, buffers, signal)
    })
  }

  /** The log's files. A name that changes between two readings of the directory hides a file: it is looked for again. */
  async function settled(): Promise<LogFile[]> {
    for (let attempt = 1; ; attempt++) {
      const files = await logFiles(path)
      const ids = new Set(files.map(({ id }) => id))
      const isMissing = [...tails].some(([id, { isThere }]) => isThere && !ids.has(id))
      if (isMissing && attempt < attempts) continue
      for (const [id, tail] of tails) tail.isThere = ids.has(id)
      return files
    }
  }

  return async function look(signal: AbortSignal, attempt = 1): Promise<void> {
    const files = await settled()
    if (!begun) await begin(files)
    const grown: [Tail, LogFile][] = []
    const emptied: Tail[] = []
    for (const file of files) {
      signal.throwIfAborted()
      const tail = tails.get(file.id)
      if (tail) tail.path = file.path
      if (!tail || (file.size === tail.position && file.modifiedMs === tail.modifiedMs)) continue
      const goesOn = await withFile(file, (handle) => tail.continuesIn(handle))
      // It is on its way to another name, and must be read before what comes after it.
      if (goesOn === undefined && attempt < attempts) return look(signal, attempt + 1)
      if (goesOn) grown.push([tail, file])
      else if (goesOn === false) emptied.push(tail)
    }
    for (const [id, tail] of tails) if (emptied.includes(tail) || isForgotten(tail)) tails.delete(id)
    for (const tail of emptied) await readCopyOf(tail, signal)
    for (const [tail, file] of grown) {
      await withFile(file, (handle) => tail.read(handle, buffers, signal))
      tail.modifiedMs = file.modifiedMs
    }
    for (const file of files) if (!tails.has(file.id) && file.size > 0) await meet(file, signal)
  }
}

function isForgotten(tail: Tail): boolean {
  if (tail.isThere) tail.seenMs = Date.now()
  return Date.now() - tail.seenMs > remembered
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
