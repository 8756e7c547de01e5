import { de } from './de.js'
import { en, type Texts } from './en.js'

const languages: Record<string, Texts> = { en, de }

/**
 * The texts of one resource, in every language that this package knows, as AdminJS's option `translations` of a resource
 * takes them. A host's own texts under `locale.translations.<language>.resources.<id>` win, key by key.
 */
export function translationsOf<Id extends keyof Texts>(resourceId: Id): Record<string, Texts[Id]> {
  return Object.fromEntries(Object.entries(languages).map(([language, texts]) => [language, texts[resourceId]]))
}
