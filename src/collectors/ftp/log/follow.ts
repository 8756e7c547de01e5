import { open, type FileHandle } from 'node:fs/promises'
import { type Decode, Lines } from './lines.js'
import { type LogFile, logFiles, unreadable } from './log-files.js'

/** Takes the lines of one file, in their order. */
export type TakeLine = (line: string, decode: Decode) => void

export interface FollowOptions {
  /** The log's path; in its last part `*` stands for what changes from file to file. */
  path: string
  /** As TextDecoder knows it; null for UTF-8, and ISO 8859-1 where it is none. */
  encoding: string | null
  /** Bytes that are read of what was there before. */
  readBack: number
  /** Makes what takes the lines of one more file. */
  reader: () => TakeLine
}

/** Bytes that are read at a time: some milliseconds' work, then the event loop is let go. */
const chunkSize = 256 << 10
/** Bytes at a file's beginning that tell whether another is a copy of it, and bytes before what was read last that tell whether it is still the same. */
const headSize = 1024
const traceSize = 64
/** A file that is no longer one of the log's is read for so long: its server may not have noticed, in ms. */
const lingers = 60_000

/**
 * Follows a log through its rotation: by a new name for each day, by renaming the file and making another, and by copying
 * and emptying it (logrotate's `copytruncate`), where what was written between the last look and the emptying is read
 * from the copy.
 *
 * @returns `look`, which reads whatever was written since the last one
 */
export function followLog({ path, encoding, readBack, reader }: FollowOptions) {
  const tails = new Map<string, Tail>()
  const buffer = Buffer.allocUnsafe(chunkSize)
  let begun = false

  const newTail = () => new Tail(reader(), encoding)

  /** At the beginning: the newest files, as far as they are to be read back, and none of what is older. */
  async function begin(files: LogFile[]): Promise<void> {
    let left = readBack
    for (const file of files.toReversed()) {
      const tail = newTail()
      await tail.startAt(file, Math.max(0, file.size - left))
      left = Math.max(0, left - file.size)
      tails.set(file.id, tail)
    }
    // Read in the order in which they were written.
    for (const id of [...tails.keys()].toReversed()) tails.set(id, take(tails, id))
    begun = true
  }

  /** Files that were not there before, but for copies of others: those are read when the other is emptied. */
  async function meet(files: LogFile[]): Promise<void> {
    for (const file of files.filter(({ id }) => !tails.has(id))) {
      const head = await readHead(file)
      const isCopy = (tail: Tail) => tail.startsLike(head, file.size)
      if (head.length > 0 && ![...tails.values()].some(isCopy)) tails.set(file.id, newTail())
    }
  }

  /** Reads what a copy holds beyond what was read of the file before it was emptied. */
  async function readCopyOf(tail: Tail, signal: AbortSignal): Promise<void> {
    for (const file of await logFiles(path)) {
      if (tails.has(file.id) || file.size < tail.position || !tail.startsLike(await readHead(file), tail.position)) continue
      const handle = await openLog(file.path)
      if (handle === null) continue
      try {
        if (!(await tail.continuesIn(handle))) continue
        tails.set(file.id, newTail())
        await tail.read(handle, buffer, signal)
        tails.get(file.id)!.position = tail.position
        return
      } finally {
        await handle.close()
      }
    }
  }

  return async function look(signal: AbortSignal): Promise<void> {
    const files = await logFiles(path)
    if (begun) await meet(files)
    else await begin(files)
    const listed = new Map(files.map((file) => [file.id, file]))
    for (const [id, tail] of tails) {
      const file = listed.get(id)
      if (file?.size === tail.position) continue
      signal.throwIfAborted()
      tail.handle ??= file ? await openLog(file.path) : null
      if (tail.handle) {
        const { size } = await tail.handle.stat()
        if (size < tail.position || !(await tail.continuesIn(tail.handle))) {
          await readCopyOf(tail, signal)
          tail.restart(reader())
        }
        await tail.read(tail.handle, buffer, signal)
      }
      if (file) tail.seenMs = Date.now()
      else if (Date.now() - tail.seenMs > lingers || tail.handle === null) {
        await tail.handle?.close()
        tails.delete(id)
      }
    }
  }
}
