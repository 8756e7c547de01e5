import { isIP } from 'node:net'
import { isDate } from 'node:util/types'
import { fieldsOf, sessionFields, type Field, type FieldType, type SessionKind } from '../session-fields.js'
import type { ListedSession } from '../session-source.js'

/** A rule that holds for every list, whatever is going on. */
export interface RowRule {
  name: string
  says: string
  /** What is wrong with this list, or null. */
  find(sessions: readonly ListedSession[], kind: SessionKind): string | null
}

export const rowRules: readonly RowRule[] = [
  {
    name: 'fields-typed',
    says: 'Every field has the type and one of the words that the contract gives it, or null, or is left out.',
    find: (sessions, kind) =>
      eachField(sessions, kind, (value, type) => (isStandIn(value) ? null : wrongType(value, type))),
  },
  {
    name: 'fields-known',
    says: 'A session has the fields of its kind and no others, so that it can be written as JSON; what the source needs itself hangs on `handle`.',
    find: (sessions, kind) =>
      firstOf(sessions, (session) => {
        const other = Object.keys(session).find(
          (name) => name !== 'key' && name !== 'handle' && !listed[kind].includes(name),
        )
        return other === undefined ? null : `the field \`${other}\`, which no ${kind} session has`
      }),
  },
  {
    name: 'keys-unique',
    says: 'No two sessions of a list have the same key.',
    find(sessions) {
      const keys = sessions.map(({ key }) => key)
      const twice = keys.find((key, i) => keys.indexOf(key) !== i)
      return twice === undefined ? null : `two sessions with the key ${shown(twice)}`
    },
  },
  {
    name: 'keys-safe',
    says: 'A key is a text of 1 to 191 characters that may be shown: not a number alone, which the system gives out again, nor what opens the session.',
    find: (sessions, kind) => firstOf(sessions, (session) => unsafeKey(session, kind)),
  },
  {
    name: 'unknown-is-null',
    says: "What is not known is null: no empty text, no '?', no NaN, no negative count, no time at 0, no size of an upload.",
    find: (sessions, kind) =>
      eachField(sessions, kind, (value) => (isStandIn(value) ? 'where null means unknown' : null)) ??
      firstOf(sessions, (session) => {
        const { status, totalBytes } = session as { status?: unknown; totalBytes?: unknown }
        return status === 'uploading' && typeof totalBytes === 'number'
          ? `\`totalBytes\` is ${totalBytes} in an upload, whose size no server knows`
          : null
      }),
  },
]

/** What a source may say of a session. */
const byName = ({ derived }: Field) => !derived
const listed: Record<SessionKind, string[]> = { panel: fieldsOf('panel', byName), ftp: fieldsOf('ftp', byName) }

function eachField(
  sessions: readonly ListedSession[],
  kind: SessionKind,
  wrong: (value: unknown, type: FieldType) => string | null,
): string | null {
  return firstOf(sessions, (session) => {
    for (const field of listed[kind]) {
      const value = (session as unknown as Record<string, unknown>)[field]
      const { is, usually } = (sessionFields[kind] as Record<string, Field>)[field]!
      if (value === undefined || (value === null && usually === undefined)) continue
      const found = wrong(value, is)
      if (found !== null) return `\`${field}\` is ${shown(value)}, ${found}`
    }
    return null
  })
}

function firstOf(sessions: readonly ListedSession[], find: (session: ListedSession) => string | null): string | null {
  for (const session of sessions) {
    const found = find(session)
    if (found !== null) return `${found} (in the session with the key ${shown(session.key)})`
  }
  return null
}

/** Is this a value that stands in for an unknown one? */
function isStandIn(value: unknown): boolean {
  if (typeof value === 'string')
    return /^(|[-?]|\(?none\)?|unknown|n\/a|null|undefined|nan|0\.0\.0\.0)$/i.test(value.trim())
  if (typeof value === 'number') return !Number.isFinite(value) || value < 0
  return isDate(value) && (value.getTime() === 0 || Number.isNaN(value.getTime()))
}

function wrongType(value: unknown, type: FieldType): string | null {
  if (typeof type !== 'string')
    return type.includes(value as string) ? null : `where one of ${type.join(', ')} was expected`
  const { expected, isRight } = types[type]
  return isRight(value) ? null : `where ${expected} was expected`
}

const wholeNumber = (of: string) => ({ expected: `a whole number${of}`, isRight: Number.isSafeInteger })
const types: Record<Extract<FieldType, string>, { expected: string; isRight(value: unknown): boolean }> = {
  text: { expected: 'a text', isRight: (value) => typeof value === 'string' },
  address: {
    expected: 'an IP address without a port',
    isRight: (value) => typeof value === 'string' && isIP(value) !== 0,
  },
  time: { expected: 'a Date', isRight: isDate },
  bytes: wholeNumber(' of bytes'),
  'bytes-per-second': wholeNumber(' of bytes per second'),
  percent: wholeNumber(''),
}

function unsafeKey({ key, handle }: ListedSession, kind: SessionKind): string | null {
  if (typeof key !== 'string' || key === '' || key.length > 191) {
    return `a key that is ${typeof key === 'string' ? `${key.length} characters long` : shown(key)}`
  }
  if (/^\d+$/.test(key)) return 'a key that is a number alone'
  // eslint-disable-next-line no-control-regex -- these are what it is about
  if (/[\u0000-\u001f\u007f-\u009f]/.test(key)) return 'a key with control characters'
  return kind === 'panel' && secretsIn(handle).some((secret) => key.includes(secret))
    ? 'a key that holds what its `handle` holds: a raw session id opens the session for whoever sees it; its SHA-256 does not'
    : null
}

/** The strings in a handle that are long enough to be a session id. */
function secretsIn(handle: unknown): string[] {
  const values = typeof handle === 'object' && handle !== null ? Object.values(handle) : [handle]
  return values.filter((value): value is string => typeof value === 'string' && value.length >= 16)
}

/** A value for use in a message. */
export function shown(value: unknown): string {
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'string') return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)
  return typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value)
}

/** A time in ms since 1970; undefined if it is none, or a stand-in, which the rules above report. */
export function msOf(time: unknown): number | undefined {
  return isDate(time) && !isStandIn(time) ? time.getTime() : undefined
}
