import { rowValue } from './stored-value.js'

/** A message on one line, of a length that a log can hold: a server's own words may be in it. */
export function oneLine(message: string): string {
  // eslint-disable-next-line no-control-regex -- these are what it is about
  return message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 2000)
}

/** What a thrown value says, as a row can hold it; anything can be thrown, and a server's own words may be in it. */
export function messageOf(error: unknown): string {
  return String(rowValue(error instanceof Error ? String(error.message) : String(error)))
}
