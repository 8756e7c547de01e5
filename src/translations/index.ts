import { de } from './de.js'
import { en, type ResourceTexts } from './en.js'

const languages: Record<string, ResourceTexts> = { en, de }

/**
 * The texts of one resource, in every language that this package knows, as AdminJS's option `translations` of a resource
 * takes them. A host's own texts under `locale.translations.<language>.resources.<id>` win, key by key.
 */
export function translationsOf<Id extends keyof ResourceTexts>(resourceId: Id): Record<string, ResourceTexts[Id]> {
  return Object.fromEntries(Object.entries(languages).map(([language, texts]) => [language, texts[resourceId]]))
}
