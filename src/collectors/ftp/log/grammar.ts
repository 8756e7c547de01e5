import type { Decode } from './lines.js'
import type { TimeParts } from './log-time.js'

/**
 * What a line of a log tells of a session. `active` is any other line of it: it lives, and does something. After
 * `server-started` no session of before is left, of its domain where the line names one.
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
export const fieldNames = [
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

/** An event, with what its line says. A field that it says nothing of is absent. */
export type LogEvent = { kind: LogEventKind; atMs: number | null; way: TransferWay | null } & {
  [field in LogField]?: string
}

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
export interface EventPattern {
  event: LogEventKind
  /** For `transfer-began`. */
  way?: TransferWay
  pattern: RegExp
}

/** Reads the lines of one file. `recognised` is false where a line is not what the grammar expects, event or not. */
export type LineReader = (line: string, decode: Decode) => { event: LogEvent | null; recognised: boolean }

/** How the lines of a log are read: a new reader for each file, as a file may begin with what its lines mean. */
export type Grammar = (clock: (parts: TimeParts) => number | null) => LineReader

/** A table of patterns as a grammar. */
export function patterns({ line: beginning, events, escapes }: PatternGrammar): Grammar {
  return (clock) => (line, decode) => {
    const begin = beginning.exec(line)
    if (!begin) return UNKNOWN
    const groups = begin.groups ?? {}
    const rest = line.slice(begin[0].length)
    const read = escapes === 'json' ? (cut: string) => unescaped(decode(cut)) : decode
    for (const { event, way, pattern } of events) {
      const found = pattern.exec(rest)
      if (found) {
        const made = eventOf(event, groups, clock)
        made.way = way ?? null
        addFields(made, groups, read)
        if (found.groups) addFields(made, found.groups, read)
        return { event: made, recognised: true }
      }
    }
    if (groups.session === undefined) return UNKNOWN_HERE
    const made = eventOf('active', groups, clock)
    made.session = read(groups.session)
    return { event: made, recognised: false }
  }
}

const UNKNOWN = { event: null, recognised: false }
/** The line begins as it should, so this is the right log. */
const UNKNOWN_HERE = { event: null, recognised: true }

function eventOf(kind: LogEventKind, groups: Record<string, string>, clock: (parts: TimeParts) => number | null): LogEvent {
  return { kind, way: null, atMs: groups.hour === undefined ? null : clock(groups as unknown as TimeParts) }
}

function addFields(event: LogEvent, groups: Record<string, string | undefined>, read: Decode): void {
  for (const name in groups) {
    const cut = groups[name]
    if (cut !== undefined && cut !== '' && FIELDS.has(name)) event[name as LogField] = read(cut)
  }
}

const FIELDS: ReadonlySet<string> = new Set(fieldNames)

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}
