/** Numbers and times as people read them, in the page's language, or in the browser's if `Intl` does not know that one. */

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte']

/** `12.4 MB`: decimal units, as FTP clients and disks count them. */
export function size(bytes: number, language: string): string {
  return inUnit(bytes, '', language)
}

/** `1.2 MB/s`, from bytes per second. */
export function speed(bytesPerSecond: number, language: string): string {
  return inUnit(bytesPerSecond, '-per-second', language)
}

function inUnit(bytes: number, per: string, language: string): string {
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), sizeUnits.length - 1)
  const value = bytes / 1000 ** step
  return numbers(language, {
    style: 'unit',
    unit: `${sizeUnits[step]}${per}`,
    unitDisplay: 'short',
    maximumFractionDigits: step > 0 && value < 100 ? 1 : 0,
  }).format(value)
}

const timeUnits: [symbol: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

/**
 * A span of time in its two largest units: `3 min 20 s`, `2 h 5 min`, `4 d 0 h`. The symbols are those that go with the SI:
 * short, and the same in every language. A negative span (clocks differ) counts as zero.
 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const largest = timeUnits.findIndex(([, length]) => seconds >= length)
  if (largest < 0) return '0\u00a0s'
  return timeUnits
    .slice(largest, largest + 2)
    .map(([symbol, length], at) => {
      const above = at === 0 ? seconds : seconds % timeUnits[largest]![1]
      return `${Math.floor(above / length)}\u00a0${symbol}`
    })
    .join(' ')
}

/** A whole period in words, from minutes: `15 minutes`, `1 hour`, `30 days`. */
export function period(minutes: number, language: string): string {
  const [unit, length] = minutes % 1440 === 0 ? ['day', 1440] : minutes % 60 === 0 ? ['hour', 60] : ['minute', 1]
  return numbers(language, { style: 'unit', unit: String(unit), unitDisplay: 'long' }).format(minutes / Number(length))
}

/** `42%`, from 0 to 100. */
export function percent(value: number, language: string): string {
  return numbers(language, { style: 'percent' }).format(value / 100)
}

/** A moment, short: the time alone where it is today, the day with it otherwise. `now` in ms. */
export function moment(at: Date, now: number, language: string): string {
  const today = at.toDateString() === new Date(now).toDateString()
  return times(language, today ? { timeStyle: 'medium' } : { dateStyle: 'short', timeStyle: 'short' }).format(at)
}

/** A moment in full, for a title. */
export function fullMoment(at: Date, language: string): string {
  return times(language, { dateStyle: 'full', timeStyle: 'long' }).format(at)
}

/** A record's time: AdminJS sends it as ISO text. Null if it is missing or no time. */
export function asDate(value: unknown): Date | null {
  if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof Date)) return null
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? null : date
}

/** One of each: to make one takes a hundred times as long as to use it, and a list has several in each row. */
const made = new Map<string, unknown>()

const numbers = kept(
  (language: string | undefined, how: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, how),
)
const times = kept(
  (language: string | undefined, how: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, how),
)

function kept<How, Format>(make: (language: string | undefined, how: How) => Format) {
  return (language: string, how: How): Format => {
    const name = JSON.stringify([language, how])
    const format = (made.get(name) as Format | undefined) ?? make(known(language), how)
    made.set(name, format)
    return format
  }
}

/**
 * What `Intl` takes for a language of AdminJS: the browser's own variety of it where there is one (`en-GB` for `en`),
 * and the browser's language where `Intl` knows no such language (AdminJS says `ua` for Ukrainian).
 */
function known(language: string): string | undefined {
  try {
    const variety = globalThis.navigator?.languages?.find((own) => own.startsWith(`${language}-`))
    if (variety) return variety
    return Intl.NumberFormat.supportedLocalesOf(language)[0]
  } catch {
    return undefined
  }
}
