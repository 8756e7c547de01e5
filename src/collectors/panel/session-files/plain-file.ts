import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, unlinkSync } from 'node:fs'
import type { Said } from '../../../text/said.js'

/** No panel means a session that is longer, in bytes. */
const longest = 1 << 20
const buffer = Buffer.allocUnsafeSlow(longest + 1)

/** Never through a link, and not waiting for whoever would write into a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A file as it was read. */
export interface PlainFile {
  content: Buffer
  writtenAt: Date
  /** Changes whenever the file is written or another one has its name. */
  version: string
}

/** What is in the place of a file, as the rest of a sentence. */
export class NoPlainFile {
  constructor(readonly what: Said) {}
}

/**
 * Reads a file that others may write, replace or remove at any time; null where it is not there.
 *
 * Synchronously: through the thread pool small files take four times as long.
 */
export function readPlainFile(path: string): PlainFile | NoPlainFile | null {
  let file: number | undefined
  try {
    file = openSync(path, flags)
    const stat = fstatSync(file)
    if (!stat.isFile()) return new NoPlainFile({ key: 'noFile' })
    const length = readSync(file, buffer, 0, buffer.length, 0)
    if (length > longest) return new NoPlainFile({ key: 'fileTooLong' })
    return {
      content: Buffer.from(buffer.subarray(0, length)),
      writtenAt: new Date(Math.floor(stat.mtimeMs)),
      version: versionOf(stat),
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    return new NoPlainFile(
      code === 'ELOOP' ? { key: 'symbolicLink' } : { key: 'fileUnread', values: { code: String(code) } },
    )
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * Removes a file that has not been written since it was read. False where it has been, or is another one now.
 *
 * @throws the system's error where it may not be removed
 */
export function removeUnlessChanged(path: string, version: string): boolean {
  try {
    if (versionOf(lstatSync(path)) !== version) return false
    unlinkSync(path)
    return true
  } catch (error) {
    // Whoever reads it again sees that it has gone.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** The times are good for a quarter of a microsecond: bigints would be so to the nanosecond, and cost as much as the reading. */
const versionOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats) => [dev, ino, size, mtimeMs, ctimeMs].join(':')
