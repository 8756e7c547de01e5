/** What a column of a session's row can hold. */
export type Value = string | number | Date | null

/** The last time that every database takes: for what has no end. */
export const never = Date.UTC(9999, 11, 31)

/** Longer names are cut: a name is there to be recognised, and a row must not be too large for a page. */
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

/** Does the row hold this value already? `held` is in the row's form, so the cheap comparison comes first. */
export function isSame(held: Value | undefined, given: unknown): boolean {
  if (held === given) return true
  if (held instanceof Date && given instanceof Date) return held.getTime() === Math.floor(given.getTime() / 1000) * 1000
  return held === rowValue(given)
}
