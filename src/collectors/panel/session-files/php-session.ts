/** Deeper than anything that is kept in a session; PHP's own bound is 4,096. */
const deepest = 200

/** A PHP array or object: its values by their names. It inherits nothing, so that any name is only a name. */
interface PhpMap {
  [name: string]: unknown
}

/** Made by a constructor: what `Object.create(null)` gives is a hash table each, which costs several times as much. */
const NothingInherited = function () {} as unknown as new () => PhpMap
NothingInherited.prototype = Object.freeze(Object.create(null))

/**
 * The variables of a session as PHP's handler `php` writes them: `user|s:5:"alice";n|i:1;`. Reads text only: an object
 * is its properties, and nothing of a class is run.
 *
 * @throws where it is something else, also where it is half of one
 * @see https://www.php.net/manual/en/session.configuration.php#ini.session.serialize-handler
 */
export function phpSession(content: Buffer): PhpMap {
  const values = new Values(content)
  const variables = emptyMap()
  while (!values.isAtEnd) {
    const name = values.upTo('|')
    variables[name] = values.next()
  }
  return variables
}

/** The variables of a session as PHP's handler `php_serialize` writes them: `a:1:{s:4:"user";s:5:"alice";}`. @throws as `phpSession` */
export function phpSerialized(content: Buffer): PhpMap {
  // As PHP leaves it where nothing has been kept yet.
  if (content.length === 0) return emptyMap()
  const values = new Values(content)
  const variables = values.next()
  if (!values.isAtEnd || typeof variables !== 'object') throw new Error('No array of variables is in it.')
  return variables as PhpMap
}

const emptyMap = () => new NothingInherited()

/** Values that PHP's serialize() has written, one after the other. */
class Values {
  private at = 0
  private depth = 0
  /** What references mean by their number, from 1 on. */
  private readonly numbered: unknown[] = []

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length
  }

  /** The text before the next `end`, which is passed over. */
  upTo(end: string): string {
    const found = this.bytes.indexOf(end, this.at)
    if (found === -1) throw new Error(`A ${end} is missing.`)
    const text = this.bytes.toString('utf8', this.at, found)
    this.at = found + 1
    return text
  }

  next(): unknown {
    const kind = this.take(1)
    if (kind === 'N') {
      this.expect(';')
      return this.number(null)
    }
    this.expect(':')
    switch (kind) {
      case 'b':
        return this.number(this.upTo(';') === '1')
      case 'i':
        return this.number(wholeOf(this.upTo(';')))
      case 'd':
        return this.number(fractionOf(this.upTo(';')))
      // E is a case of an enum: `Suit:Hearts`.
      case 's':
      case 'E':
        return this.number(this.quoted(';'))
      case 'a':
        return this.map()
      case 'O':
        this.quoted(':')
        return this.map()
      case 'C': {
        this.quoted(':')
        const text = this.take(this.length(), '{')
        this.expect('}')
        return this.number(text)
      }
      case 'r':
        return this.number(this.referred())
      case 'R':
        return this.referred()
    }
    throw new Error('A value is of no kind that PHP has.')
  }

  private map(): PhpMap {
    if (++this.depth > deepest) throw new Error(`Arrays are in each other, more than ${deepest} deep.`)
    const count = this.length()
    this.expect('{')
    const map = this.number(emptyMap())
    for (let i = 0; i < count; i++) map[this.name()] = this.next()
    this.expect('}')
    this.depth--
    return map
  }

  private name(): string {
    const kind = this.take(1)
    this.expect(':')
    if (kind === 'i') return String(wholeOf(this.upTo(';')))
    if (kind !== 's') throw new Error('A name is neither a number nor a text.')
    // A property that is not public has its class before its name, or a star, between NULs.
    return this.quoted(';').replace(/^\0[^\0]*\0/, '')
  }

  /** A text in quotes, whose length in bytes is before it. */
  private quoted(end: string): string {
    const text = this.take(this.length(), '"')
    this.expect('"')
    this.expect(end)
    return text
  }

  private length(): number {
    const digits = this.upTo(':')
    if (!/^\d{1,9}$/.test(digits)) throw new Error('A length is no number.')
    return Number(digits)
  }

  private take(length: number, after = ''): string {
    this.expect(after)
    const end = this.at + length
    if (end > this.bytes.length) throw new Error('It breaks off.')
    const text = this.bytes.toString('utf8', this.at, end)
    this.at = end
    return text
  }

  private expect(text: string): void {
    for (const char of text) {
      if (this.bytes[this.at++] !== char.charCodeAt(0)) throw new Error(`A ${char} is missing.`)
    }
  }

  private referred(): unknown {
    const number = Number(this.upTo(';'))
    if (!(number >= 1 && number <= this.numbered.length)) throw new Error('A reference leads nowhere.')
    return this.numbered[number - 1]
  }

  private number<T>(value: T): T {
    this.numbered.push(value)
    return value
  }
}

function wholeOf(text: string): number | bigint {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw new Error('A number is none.')
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

function fractionOf(text: string): number {
  const value = { INF: Infinity, '-INF': -Infinity, NAN: NaN }[text] ?? Number(text)
  if (text === '' || (Number.isNaN(value) && text !== 'NAN')) throw new Error('A number is none.')
  return value
}
