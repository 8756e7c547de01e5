/** What a column of a session's row can hold. */
export type Value = string | number | Date | null

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

/** Is this what a row holds already? What it holds is in its row's form: what equals it needs no more looking at. */
export function isSame(held: Value | undefined, given: unknown): boolean {
  if (held === given) return true
  if (held instanceof Date && given instanceof Date) return held.getTime() === Math.floor(given.getTime() / 1000) * 1000
  return held === rowValue(given)
}
