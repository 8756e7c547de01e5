import type { Language } from './texts-of.js'

/**
 * French, Italian, Portuguese and Spanish have a plural of their own for whole millions (CLDR's `many`): after a figure it
 * reads like any other.
 */
export function withMillions(texts: Language<'one' | 'other'>): Language<'one' | 'many' | 'other'> {
  return withMany(texts) as Language<'one' | 'many' | 'other'>
}

function withMany(texts: object): object {
  const entries = Object.entries(texts).flatMap(
    ([key, text]: [string, object | string]): [string, object | string][] => {
      if (typeof text !== 'string') return [[key, withMany(text)]]
      return key.endsWith('_other')
        ? [
            [key.replace(/other$/, 'many'), text],
            [key, text],
          ]
        : [[key, text]]
    },
  )
  return Object.fromEntries(entries)
}
