import type { SessionRemovalRow } from '../../database/rows.js'
import { inline } from '../../text/printable.js'
import type { Said } from '../../text/said.js'
import type { Values } from './http.js'

/** What is said of a removal, by keys and in English. */
export type SaidOf = Pick<SessionRemovalRow, 'said' | 'message'>

/** A sentence of this package's by its key, with what is filled in; empty where there is none. */
type Translate = (key: string, values: Values) => string

/**
 * What is said of a removal, translated. A server's own words stay as they are; all of it is in English where one of its
 * sentences is not known here, because another version of this package on another machine has said it.
 */
export function sentences({ said, message }: SaidOf, translate: Translate): string {
  const all = said?.map((one) => (typeof one === 'string' ? one : sentence(one, translate))) ?? ['']
  return all.includes('') ? (message ?? '') : all.join(' ')
}

/** Invisible characters in what is filled in are made visible. Empty where it, or a word in it, is not known here. */
function sentence({ key, values = {} }: Said, translate: Translate): string {
  const filled: Values = {}
  for (const [name, value] of Object.entries(values)) {
    filled[name] =
      typeof value === 'string' ? inline(value) : typeof value === 'number' ? value : sentence(value, translate)
    if (typeof value === 'object' && filled[name] === '') return ''
  }
  return translate(key, filled)
}
