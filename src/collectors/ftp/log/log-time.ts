/** The parts of a time as a log writes them. */
export interface TimeParts {
  year: string
  /** A number, or an English name of at least three letters. */
  month: string
  day: string
  hour: string
  minute: string
  second: string
}

/**
 * Reads the times of one log, line after line, as ms since 1970.
 *
 * Where a clock was set back an hour is written twice: a time is the earlier of both unless that lies before the line
 * above. A time that a clock has left out is read by the clock of before.
 *
 * @param zone an IANA name such as `'Europe/Berlin'`
 * @returns null for what is no time
 * @example
 * logClock('Europe/Berlin')({ year: '26', month: 'Jul', day: '01', hour: '12', minute: '00', second: '00' })
 * // 2026-07-01T10:00:00Z in ms
 */
export function logClock(zone: string): (parts: TimeParts) => number | null {
  const offsetAt = offsets(zone)
  let last: TimeParts = { year: '', month: '', day: '', hour: '', minute: '', second: '' }
  let hourMs = NaN
  let offset: number | null = null
  let latest = -Infinity

  return (parts) => {
    const { year, month, day, hour } = parts
    if (hour !== last.hour || day !== last.day || month !== last.month || year !== last.year) {
      last = parts
      hourMs = localHour(parts)
      offset = Number.isNaN(hourMs) ? null : steadyOffset(hourMs, offsetAt)
    }
    const minute = Number(parts.minute)
    const second = Number(parts.second)
    if (!(minute < 60) || !(second < 61)) return null
    const local = hourMs + minute * 60_000 + Math.floor(second * 1000)
    if (Number.isNaN(local)) return null
    const at = offset === null ? changing(local, offsetAt, latest) : local - offset
    if (at > latest) latest = at
    return at
  }
}

/** Is there such a zone? */
export function isZone(zone: unknown): zone is string {
  try {
    if (typeof zone !== 'string' || zone === '') return false
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** How far a line may stand behind the one above it, in ms: servers write from many threads. */
const disorder = 15 * 60_000

/** The local hour as if it were UTC; NaN where it is none. */
function localHour({ year, month, day, hour }: TimeParts): number {
  const months = MONTHS.indexOf(month.slice(0, 3).toLowerCase())
  const monthNumber = months === -1 ? Number(month) : months + 1
  const date = Number(day)
  if (!(monthNumber >= 1 && monthNumber <= 12 && date >= 1 && date <= 31 && Number(hour) < 24)) return NaN
  return Date.UTC(Number(year) + (year.length <= 2 ? 2000 : 0), monthNumber - 1, date, Number(hour))
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The offset of every moment of a local hour; null where the clock is set within a day of it. */
function steadyOffset(local: number, offsetAt: (ms: number) => number): number | null {
  const before = offsetAt(local - DAY)
  return before === offsetAt(local + DAY) ? before : null
}

function changing(local: number, offsetAt: (ms: number) => number, latest: number): number {
  const [before, after] = [offsetAt(local - DAY), offsetAt(local + DAY)]
  const possible = [local - before, local - after]
    .filter((at, i) => offsetAt(at) === (i === 0 ? before : after))
    .sort((a, b) => a - b)
  return possible.find((at) => at >= latest - disorder) ?? possible.at(-1) ?? local - before
}

/** By zone. To make one takes 0.1 ms, and there may be a clock for each of 20,000 times that stand in no order. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** What a zone's clock is ahead of UTC at a moment, in ms. */
function offsets(zone: string): (ms: number) => number {
  if (zone === 'UTC') return () => 0
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, format)
  return (ms) => {
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')!.value
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
    return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * 60_000)
  }
}
