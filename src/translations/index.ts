import { de } from './de.js'
import { en, type ResourceTexts } from './en.js'

const languages: Record<string, ResourceTexts> = { en, de }

/**
 * The texts of one resource, as AdminJS's option `translations` of a resource takes them: in every language that this
 * package knows, and in English for the others that the back office offers. A host's own texts under
 * `locale.translations.<language>.resources.<id>` win, key by key.
 *
 * @param offered codes of languages
 */
export function translationsOf<Id extends keyof ResourceTexts>(
  resourceId: Id,
  offered: readonly string[] = [],
): Record<string, ResourceTexts[Id]> {
  const codes = new Set([...Object.keys(languages), ...offered])
  return Object.fromEntries(Array.from(codes, (code) => [code, (languages[code] ?? en)[resourceId]]))
}
