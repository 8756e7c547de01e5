import { saidInEnglish } from '../translations/languages/en.js'

/** Which of this package's sentences. */
export type SaidKey = keyof typeof saidInEnglish

/** A sentence of this package's, by its key, with what is filled in: where a name is not known, a word of this package's. */
export interface Said {
  key: SaidKey
  values?: Record<string, string | number | Said>
}

/** What is said of a removal: sentences of this package, and what a server says in its own words. */
export type Saying = Said | string

/** In English, for the record's own text: whoever reads the table, the log or the API. */
export function inEnglish(sayings: readonly Saying[]): string {
  return sayings.map(worded).join(' ')
}

function worded(saying: string | number | Said): string {
  if (typeof saying !== 'object') return String(saying)
  const { key, values = {} } = saying
  return saidInEnglish[key].replace(/\{\{(\w+)\}\}/g, (_, name: string) => worded(values[name]!))
}
