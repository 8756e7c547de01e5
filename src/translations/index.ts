import { de } from './languages/de.js'
import { en } from './languages/en.js'
import { es } from './languages/es.js'
import { fr } from './languages/fr.js'
import { it } from './languages/it.js'
import { pl } from './languages/pl.js'
import { ptBR } from './languages/pt-br.js'
import { zhCN } from './languages/zh-cn.js'
import { withMillions } from './millions.js'
import { textsOf, type Language, type ResourceTexts } from './texts-of.js'

/** By the codes that AdminJS has for them. */
const languages = new Map(
  Object.entries<Language<'other'>>({
    en,
    de,
    es: withMillions(es),
    fr: withMillions(fr),
    it: withMillions(it),
    pl,
    'pt-BR': withMillions(ptBR),
    'zh-CN': zhCN,
  }),
)

/**
 * The texts of one resource, as AdminJS's option `translations` of a resource takes them: in English and in the languages
 * that the back office offers, because all of them are in each of its pages. A language that is not here is answered in
 * the nearest one (`de` for `de-AT`, `pt-BR` for `pt`), or else in English. A host's own texts under
 * `locale.translations.<language>.resources.<id>` win, key by key.
 *
 * @param offered codes of languages; without them, every language that is here
 */
export function translationsOf<Id extends keyof ResourceTexts>(
  resourceId: Id,
  offered: readonly string[] = [...languages.keys()],
): Record<string, ResourceTexts[Id]> {
  return Object.fromEntries(['en', ...offered].map((code) => [code, textsOf(nearest(code))[resourceId]]))
}

/** What the menu calls all of the lists together. */
export function menuIn(code: string): string {
  return nearest(code).lists.all
}

function nearest(code: string): Language<'other'> {
  const sameLanguage = [...languages.keys()].find((own) => baseOf(own) === baseOf(code))
  return languages.get(code) ?? languages.get(sameLanguage ?? 'en')!
}

function baseOf(code: string): string {
  return code.split(/[-_]/)[0]!
}
