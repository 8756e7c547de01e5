import { type Grammar, type LogEvent, type LogEventKind, type LogField, newEvent, type TransferWay } from './grammar.js'
import type { Decode } from './lines.js'
import type { TimeParts } from './log-time.js'

/** What a log in the W3C's extended format calls things, beyond what it has in common with others. */
export interface W3cGrammar {
  /**
   * What a word in `cs-method` means, in capitals, whatever its status. FTP's own (`PASS`, `CWD`, `RETR`, `STOR`, `LIST`,
   * `QUIT` and their like) are known, and mean what they do by their status.
   * @example { CONTROLCHANNELOPENED: { event: 'connected' } }
   */
  methods?: Record<string, { event: LogEventKind; way?: TransferWay }>
}

/**
 * A log in the W3C's extended format. Its columns are found by the `#Fields:` line, which may come again with others;
 * without one no line can be read. Used are, as far as they are there: `date`, `time`, `c-ip`, `c-port`, `s-ip`,
 * `s-port`, `s-sitename`, `cs-username`, `cs-method`, `cs-uri-stem`, `sc-status`, `x-session` and `x-fullpath`. A session's
 * number may also stand before the method: `[12]USER`.
 *
 * @see https://www.w3.org/TR/WD-logfile.html
 */
export function w3c({ methods = {} }: W3cGrammar = {}): Grammar {
  const own = new Map(Object.entries(methods))
  return (clock) => {
    const timeOf = timeReader(clock)
    let columns: Columns | null = null
    return (line, decode) => {
      if (line.charCodeAt(0) === HASH) {
        if (line.startsWith('#Fields:')) columns = columnsOf(line.slice(8).trim().split(/\s+/))
        return newEvent('active', null, decode)
      }
      if (columns === null) return null
      let cells = line.split(' ')
      if (cells.length !== columns.count) cells = line.split('\t')
      return cells.length === columns.count ? eventOf(cells, columns, own, timeOf, decode) : null
    }
  }
}

const HASH = 35

type Meaning = { event: LogEventKind; way?: TransferWay }

/** What FTP's commands mean (RFC 959, RFC 775, RFC 3659) once the server has done what they ask for. */
const METHODS = new Map<string, Meaning>(
  Object.entries<Meaning>({
    PASS: { event: 'logged-in' },
    CWD: { event: 'directory' },
    XCWD: { event: 'directory' },
    CDUP: { event: 'directory' },
    XCUP: { event: 'directory' },
    RETR: { event: 'transfer-began', way: 'down' },
    STOR: { event: 'transfer-began', way: 'up' },
    STOU: { event: 'transfer-began', way: 'up' },
    APPE: { event: 'transfer-began', way: 'up' },
    LIST: { event: 'transfer-began', way: 'list' },
    NLST: { event: 'transfer-began', way: 'list' },
    MLSD: { event: 'transfer-began', way: 'list' },
    QUIT: { event: 'closed' },
  }),
)

type Columns = ReturnType<typeof columnsOf>

/** Where the columns that are used stand in a line. */
function columnsOf(names: string[]) {
  const at = (name: string) => names.indexOf(name)
  const fields = [...FIELDS].map(([name, field]) => ({ field, index: at(name) }))
  return {
    count: names.length,
    fields: fields.filter(({ index }) => index !== -1),
    login: at('cs-username'),
    date: at('date'),
    time: at('time'),
    method: at('cs-method'),
    status: at('sc-status'),
    path: names.includes('x-fullpath') ? at('x-fullpath') : at('cs-uri-stem'),
  }
}

const FIELDS = new Map<string, LogField>([
  ['x-session', 'session'],
  ['c-ip', 'ip'],
  ['c-port', 'port'],
  ['s-ip', 'serverIp'],
  ['s-port', 'serverPort'],
  ['s-sitename', 'domain'],
])

function eventOf(
  cells: string[],
  columns: Columns,
  own: Map<string, Meaning>,
  timeOf: (date: string, time: string) => number | null,
  decode: Decode,
): LogEvent {
  const { date, time, login } = columns
  // Elements at -1 are asked for nowhere: that is slow.
  const event = newEvent('active', date < 0 || time < 0 ? null : timeOf(cells[date]!, cells[time]!), decode)
  for (const { field, index } of columns.fields) if (cells[index] !== '-') event[field] = cells[index]
  const status = columns.status < 0 ? NaN : Number(cells[columns.status])
  let method = columns.method < 0 ? '' : cells[columns.method]!.toUpperCase()
  if (method.startsWith('[')) {
    const [, number, name] = NUMBERED.exec(method) ?? []
    event.session ??= number
    method = name ?? method
  }
  // Until the server has let them in, a name is only what somebody says.
  const isClaim = method === 'USER' || (method === 'PASS' && status >= 400)
  if (login >= 0 && cells[login] !== '-' && !isClaim) event.login = cells[login]
  const meaning = own.get(method)
  if (meaning !== undefined) {
    event.kind = meaning.event
    event.way = meaning.way ?? null
  } else if (METHODS.has(method)) {
    addMeaning(event, METHODS.get(method)!, status, columns.path < 0 ? '' : cells[columns.path]!)
  }
  return event
}

const NUMBERED = /^\[(\d+)\](.*)$/

/** What one of FTP's commands did, by the status that the server answered it with. */
function addMeaning(event: LogEvent, { event: kind, way }: Meaning, status: number, path: string): void {
  // Only a whole path says where a session is.
  const whole = path.startsWith('/') ? path : null
  const done = status >= 200 && status < 300
  if (kind === 'transfer-began') {
    if (!(status >= 100)) return
    event.kind = status >= 200 ? 'transfer-ended' : kind
    event.way = way ?? null
    if (way !== 'list' && whole !== null) event.file = whole
  } else if (kind === 'closed' || done) {
    event.kind = kind
    // A new directory that the log does not tell is not the one before.
    if (kind === 'directory') event.location = whole ?? ''
    if (kind === 'logged-in' && whole !== null) event.location = whole
  }
}

/** Reads `2026-11-23` and `12:00:00`, with or without a fraction; once for all lines of the same moment. */
function timeReader(clock: (parts: TimeParts) => number | null) {
  let lastDate = ''
  let lastTime = ''
  let lastMs: number | null = null
  return (date: string, time: string): number | null => {
    if (time === lastTime && date === lastDate) return lastMs
    lastDate = date
    lastTime = time
    lastMs =
      date[4] !== '-' || date[7] !== '-' || time[2] !== ':' || time[5] !== ':'
        ? null
        : clock({
            year: date.slice(0, 4),
            month: date.slice(5, 7),
            day: date.slice(8),
            hour: time.slice(0, 2),
            minute: time.slice(3, 5),
            second: time.slice(6),
          })
    return lastMs
  }
}
