import type { Difference, Kept, Sample } from '../../database/session-rows.js'
import { fieldsOf, sessionFields, type Field, type SessionKind } from '../../session-fields.js'
import type { ListedFtpSession, ListedPanelSession, ListedSession } from '../../session-source.js'
import { isSame, rowValue, type Value } from '../../text/stored-value.js'

/** A comparison can be interrupted after so many sessions: some tenths of a millisecond. */
const steps = 100

/**
 * Compares what a source lists with what its rows hold. A generator, so that whoever drives it can let the event loop go
 * at its pauses. Of `kept` it changes only what each comparison notes there: `seenIn` and `sample`.
 *
 * @param kept what the rows hold, by key
 * @param listed a complete list
 * @param kind whose fields they have
 * @param atMs when the list was taken, on a clock that never jumps
 * @param personOf who a session is of, where its source does not say; undefined where its row knows better
 * @throws Error where the list breaks the contract: a key that is missing, too long or there twice
 * @example
 * const { written, gone } = yield* difference(kept, await source.list(signal), 'ftp', performance.now())
 */
export function* difference(
  kept: ReadonlyMap<string, Kept>,
  listed: readonly ListedSession[],
  kind: SessionKind,
  atMs: number,
  personOf: PersonOf = ({ login }) => login,
): Generator<void, Difference> {
  const written = new Map<string, Kept>()
  const comparison = ++comparisons
  const columns = columnsOf[kind]
  for (let i = 0; i < listed.length; i++) {
    if (i % steps === steps - 1) yield
    const session = listed[i]
    checkKey(session)
    const before = kept.get(session.key)
    const twice = before === undefined ? written.has(session.key) : before.seenIn === comparison
    if (twice)
      throw new Error(
        `The source listed two sessions with the key ${JSON.stringify(session.key)}; a key names one session.`,
      )
    if (before !== undefined) before.seenIn = comparison
    const after = next(before, session, columns, atMs, comparison, personOf)
    if (after !== before) written.set(session.key, after)
  }
  const gone: string[] = []
  let compared = 0
  for (const [key, { seenIn }] of kept) {
    if (++compared % steps === 0) yield
    if (seenIn !== comparison) gone.push(key)
  }
  return { written, gone }
}

/** Counts comparisons, so that a row can say in which one its session was last listed: a set of all keys would cost more. */
let comparisons = 0

function checkKey(session: ListedSession): void {
  const key: unknown = session?.key
  if (typeof key === 'string' && key.length > 0 && key.length <= 191) return
  const found = typeof key === 'string' ? `${key.length} characters long` : typeof key
  throw new Error(`The source listed a session whose key is ${found}; expected a text of 1 to 191 characters.`)
}

/** Where a kind's fields are among its values: looked up once, not for each session. */
type Columns = ReturnType<typeof columnsOfKind>
const columnsOf = { panel: columnsOfKind('panel'), ftp: columnsOfKind('ftp') }

function columnsOfKind(kind: SessionKind) {
  const fields = fieldsOf(kind)
  const at = (field: string) => fields.indexOf(field)
  return {
    fields,
    usual: fields.map((field) => (sessionFields[kind] as Record<string, Field>)[field].usually ?? null),
    person: at('person'),
    lastActiveAt: at('lastActiveAt'),
    status: at('status'),
    fileName: at('fileName'),
    transferredBytes: at('transferredBytes'),
    bytesPerSecond: at('bytesPerSecond'),
    movedBytes: at('movedBytes'),
    progress: at('progress'),
    /** What the latest request tells. A process that saw an earlier one than the row has it from knows nothing new of these. */
    sightings: fields.map((field) => ['lastActiveAt', 'ip', 'userAgent'].includes(field)),
  }
}

/** Who a session is of: a name; null where it is nobody's yet; undefined where that is not known at this poll. */
export type PersonOf = (session: ListedSession) => string | null | undefined

type AnySession = ListedPanelSession & ListedFtpSession & Record<string, unknown>

/**
 * What the row holds from now on; the very same object where nothing changed. Nothing is made for an unchanged session
 * that outlives its comparison: of a hundred thousand small things the garbage collector makes pauses.
 */
function next(
  before: Kept | undefined,
  session: ListedSession,
  columns: Columns,
  atMs: number,
  comparison: number,
  personOf: PersonOf,
): Kept {
  const given = session as AnySession
  const { fields } = columns
  const speed = speedOf(before, given, columns, atMs)
  const sample = sampleOf(before, given, columns, atMs)
  const isEarlier = wasSeenEarlier(before?.values[columns.lastActiveAt], given.lastActiveAt)
  let values = before?.values
  for (let f = 0; f < fields.length; f++) {
    const old = values === undefined ? undefined : values[f]
    let now: unknown =
      f === columns.bytesPerSecond ? speed
      : f === columns.movedBytes ? movedBy(before, given, columns)
      : f === columns.progress ? progressOf(given)
      : f === columns.person ? (given.person === undefined ? personOf(given) : given.person)
      : given[fields[f]] // prettier-ignore
    if (now === undefined || (isEarlier && columns.sightings[f])) {
      now = old ?? columns.usual[f]
    }
    if (values !== undefined && isSame(old, now)) continue
    if (values === before?.values) {
      values = before === undefined ? new Array<Value>(fields.length).fill(null) : before.values.slice()
    }
    values![f] = rowValue(now)
  }
  if (before === undefined || values !== before.values)
    return { id: before?.id, values: values!, seenIn: comparison, sample }
  // A new sample alone is no change of the row.
  before.sample = sample
  return before
}

function wasSeenEarlier(kept: Value | undefined, given: Date | null | undefined): boolean {
  return kept instanceof Date && given instanceof Date && given.getTime() < kept.getTime()
}

/**
 * Speed by the bytes moved since a sample at least a second old. No speed until then, and none between transfers.
 */
function speedOf(before: Kept | undefined, session: AnySession, columns: Columns, atMs: number): number | null {
  if (!isSameTransfer(before, session, columns)) return null
  const { sample, values } = before
  const elapsed = atMs - sample.atMs
  if (elapsed < 1000) return values[columns.bytesPerSecond] as number | null
  return Math.round(((session.transferredBytes! - sample.bytes) * 1000) / elapsed)
}

/** The sample from now on. One that is a second old moves on, in its place. */
function sampleOf(before: Kept | undefined, session: AnySession, columns: Columns, atMs: number): Sample | undefined {
  const bytes = session.transferredBytes
  if (typeof bytes !== 'number') return undefined
  if (!isSameTransfer(before, session, columns)) return { bytes, atMs }
  const { sample } = before
  if (atMs - sample.atMs < 1000) return sample
  sample.bytes = bytes
  sample.atMs = atMs
  return sample
}

function isSameTransfer(
  before: Kept | undefined,
  session: AnySession,
  columns: Columns,
): before is Kept & { sample: Sample } {
  return before?.sample !== undefined && goesOn(before.values, session, columns)
}

/** Another file, another direction or fewer bytes than before is another transfer. */
function goesOn(values: Value[], { transferredBytes, fileName, status }: AnySession, columns: Columns): boolean {
  return (
    typeof transferredBytes === 'number' &&
    transferredBytes >= ((values[columns.transferredBytes] as number | null) ?? 0) &&
    (fileName === undefined || isSame(values[columns.fileName], fileName)) &&
    (status === undefined || isSame(values[columns.status], status))
  )
}

/** A transfer's bytes have its resume offset in them, which nobody tells: only what it has grown by was moved for certain. */
function movedBy(before: Kept | undefined, session: AnySession, columns: Columns): number | null {
  const moved = (before?.values[columns.movedBytes] as number | null | undefined) ?? null
  const { transferredBytes } = session
  if (!Number.isFinite(transferredBytes)) return moved
  const last = before?.values[columns.transferredBytes] as number | null | undefined
  const grown = last != null && goesOn(before!.values, session, columns) ? Math.round(transferredBytes!) - last : 0
  return (moved ?? 0) + grown
}

/** Whole per cent of a download whose size is known. No server knows how much an upload will be: null. */
function progressOf({ status, transferredBytes, totalBytes }: ListedFtpSession): number | null {
  if (status !== 'downloading' || typeof transferredBytes !== 'number' || typeof totalBytes !== 'number') return null
  if (totalBytes <= 0) return null
  return Math.max(0, Math.min(100, Math.floor((transferredBytes * 100) / totalBytes)))
}
