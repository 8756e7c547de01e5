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
  return sayings.map((saying) => (typeof saying === 'string' ? saying : wordsOf(saying, englishOf))).join(' ')
}

const englishOf = (key: SaidKey) => saidInEnglish[key]

/**
 * A sentence in the words of a language. What is filled in is not read again, whatever it is.
 *
 * @param textOf a key's text
 * @param shown how what comes from outside is shown
 */
export function wordsOf(
  { key, values = {} }: Said,
  textOf: (key: SaidKey) => string,
  shown: (value: string) => string = (value) => value,
): string {
  return textOf(key).replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (typeof value === 'object') return wordsOf(value, textOf, shown)
    return shown(String(value))
  })
}
