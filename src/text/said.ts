import { saidInEnglish } from '../translations/languages/en.js'

/** Which of this package's sentences. */
export type SaidKey = keyof typeof saidInEnglish

/** A sentence of this package's, by its key, with what is filled in. */
export interface Said {
  key: SaidKey
  values?: Record<string, string | number>
}

/** What is said of a removal: sentences of this package, and what a server says in its own words. */
export type Saying = Said | string

/** In English, for the record's own text: whoever reads the table, the log or the API. */
export function inEnglish(sayings: readonly Saying[]): string {
  return sayings
    .map((saying) => (typeof saying === 'string' ? saying : filled(saidInEnglish[saying.key], saying.values ?? {})))
    .join(' ')
}

function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]))
}
