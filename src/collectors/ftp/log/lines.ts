import { decodeName, isPlain } from '../../../text/decode-name.js'

/** Longer lines are passed over, in characters: a path has at most some thousand, and no pattern shall see more. */
const longest = 8192

/** Turns what was cut out of a line into the text that it means. */
export type Decode = (cut: string) => string

/**
 * Cuts the bytes of one log into lines, whatever pieces they come in.
 *
 * A line is given as ISO 8859-1 (one character a byte), which costs next to nothing and lets patterns see bytes as they
 * are; what a pattern has cut out of it is read in the log's encoding by `decode`. UTF-16 is known by its byte order mark.
 */
export class Lines {
  /** The beginning of a line whose end has not come yet. */
  private rest = ''
  private skipping: boolean
  private odd: Buffer | null = null
  private wide: boolean
  private readonly text: Decode

  /**
   * @param encoding as TextDecoder knows it; null reads UTF-8, and ISO 8859-1 where it is none
   * @param from where a log is not read from its beginning: its first bytes, and whether it is entered within a line,
   * whose rest is then passed over
   */
  constructor(
    encoding: string | null,
    private readonly take: (line: string, decode: Decode) => void,
    from: { head: Buffer; withinLine: boolean } | null = null,
  ) {
    this.skipping = from?.withinLine ?? false
    this.wide = encoding === 'utf-16le' || (from !== null && isWide(from.head))
    this.text = textOf(encoding)
  }

  /** Takes the next bytes. @param first whether they are the log's very first */
  push(bytes: Buffer, first: boolean): void {
    if (first && isWide(bytes)) this.wide = true
    if (this.wide) return this.cut(this.wideText(bytes), shown)
    const hasMark = first && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.cut(bytes.toString('latin1', hasMark ? 3 : 0), this.text)
  }

  private wideText(bytes: Buffer): string {
    const all = this.odd ? Buffer.concat([this.odd, bytes]) : bytes
    const even = all.length & ~1
    this.odd = even < all.length ? Buffer.from(all.subarray(even)) : null
    return all.toString('utf16le', 0, even).replace(/^\ufeff/, '')
  }

  private cut(text: string, decode: Decode): void {
    let from = this.rest === '' ? holeIn(text) : 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const to = end > from && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end
      const line = this.rest === '' ? text.slice(from, to) : (this.rest + text.slice(from, to)).replace(/\r$/, '')
      from = end + 1
      this.rest = ''
      if (this.skipping) this.skipping = false
      else if (line !== '') this.take(line.length > longest ? '' : line, decode)
    }
    this.rest += text.slice(from)
    if (this.rest.length <= longest) return
    this.rest = ''
    if (!this.skipping) this.take('', decode)
    this.skipping = true
  }
}

const CARRIAGE_RETURN = 13

/** A file that was emptied under a server that goes on where it was begins with a hole: NULs, of which so many are here. */
function holeIn(text: string): number {
  let length = 0
  while (text.charCodeAt(length) === 0) length++
  return length
}

const isWide = (bytes: Buffer) => bytes[0] === 0xff && bytes[1] === 0xfe

/** Text that is text already: only its control characters are made harmless. It is also copied out of its line, which would stay in memory with it. */
const shown: Decode = (cut) => decodeName(Buffer.from(cut))

/**
 * The same text in memory of its own: a piece of a line keeps all that was read with that line. V8 makes a new text of two
 * that are joined when a piece of it is asked for; through a Buffer it takes five times as long.
 */
export function byItself(text: string): string {
  return ` ${text}`.slice(1)
}

function textOf(encoding: string | null): Decode {
  if (encoding === null) return (cut) => (isPlain(cut) ? byItself(cut) : decodeName(Buffer.from(cut, 'latin1')))
  const decoder = new TextDecoder(encoding)
  // Node 20 decodes windows-1252 rightly only as a stream: https://github.com/nodejs/node/issues/56542
  return (cut) => shown(decoder.decode(Buffer.from(cut, 'latin1'), { stream: true }) + decoder.decode())
}
