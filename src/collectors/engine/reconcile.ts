import type { ListedFtpSession, ListedPanelSession, ListedSession } from './session-source.js'

/** The columns of a session that come from its source, per kind; `bytesPerSecond` and `progress` are the engine's own. */
export const panelFields = [
  'type',
  'login',
  'ip',
  'logonIp',
  'userAgent',
  'loggedInAt',
  'lastActiveAt',
  'expiresAt',
] as const
export const ftpFields = [
  'type', 'status', 'condition', 'command', 'login', 'domain', 'location', 'fileName', 'transferredBytes', 'totalBytes',
  'bytesPerSecond', 'progress', 'ip', 'protocol', 'connectedAt', 'lastActiveAt',
] as const // prettier-ignore

export type Value = string | number | Date | null
/** What is kept of a session between two looks: its row's values, in the order of the kind's fields. */
export interface Kept {
  values: Value[]
  /** The row's id, where it is known. */
  id?: number
  /** The number of the comparison that saw it last. */
  look?: number
  /** Where the running transfer stood when its speed was last taken. */
  sample?: { bytes: number; atMs: number }
}

export interface Difference {
  /** Keys of sessions that are new or changed, with what their rows hold from now on. */
  written: Map<string, Kept>
  /** Keys whose sessions are no more. */
  gone: string[]
}

/**
 * Compares what a source lists with what its rows hold. Pure, and written as a generator so that whoever drives it can
 * let the event loop go in between: it pauses every thousand sessions.
 *
 * @param kept what the rows hold, by key
 * @param listed a complete list
 * @param fields the kind's fields
 * @param atMs when the list was taken, on a clock that never jumps
 * @throws Error where the list breaks the contract: a key that is missing, too long or there twice
 * @example
 * const { written, gone } = yield* difference(kept, await source.list(signal), ftpFields, performance.now())
 */
export function* difference(
  kept: ReadonlyMap<string, Kept>,
  listed: readonly ListedSession[],
  fields: readonly string[],
  atMs: number,
): Generator<void, Difference> {
  const written = new Map<string, Kept>()
  const look = ++looks
  for (let i = 0; i < listed.length; i++) {
    if (i % 1000 === 999) yield
    const session = listed[i]
    checkKey(session)
    const before = kept.get(session.key)
    const twice = before === undefined ? written.has(session.key) : before.look === look
    if (twice)
      throw new Error(
        `The source listed two sessions with the key ${JSON.stringify(session.key)}; a key names one session.`,
      )
    if (before !== undefined) before.look = look
    const after = next(before, session, fields, atMs)
    after.look = look
    if (after !== before) written.set(session.key, after)
  }
  const gone: string[] = []
  let compared = 0
  for (const [key, { look: lastLook }] of kept) {
    if (++compared % 5000 === 0) yield
    if (lastLook !== look) gone.push(key)
  }
  return { written, gone }
}

/** Counts comparisons, so that a row can say in which one its session was last listed: a set of all keys would cost more. */
let looks = 0

function checkKey(session: ListedSession): void {
  const key: unknown = session?.key
  if (typeof key === 'string' && key.length > 0 && key.length <= 191) return
  const found = typeof key === 'string' ? `${key.length} characters long` : typeof key
  throw new Error(`The source listed a session whose key is ${found}; expected a text of 1 to 191 characters.`)
}

/** What the row holds from now on; the very same object where nothing changed. */
function next(before: Kept | undefined, session: ListedSession, fields: readonly string[], atMs: number): Kept {
  const given = session as ListedPanelSession & ListedFtpSession & Record<string, unknown>
  const speed = speedOf(before, given, fields, atMs)
  const leftOut = seenEarlier(before?.values[fields.indexOf('lastActiveAt')], given.lastActiveAt) ? sightings : nothing
  let values = before?.values
  for (let f = 0; f < fields.length; f++) {
    const field = fields[f]
    const old = values === undefined ? undefined : values[f]
    const now =
      field === 'bytesPerSecond' ? speed.bytesPerSecond
      : field === 'progress' ? progressOf(given)
      : given[field] === undefined || leftOut.has(field) ? (old ?? (field === 'condition' ? 'normal' : null))
      : rowValue(given[field]) // prettier-ignore
    if (values !== undefined && same(old, now)) continue
    if (values === before?.values) {
      values = before === undefined ? new Array<Value>(fields.length).fill(null) : before.values.slice()
    }
    values![f] = now
  }
  if (before !== undefined && values === before.values) {
    // A new sample alone is no change of the row.
    before.sample = speed.sample
    return before
  }
  return { values: values!, id: before?.id, sample: speed.sample }
}

const nothing: ReadonlySet<string> = new Set()
/** What the latest request tells. A process that saw an earlier one than the row has it from knows nothing new of these. */
const sightings: ReadonlySet<string> = new Set(['lastActiveAt', 'ip', 'userAgent'])

function seenEarlier(kept: Value | undefined, given: Date | null | undefined): boolean {
  return kept instanceof Date && given instanceof Date && given.getTime() < kept.getTime()
}

/**
 * Speed by the bytes moved since a sample at least a second old. No speed until then, none between transfers; another
 * file, another direction or fewer bytes than before is another transfer.
 */
function speedOf(
  before: Kept | undefined,
  session: ListedFtpSession,
  fields: readonly string[],
  atMs: number,
): { bytesPerSecond: number | null; sample?: Kept['sample'] } {
  const bytes = session.transferredBytes
  if (typeof bytes !== 'number') return { bytesPerSecond: null }
  const sample = before?.sample
  const old = (field: string) => before?.values[fields.indexOf(field)]
  const sameTransfer =
    sample !== undefined &&
    bytes >= ((old('transferredBytes') as number | null) ?? 0) &&
    same(old('fileName'), session.fileName === undefined ? old('fileName') : rowValue(session.fileName)) &&
    same(old('status'), session.status === undefined ? old('status') : rowValue(session.status))
  if (!sameTransfer) return { bytesPerSecond: null, sample: { bytes, atMs } }
  const elapsed = atMs - sample.atMs
  if (elapsed < 1000) return { bytesPerSecond: (old('bytesPerSecond') as number | null) ?? null, sample }
  return { bytesPerSecond: Math.round(((bytes - sample.bytes) * 1000) / elapsed), sample: { bytes, atMs } }
}

/** Whole per cent of a download whose size is known. No server knows how much an upload will be: null. */
function progressOf({ status, transferredBytes, totalBytes }: ListedFtpSession): number | null {
  if (status !== 'downloading' || typeof transferredBytes !== 'number' || typeof totalBytes !== 'number') return null
  if (totalBytes <= 0) return null
  return Math.max(0, Math.min(100, Math.floor((transferredBytes * 100) / totalBytes)))
}

/** Longer names are cut: a name is there to be recognised, and rows stay of a size that a page can hold. */
const longestText = 4096

/** A value as a row holds it: times to the second, text that every database takes. */
export function rowValue(value: unknown): Value {
  if (value === null) return null
  if (value instanceof Date) {
    const ms = value.getTime()
    return Number.isFinite(ms) ? new Date(Math.floor(ms / 1000) * 1000) : null
  }
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : null
  if (typeof value !== 'string') return null
  // PostgreSQL takes no NUL in text; a lone surrogate would not come back from any database as it went in.
  return value.slice(0, longestText).replaceAll('\0', '\u2400').toWellFormed()
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  return a instanceof Date && b instanceof Date && a.getTime() === b.getTime()
}
