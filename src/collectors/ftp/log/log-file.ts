import type { FileHandle } from 'node:fs/promises'
import type { TakeLine } from './follow-log.js'
import { Lines } from './lines.js'

/** Bytes at a file's beginning that tell whether another is a copy of it. */
const headSize = 1024
/** Bytes before the place that was read up to, which tell whether it is still the same file; and the fewest that prove anything. */
const traceSize = 64

const LINE_FEED = 10

/** One file of a log, and how far it was read. */
export class Tail {
  /** Bytes read. */
  position = 0
  /** Where it was last seen, when that was, and when it had been written to; ms. */
  path = ''
  modifiedMs = 0
  /** Was it there when its directory was read last? */
  isThere = false
  seenMs = Date.now()
  private head = Buffer.alloc(0)
  private trace = Buffer.alloc(0)
  private lines: Lines

  constructor(
    private readonly reader: () => TakeLine,
    private readonly encoding: string | null,
  ) {
    this.lines = new Lines(encoding, reader())
  }

  /** Reads from a byte on, not the piece of a line that is there, but the lines at the beginning that say how to read the others. */
  async startAt(handle: FileHandle, position: number): Promise<void> {
    if (position === 0) return
    this.head = await bytesAt(handle, 0, headSize)
    // UTF-16 has two bytes to each character.
    this.position = position - (position % 2)
    this.trace = await bytesAt(handle, Math.max(0, this.position - traceSize), Math.min(traceSize, this.position))
    const take = this.reader()
    new Lines(this.encoding, (line, decode) => {
      if (line.startsWith('#')) take(line, decode)
    }).push(this.head, true)
    const [before, last] = this.trace.subarray(-2)
    const withinLine = last !== LINE_FEED && !(last === 0 && before === LINE_FEED)
    this.lines = new Lines(this.encoding, take, { head: this.head, withinLine })
  }

  /** Reads to the end of a file: this one, or a copy of it. The next piece is fetched while one is taken apart. */
  async read(handle: FileHandle, [mine, next]: [Buffer, Buffer], signal: AbortSignal): Promise<void> {
    let fetched = handle.read(mine, 0, mine.length, this.position)
    for (;;) {
      const { bytesRead, buffer } = await fetched
      signal.throwIfAborted()
      if (bytesRead === 0) return
      const other = buffer === mine ? next : mine
      fetched = handle.read(other, 0, other.length, this.position + bytesRead)
      this.take(buffer.subarray(0, bytesRead))
    }
  }

  private take(bytes: Buffer): void {
    if (this.position < headSize) this.head = joined(this.head, bytes.subarray(0, headSize - this.position))
    this.trace = joined(this.trace, bytes.subarray(-traceSize)).subarray(-traceSize)
    this.lines.push(bytes, this.position === 0)
    this.position += bytes.length
  }

  /** Has a file what was read of this one, just before the place that was read up to? */
  async continuesIn(handle: FileHandle): Promise<boolean> {
    return this.trace.equals(await bytesAt(handle, this.position - this.trace.length, this.trace.length))
  }

  /** Does a file begin like this one, as far as both go? */
  async isCopiedIn(handle: FileHandle): Promise<boolean> {
    const length = Math.min(this.head.length, headSize)
    if (length < traceSize) return false
    const begin = await bytesAt(handle, 0, length)
    return begin.length >= traceSize && begin.equals(this.head.subarray(0, begin.length))
  }
}

function joined(first: Buffer, second: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([first, second])
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
