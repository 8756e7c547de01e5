import type { SessionRemovalRow } from '../../database/rows.js'
import { inline } from '../../text/printable.js'
import { type SaidKey, wordsOf } from '../../text/said.js'

/** What is said of a removal, by keys and in English. */
export type SaidOf = Pick<SessionRemovalRow, 'said' | 'message'>

/**
 * What is said of a removal, translated. A server's own words stay as they are; all of it is in English where a key is not
 * known here, because another version of this package on another machine has said it. Invisible characters in what is
 * filled in are made visible.
 *
 * @param textOf a key's text, with nothing filled in; empty where there is none
 */
export function sentences({ said, message }: SaidOf, textOf: (key: SaidKey) => string): string {
  let allKnown = true
  const known = (key: SaidKey) => {
    const text = textOf(key)
    allKnown &&= text !== ''
    return text
  }
  const all = (said ?? []).map((one) => (typeof one === 'string' ? one : wordsOf(one, known, inline)))
  return said !== null && allKnown ? all.join(' ') : (message ?? '')
}
