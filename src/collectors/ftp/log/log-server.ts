import { basename, dirname, posix, win32 } from 'node:path'
import { z } from 'zod'
import type { FtpSource, ListedFtpSession } from '../../../session-source.js'
import { decodeName } from '../../../text/decode-name.js'
import { aFunction, checkOptions, numberFrom, optionsOf, sourceName, text } from '../../check-options.js'
import { changedHands } from '../../changed-hands.js'
import { Refusal } from '../../refusal.js'
import { watchDirectory } from '../../watch-directory.js'
import { type AccountOptions, accountOptions, accountWarnings, ownersOf } from '../shared/accounts.js'
import { followLog } from './follow-log.js'
import { type Grammar, type PatternGrammar, patterns } from './grammar.js'
import { isZone, logClock } from './log-time.js'
import { type LoggedConnection, SessionsFromEvents } from './sessions-from-events.js'

/** Options of every source that reads a log. */
export interface LogOptions extends AccountOptions {
  /**
   * The absolute path of the log. In its last part `*` stands for what changes where each day has a file of its own; a log
   * that is rotated (`ftp.log.1`, `ftp.log-20261123`) is named without what rotation adds.
   * @example 'C:\\FTP\\Logs\\ftp-*.log'
   */
  log: string
  /** The source's name, unique on its host. */
  name?: string
  /**
   * The zone of the times in the log, as IANA names it.
   * @default the zone of this machine
   * @example 'Europe/Berlin'
   */
  timeZone?: string
  /**
   * The log's encoding, as TextDecoder names it, for instance `'windows-1252'`. UTF-16 with a byte order mark is known by that.
   * @default UTF-8, and ISO 8859-1 for names that are not valid UTF-8
   */
  encoding?: string
  /**
   * Bytes of what was logged before the start that are read. A session that began before them is shown from its first line
   * in them, without what was said earlier.
   * @default 64 MiB
   */
  readBack?: number
  /**
   * ms of silence after which a session is no longer listed: its end may never have been logged.
   * @default 43200000 (12 hours)
   */
  forgetAfter?: number
  /**
   * Ends a session, by whatever way there is. Its `handle` is a `LoggedConnection`. Without it, nobody can be ended.
   * @throws RemovalRefused where it is not allowed
   */
  end?: (
    session: ListedFtpSession & { handle: LoggedConnection },
    signal: AbortSignal,
  ) => Promise<'asked' | 'already-gone'>
}

/** Options of `logServer`. */
export interface LogServerOptions extends LogOptions {
  name: string
  /** How the log's lines are to be read: a table of patterns, or `w3c()`. */
  grammar: PatternGrammar | Grammar
  /** How `end` ends a session, in a sentence: told by `npx adminjs-sessions probe`. */
  endsBy?: string
}

/** A source that reads a log, and says what it could not read of it. */
export interface LogSource extends FtpSource {
  /** Lines that the grammar has no pattern for: how many, and the last few, cut to 200 characters. */
  unread(): { lines: number; of: number; samples: string[] }
}

/**
 * The sessions of an FTP server that tells of them in a log only, as its lines have them: they may lag, and an end that was
 * never logged shows late. A log is followed through rotation by date, by renaming and by copying and emptying.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * logServer({
 *   name: 'warftpd',
 *   log: '/var/log/warftpd.log',
 *   grammar: {
 *     line: /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) #(?<session>\d+) /,
 *     events: [
 *       { event: 'connected', pattern: /^connect (?<ip>\S+)/ },
 *       { event: 'logged-in', pattern: /^login (?<login>.+)$/ },
 *       { event: 'closed', pattern: /^bye/ },
 *     ],
 *   },
 * })
 */
export function logServer(options: LogServerOptions): LogSource {
  const { log, name, grammar, endsBy, timeZone, encoding, readBack, forgetAfter, end, anonymous, accounts } =
    checked(options)
  const addOwners = ownersOf(name, { anonymous, accounts })
  const sessions = new SessionsFromEvents(name, forgetAfter)
  const seen = { lines: 0, right: 0, unread: 0, samples: [] as string[] }
  const look = followLog({ path: log, encoding, readBack, reader })
  let looking: Promise<unknown> = Promise.resolve()

  function reader() {
    const read = grammar(logClock(timeZone))
    return (line: string, decode: (cut: string) => string) => {
      seen.lines++
      const event = read(line, decode)
      if (event !== null) {
        seen.right++
        sessions.take(event)
        if (event.kind !== 'unmatched') return
      }
      seen.unread++
      if (seen.samples.length === samplesKept) seen.samples.shift()
      seen.samples.push(line.slice(0, 200))
    }
  }

  const samples = () => seen.samples.map((line) => decodeName(Buffer.from(line, 'latin1'), true))

  /** Reads what was logged since. One after the other: two looks would read the same lines. */
  function readOn(signal: AbortSignal): Promise<void> {
    const mine = looking.then(() => look(signal))
    looking = mine.catch(() => undefined)
    return mine
  }

  async function list(signal: AbortSignal): Promise<ListedFtpSession[]> {
    await readOn(signal)
    if (seen.right === 0 && seen.lines >= enoughLines) {
      throw new Error(
        `None of ${seen.lines} lines of ${log} is as expected, the last one being ${JSON.stringify(samples().at(-1))}. ` +
          'Is it the right log, in the format that the grammar describes?',
      )
    }
    const now = Date.now()
    if (sessions.latestMs > now + wrongClock) {
      throw new Error(
        `The last line of ${log} is of ${new Date(sessions.latestMs).toISOString()}, which is yet to come: ` +
          `say with timeZone in which zone its times are; they were read as ${timeZone}.`,
      )
    }
    const listed = sessions.list(now)
    const owned = await addOwners(listed, signal)
    return owned.map((session, i) => ({ ...session, domain: session.domain ?? listed[i]!.domain }))
  }

  return {
    name,
    kind: 'ftp',
    evidence: 'log',
    endsBy,
    list,
    ...accountWarnings({ accounts }),
    async end(session, signal) {
      signal.throwIfAborted()
      if (!end) throw new Refusal('logOnly', { source: name })
      // Whoever has come since may be called by the same name.
      await readOn(signal)
      signal.throwIfAborted()
      const now = sessions.find(session.key)
      if (!now) return 'already-gone'
      const { hasTwins, login, ip } = now.handle as LoggedConnection
      const other = changedHands({ login: session.login ?? null }, { login })
      if (other) throw other
      if (hasTwins) {
        throw new Refusal('logTwins', { login: login ?? { key: 'somebody' }, ip: ip ?? { key: 'unknownAddress' } })
      }
      return end(session as ListedFtpSession & { handle: LoggedConnection }, signal)
    },
    start(site, signal) {
      // Polling goes on without.
      watchDirectory(dirname(log), () => site.changed(), signal).catch(() => undefined)
    },
    unread: () => ({ lines: seen.unread, of: seen.lines, samples: samples() }),
  }
}

/** So many lines without a right one are another log. */
const enoughLines = 10
const samplesKept = 5
/** Clocks differ by less, in ms; zones by more. */
const wrongClock = 15 * 60_000

const shape = optionsOf({
  name: sourceName,
  log: text('an absolute path', (path) => isAbsolute(path) && !dirname(path).includes('*')).refine(
    (path) => basename(path) !== '',
    { error: 'a path that ends with the name of a file' },
  ),
  grammar: z.custom<PatternGrammar | Grammar>(isGrammar, { error: 'a table with `line` and `events`, or w3c()' }),
  endsBy: text('a sentence').optional(),
  timeZone: text("an IANA zone such as 'Europe/Berlin'", isZone).default(
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  ),
  encoding: text("an encoding such as 'windows-1252'", isEncoding).nullable().default(null),
  readBack: numberFrom(0, 'a number of bytes, 0 or more').default(64 << 20),
  forgetAfter: numberFrom(1000, 'a number of ms, at least 1000').default(12 * 3_600_000),
  end: aFunction<NonNullable<LogOptions['end']>>().optional(),
  ...accountOptions,
})

function checked(options: LogServerOptions) {
  const { grammar, endsBy, ...others } = checkOptions(nameIn(options), shape, options)
  return {
    ...others,
    endsBy: others.end ? (endsBy ?? 'By what its option `end` does.') : 'Nobody can be ended: it only writes a log.',
    grammar: typeof grammar === 'function' ? grammar : patterns(grammar),
  }
}

/** What a log source is called in what is said of its options. */
const nameIn = (options: LogServerOptions) => sourceName.safeParse(options?.name).data ?? 'logServer'

const isAbsolute = (path: string) => posix.isAbsolute(path) || win32.isAbsolute(path)

function isGrammar(value: unknown): boolean {
  const { line, events } = (value ?? {}) as Partial<PatternGrammar>
  return typeof value === 'function' || (line instanceof RegExp && Array.isArray(events))
}

function isEncoding(encoding: string): boolean {
  try {
    new TextDecoder(encoding)
    return true
  } catch {
    return false
  }
}
