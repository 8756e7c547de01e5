import type { Decode } from './lines.js'
import type { Grammar, LogEvent, LogEventKind, TransferWay } from './grammar.js'
import type { TimeParts } from './log-time.js'

/** What a log in the W3C's extended format calls things, beyond what it has in common with others. */
export interface W3cGrammar {
  /**
   * What a method in `cs-method` means, beside those of FTP (`USER`, `PASS`, `CWD`, `RETR`, `STOR`, `LIST`, `QUIT` and
   * their like). In capitals.
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
  const meanings = new Map(Object.entries({ ...METHODS, ...methods }))
  return (clock) => {
    let columns: Columns | null = null
    let count = 0
    return (line, decode) => {
      if (line.charCodeAt(0) === HASH) {
        if (line.startsWith('#Fields:')) {
          const names = line.slice(8).trim().split(/\s+/)
          columns = columnsOf(names)
          count = names.length
        }
        return { kind: 'active', atMs: null, way: null }
      }
      if (columns === null) return null
      const cells = line.split(line.includes('\t') ? '\t' : ' ')
      return cells.length === count ? eventOf(cells, columns, meanings, clock, decode) : null
    }
  }
}

const HASH = 35

type Meaning = { event: LogEventKind; way?: TransferWay }

/** What FTP's commands mean (RFC 959, RFC 775, RFC 3659) once the server has done what they ask for. */
const METHODS: Record<string, Meaning> = {
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
}

/** The columns that are used, and where they stand in a line; -1 for one that is not there. */
function columnsOf(names: string[]) {
  const at = (name: string) => names.indexOf(name)
  return {
    ...{ date: at('date'), time: at('time'), method: at('cs-method'), stem: at('cs-uri-stem'), status: at('sc-status') },
    ...{ fullPath: at('x-fullpath'), login: at('cs-username'), session: at('x-session') },
    ...{ ip: at('c-ip'), port: at('c-port'), serverIp: at('s-ip'), serverPort: at('s-port'), domain: at('s-sitename') },
  }
}

type Columns = ReturnType<typeof columnsOf>

function eventOf(
  cells: string[],
  columns: Columns,
  meanings: Map<string, Meaning>,
  clock: (parts: TimeParts) => number | null,
  decode: Decode,
): LogEvent {
  const event: LogEvent = { kind: 'active', way: null, atMs: timeOf(cells[columns.date], cells[columns.time], clock) }
  // A column that is not there is cells[-1], which is undefined.
  const add = (field: 'session' | 'ip' | 'port' | 'serverIp' | 'serverPort' | 'login' | 'domain') => {
    const cell = cells[columns[field]]
    if (cell !== undefined && cell !== '-' && cell !== '') event[field] = decode(cell)
  }
  add('session')
  add('ip')
  add('port')
  add('serverIp')
  add('serverPort')
  add('domain')
  const [, number, name] = METHOD.exec(cells[columns.method] ?? '') ?? []
  if (number !== undefined) event.session ??= decode(number)
  const method = (name ?? '').toUpperCase()
  const status = Number(cells[columns.status] ?? NaN)
  // Until the server has let them in, a name is only what somebody says.
  if (method !== 'USER' && !(status >= 400 && method === 'PASS')) add('login')
  const meaning = meanings.get(method)
  if (meaning === undefined) return event
  const path = pathOf(cells[columns.fullPath]) ?? pathOf(cells[columns.stem])
  const done = status >= 200 && status < 300
  switch (meaning.event) {
    case 'logged-in':
      if (!done) return event
      event.location = path === undefined ? path : decode(path)
      break
    case 'directory':
      if (!done) return event
      // Where no column tells the whole path, the new directory is not known.
      event.location = path === undefined ? '' : decode(path)
      break
    case 'transfer-began':
      if (status >= 200) {
        event.kind = 'transfer-ended'
        return event
      }
      if (status !== 0 && !(status >= 100)) return event
      event.way = meaning.way ?? null
      if (event.way !== 'list' && path !== undefined) event.file = decode(path)
  }
  event.kind = meaning.event
  return event
}

const METHOD = /^(?:\[(\d+)\])?(.*)$/

/** A whole path, as only such a one says where a session is. */
function pathOf(cell: string | undefined): string | undefined {
  return cell?.startsWith('/') ? cell : undefined
}

function timeOf(
  date: string | undefined,
  time: string | undefined,
  clock: (parts: TimeParts) => number | null,
): number | null {
  const [year, month, day] = date?.split('-') ?? []
  const [hour, minute, second] = time?.split(':') ?? []
  return day === undefined || second === undefined
    ? null
    : clock({ year: year!, month: month!, day, hour: hour!, minute: minute!, second })
}
