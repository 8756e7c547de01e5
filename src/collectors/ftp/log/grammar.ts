import { decodeName } from '../../../text/decode-name.js'
import type { Decode } from './lines.js'
import type { TimeParts } from './log-time.js'

/**
 * What a line of a log tells of a session. `active`: it lives and does something. After `server-started` no session of
 * before is left, of its domain where the line names one.
 */
export type LogEventKind =
  | 'connected'
  | 'logged-in'
  | 'directory'
  | 'transfer-began'
  | 'moved'
  | 'transfer-ended'
  | 'closed'
  | 'active'
  | 'server-started'

/** Which way a transfer goes. */
export type TransferWay = 'up' | 'down' | 'list'

/** What the groups of a pattern may be named, beside the parts of the time: `year`, `month`, `day`, `hour`, `minute`, `second`. */
const fieldNames = [
  'session',
  'ip',
  'port',
  'serverIp',
  'serverPort',
  'login',
  'domain',
  'location',
  'file',
  'bytes',
  'size',
] as const

/**
 * - `session`: the server's own name for the session; without one sessions are told apart by domain, IP and login
 * - `ip`, `port`, `serverIp`, `serverPort`: the connection's two ends
 * - `location`: the directory that the session is in from now on
 * - `file`: what is moved, `bytes`: how much of it has been, `size`: how much it is
 */
export type LogField = (typeof fieldNames)[number]

/**
 * What a line says; a field that it says nothing of is absent, the others are as they stand in the line: `decode` makes
 * text of them, which outlives it. `unmatched` is a line that begins as it should and that no pattern knows: a sign of
 * life, where it names a session.
 */
export type LogEvent = {
  kind: LogEventKind | 'unmatched'
  atMs: number | null
  way: TransferWay | null
  decode: Decode
} & { [field in LogField]: string | undefined }

/**
 * A log as data: what its lines begin with, and what may follow.
 *
 * The groups of `line` and of an event's pattern are put together. Patterns see bytes as ISO 8859-1 characters, at most
 * 8192; write them so that they cannot go back and forth over a hostile line: begin with `^`, repeat classes that exclude
 * what follows.
 *
 * @example
 * const grammar: PatternGrammar = {
 *   line: /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) \[(?<session>\d+)\] /,
 *   events: [
 *     { event: 'connected', pattern: /^Connection from (?<ip>[\d.]+)/ },
 *     { event: 'logged-in', pattern: /^User (?<login>.+) logged in$/ },
 *     { event: 'transfer-began', way: 'up', pattern: /^Receiving (?<file>.+)$/ },
 *     { event: 'transfer-ended', pattern: /^Received / },
 *     { event: 'closed', pattern: /^Disconnected/ },
 *   ],
 * }
 */
export interface PatternGrammar {
  /** What every line begins with. */
  line: RegExp
  /** What may follow it; the first that matches counts. A line with a session that matches none shows that it lives. */
  events: EventPattern[]
  /** How a log writes what could not stand in it: `'json'` for `\"` and `\u00e9`. */
  escapes?: 'json'
}

/** One line of the table. */
interface EventPattern {
  event: LogEventKind
  /** For `transfer-began`. */
  way?: TransferWay
  pattern: RegExp
}

/** Reads the lines of one file. Null: such a line is not of this log at all. */
type LineReader = (line: string, decode: Decode) => LogEvent | null

/** How the lines of a log are read: a new reader for each file, as a file may begin with what its lines mean. */
export type Grammar = (clock: (parts: TimeParts) => number | null) => LineReader

/** A table of patterns as a grammar. @throws TypeError where a group has a name that means nothing */
export function patterns({ line, events, escapes }: PatternGrammar): Grammar {
  const beginning = numbered(line, [...fieldNames, ...timeNames])
  const fields = beginning.groups.filter((group): group is { name: LogField; index: number } => !isTime(group.name))
  const table = events.map(({ event, way = null, pattern }) => ({ event, way, ...numbered(pattern, fieldNames) }))

  return (clock) => {
    const timeIn = timeReader(beginning.groups, clock)
    return (text, decode) => {
      const begin = beginning.pattern.exec(text)
      if (!begin) return null
      const read = escapes === 'json' ? (cut: string) => decodeName(Buffer.from(unescaped(decode(cut)))) : decode
      const event = newEvent('unmatched', timeIn(begin), read)
      addFields(event, begin, fields)
      const rest = text.slice(begin[0].length)
      for (const { event: kind, way, pattern, groups } of table) {
        const found = pattern.exec(rest)
        if (!found) continue
        event.kind = kind
        event.way = way
        addFields(event, found, groups)
        break
      }
      return event
    }
  }
}

const timeNames = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
const isTime = (name: string) => (timeNames as readonly string[]).includes(name)

/** What reads the time of a line out of its groups, once for all lines of the same moment; null where they have not all of it. */
function timeReader(groups: Numbered<string>['groups'], clock: (parts: TimeParts) => number | null) {
  const indexes = timeNames.map((name) => groups.find((group) => group.name === name)?.index ?? -1)
  const [year, month, day, hour, minute, second] = indexes as [number, number, number, number, number, number]
  const isThere = !indexes.includes(-1)
  let last: string[] = []
  let lastMs: number | null = null
  return (found: RegExpExecArray): number | null => {
    if (!isThere) return lastMs
    // Written out, and the one that changes most first: this is asked of each line.
    const sameMinute = found[minute] === last[minute] && found[hour] === last[hour]
    const sameDay = found[day] === last[day] && found[month] === last[month] && found[year] === last[year]
    if (found[second] === last[second] && sameMinute && sameDay) return lastMs
    last = found
    lastMs = clock({
      year: found[year]!,
      month: found[month]!,
      day: found[day]!,
      hour: found[hour]!,
      minute: found[minute]!,
      second: found[second]!,
    })
    return lastMs
  }
}

/** An event that says nothing yet. Always of the same shape, which is what makes it cheap. */
export function newEvent(kind: LogEvent['kind'], atMs: number | null, decode: Decode): LogEvent {
  return {
    kind,
    atMs,
    way: null,
    decode,
    session: undefined,
    ip: undefined,
    port: undefined,
    serverIp: undefined,
    serverPort: undefined,
    login: undefined,
    domain: undefined,
    location: undefined,
    file: undefined,
    bytes: undefined,
    size: undefined,
  }
}

function addFields(event: LogEvent, found: RegExpExecArray, groups: Numbered<LogField>['groups']): void {
  for (const { name, index } of groups) if (found[index]) event[name] = found[index]
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}

/** A pattern whose named groups are found by number, which takes a third of the time: `exec` makes no `groups`. */
export interface Numbered<Name extends string> {
  pattern: RegExp
  groups: { name: Name; index: number }[]
}

/**
 * Takes the names off a pattern's groups and says where each is.
 *
 * @throws TypeError where a group has another name than those that are known, or the pattern refers to one
 */
export function numbered<Name extends string>({ source, flags }: RegExp, known: readonly Name[]): Numbered<Name> {
  const groups: Numbered<Name>['groups'] = []
  let count = 0
  // What is escaped, a class as a whole, or the beginning of a group.
  const plain = source.replace(/\\k<|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?<([^=!>][^>]*)>|\?)?/gs, (part, name?: string) => {
    if (part === '\\k<') throw new TypeError(`A pattern of a log may not refer to a group, as ${String(source)} does.`)
    if (part === '(') count++
    if (name === undefined) return part
    if (!known.includes(name as Name)) {
      throw new TypeError(`A group of a log's pattern is named \`${name}\`; expected one of ${known.join(', ')}.`)
    }
    groups.push({ name: name as Name, index: ++count })
    return '('
  })
  return { pattern: new RegExp(plain, flags.replace(/[gy]/g, '')), groups }
}
