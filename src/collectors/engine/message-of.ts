import { rowValue } from './reconcile.js'

/** What a thrown value says, as a row can hold it; anything can be thrown, and a server's own words may be in it. */
export function messageOf(error: unknown): string {
  return String(rowValue(error instanceof Error ? String(error.message) : String(error)))
}
