import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { translationsOf } from '../../src/translations/index.js'
import { everyText, resources } from './every-text.js'

const codes = ['en', 'de', 'es', 'fr', 'it', 'pl', 'pt-BR', 'zh-CN']
const english = everyText('en')

const plural = /_(one|two|few|many|other)$/
const fillings = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort()
const withoutCount = (names: string[]) => names.filter((name) => name !== '{{count}}')

test('these are the languages', () => {
  expect(Object.keys(translationsOf('FtpSession'))).toEqual(codes)
})

describe.each(codes)('%s', (code) => {
  const texts = everyText(code)

  test('has every text, in the plurals of its own', () => {
    const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories
    const expected = [...english.keys()].flatMap((path) => {
      if (!plural.test(path)) return [path]
      return path.endsWith('_other') ? categories.map((category) => path.replace(plural, `_${category}`)) : []
    })
    expect([...texts.keys()].sort()).toEqual(expected.sort())
  })

  test('fills in what English does; a text for one may leave the number out', () => {
    const wrong = [...texts].filter(([path, text]) => {
      const wanted = fillings(english.get(path.replace(plural, '_other')) ?? '')
      const found = fillings(text)
      const alike = path.endsWith('_one') ? withoutCount : (names: string[]) => names
      return String(alike(found)) !== String(alike(wanted))
    })
    expect(wrong).toEqual([])
  })

  test('says something for each key', () => {
    const empty = [...texts].filter(([path, text]) => text.trim() === '' || text === path.split('.').pop())
    // English and others say of these what they are called in code too.
    expect(empty.filter(([, text]) => text !== 'online')).toEqual([])
  })

  test('has the room that its pages have', () => {
    const tooLong = [...texts].filter(([path, text]) => lengthOf(text) > roomFor(path))
    expect(tooLong).toEqual([])
  })

  test('has no word too long for its column', () => {
    const tooLong = columns.flatMap(([column, px]) =>
      resources.flatMap((id) => {
        const words = texts.get(`${id}.properties.${column}`)?.split(/[\s-]/) ?? []
        return words.filter((word) => lengthOf(word) * letter > px - padding)
      }),
    )
    expect(tooLong).toEqual([])
  })

  test('shows nobody the words of this code', () => {
    const coded = [...texts].filter(([, text]) => /\b(hold(?! no session)|evidence|normal)\b|\bheld\b/i.test(text))
    expect(coded).toEqual([])
  })
})

/** What is the same in English, and meant to be. */
const alike: Record<string, string[]> = {
  de: [
    'Administrator',
    'Backoffice',
    'Browser',
    'Domain',
    'Downloads',
    'Host',
    'Live',
    'Login',
    'Name',
    'Panel',
    'Person',
    'Status',
    'Uploads',
  ],
  es: ['Error', 'No', 'Panel'],
  fr: ['Commande', 'Condition', 'Message', 'Session', 'Session {{id}}', 'Sessions', 'Source', 'Type'],
  it: ['Back office', 'Browser', 'File', 'Host', 'No'],
  pl: ['Administrator', 'Host', 'Login', 'Panel', 'Status'],
  'pt-BR': ['Downloads', 'Host', 'Login', 'Status'],
  'zh-CN': [],
}
const alikeEverywhere = ['API', 'FTP', 'FTPS', 'OK', 'SFTP', 'online', '{{count}} online', '{{doing}}: {{file}}']

test.each(Object.keys(alike))('%s is English nowhere by accident', (code) => {
  const same = [...everyText(code)].flatMap(([path, text]) => (english.get(path) === text ? text : []))
  const meant = [...alikeEverywhere, ...alike[code]!]
  expect([...new Set(same)].filter((text) => !meant.includes(text))).toEqual([])
})

test.each([
  ['de-AT', 'de'],
  ['pt', 'pt-BR'],
  ['pt_PT', 'pt-BR'],
  ['es-MX', 'es'],
  ['zh', 'zh-CN'],
  ['zh-TW', 'zh-CN'],
  ['en-GB', 'en'],
  ['ja', 'en'],
  ['ua', 'en'],
  ['constructor', 'en'],
])('who is offered %s reads %s', (code, nearest) => {
  const texts = translationsOf('FtpSession', [code])
  expect(Object.keys(texts)).toEqual(['en', code])
  expect(texts[code]).toEqual(translationsOf('FtpSession')[nearest])
})

/** In letters of the Latin kind: a Chinese one is twice as wide. A number that is filled in takes five. */
function lengthOf(text: string): number {
  return [...text.replace('{{count}}', '10000')].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 2 : 1), 0)
}

/** Labels that stand alone in a line: of a filter, or of a record's page. */
const alone = ['SessionHistory.properties.search', 'SessionSourceStatus.properties.byForce']

function roomFor(path: string): number {
  if (path.includes('.buttons.chip.')) return 24
  if (/\.(buttons|actions)\./.test(path) || path.includes('.labels.keepOut.')) return 40
  if (path.includes('.properties.')) return alone.includes(path) ? 50 : 24
  if (path.includes('.labels.')) return 27
  return Infinity
}

/** The columns of the lists and their least widths, and what a letter takes of it, in px. */
const columns = widthsOfColumns()
const letter = 6
const padding = 12

function widthsOfColumns(): [column: string, px: number][] {
  const source = readFileSync(new URL('../../src/components/list/record-table.tsx', import.meta.url), 'utf8')
  const [, widths] = /const widths[^{]*\{([^}]*)\}/.exec(source)!
  return [...widths!.matchAll(/(\w+): (\d+)/g)].map(([, column, px]) => [column!, Number(px)])
}

test('the widths of columns are found', () => {
  expect(Object.fromEntries(columns)).toMatchObject({ login: expect.any(Number), lastActiveAt: expect.any(Number) })
})
