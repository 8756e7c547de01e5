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
 * A sentence in the words of a language.
 *
 * @param textOf a key's text
 * @param shown how what comes from outside is shown
 */
export function wordsOf(
  { key, values = {} }: Said,
  textOf: (key: SaidKey) => string,
  shown: (value: string) => string = (value) => value,
): string {
  return filledIn(textOf(key), (name) => {
    const value = values[name]
    return typeof value === 'object' ? wordsOf(value, textOf, shown) : shown(String(value))
  })
}

/** A text with what stands for each `{{name}}` in it. A name from outside may look like such a place: it is not read again. */
export function filledIn(text: string, valueOf: (name: string) => string): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => valueOf(name))
}
