import { decodeName } from '../names.js'
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

/**
 * What a line says; a field that it says nothing of is absent. `unmatched` is a line that begins as it should and that no
 * pattern knows: a sign of life, where it names a session.
 */
export type LogEvent = { kind: LogEventKind | 'unmatched'; atMs: number | null; way: TransferWay | null } & {
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

/** Reads the lines of one file. Null: such a line is not of this log at all. */
export type LineReader = (line: string, decode: Decode) => LogEvent | null

/** How the lines of a log are read: a new reader for each file, as a file may begin with what its lines mean. */
export type Grammar = (clock: (parts: TimeParts) => number | null) => LineReader

/** A table of patterns as a grammar. */
export function patterns({ line: beginning, events, escapes }: PatternGrammar): Grammar {
  return (clock) => (line, decode) => {
    const begin = beginning.exec(line)
    if (!begin) return null
    const groups = begin.groups ?? {}
    const read = escapes === 'json' ? (cut: string) => decodeName(Buffer.from(unescaped(decode(cut)))) : decode
    const atMs = groups.hour === undefined ? null : clock(groups as unknown as TimeParts)
    const event: LogEvent = { kind: 'unmatched', way: null, atMs }
    addFields(event, groups, read)
    const rest = line.slice(begin[0].length)
    for (const { event: kind, way, pattern } of events) {
      const found = pattern.exec(rest)
      if (!found) continue
      event.kind = kind
      event.way = way ?? null
      if (found.groups) addFields(event, found.groups, read)
      break
    }
    return event
  }
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
