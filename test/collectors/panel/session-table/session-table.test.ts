import { describe, expect, test } from '@jest/globals'
import { databaseTime } from '../../../../src/collectors/panel/session-table/database-time.js'
import { sessionTable } from '../../../../src/collectors/panel/session-table/session-table.js'

describe("a database's times", () => {
  test.each([
    ['0', 0],
    ['1764453600', 1_764_453_600_000],
    ['1764453600.5', 1_764_453_600_500],
    ['2026-11-29 22:04:05', Date.UTC(2026, 10, 29, 22, 4, 5)],
    ['2026-11-29 22:04:05.123456', Date.UTC(2026, 10, 29, 22, 4, 5, 123)],
    ['2026-11-29T22:04:05Z', Date.UTC(2026, 10, 29, 22, 4, 5)],
    ['2026-11-29 22:04:05+00', Date.UTC(2026, 10, 29, 22, 4, 5)],
    ['2026-11-29 22:04:05.5-03:30', Date.UTC(2026, 10, 30, 1, 34, 5, 500)],
    ['2026-11-29 22:04:05 +0200', Date.UTC(2026, 10, 29, 20, 4, 5)],
  ])('%s', (text, ms) => {
    expect(databaseTime(text).getTime()).toBe(ms)
  })

  test.each([
    '',
    'yesterday',
    '2026-11-29',
    '2026-13-29 22:04:05',
    '29.11.2026 22:04:05',
    '-1',
    '1e9',
    '1764453600000000',
  ])('%j is none', (text) => {
    expect(() => databaseTime(text)).toThrow(`${text.length} characters are no time`)
  })
})

describe('options', () => {
  const connection = { options: { type: 'sqlite' }, isInitialized: true, createQueryRunner: () => undefined as never }
  const right = { connection, table: 'sessions', columns: { id: 'id', login: 'login' } }
  test.each<[string, object | null, RegExp]>([
    ['none', null, /"connection" is missing; expected a TypeORM DataSource of postgres, mysql, mariadb or sqlite/],
    [
      'a pool',
      { ...right, connection: { query: () => undefined } },
      /"connection" is an object; expected a TypeORM DataSource/,
    ],
    [
      'another engine',
      { ...right, connection: { ...connection, options: { type: 'mssql' } } },
      /"connection".*postgres, mysql/,
    ],
    ['no engine', { ...right, connection: { ...connection, options: { type: 'toString' } } }, /"connection"/],
    [
      'no table',
      { ...right, table: undefined },
      /"table" is missing; expected a table's name, like 'sessions' or 'panel.sessions'/,
    ],
    ['a table that is SQL', { ...right, table: 'a; DROP TABLE b' }, /"table" is another text; expected a table's name/],
    ['three parts', { ...right, table: 'a.b.c' }, /"table"/],
    ['no columns', { ...right, columns: undefined }, /"columns" is missing; expected an object of columns/],
    ['no id', { ...right, columns: { login: 'login' } }, /"columns.id" is missing; expected a column's name/],
    [
      'an id that is a function',
      { ...right, columns: { id: () => 'a', login: 'login' } },
      /"columns.id" is a function; expected a column's name/,
    ],
    [
      'no login',
      { ...right, columns: { id: 'id' } },
      /"columns.login" is missing; expected a column's name, or a function of a row/,
    ],
    ['a column that is SQL', { ...right, columns: { id: 'id', login: 'a"b' } }, /"columns.login" is another text/],
    [
      'another field',
      { ...right, columns: { ...right.columns, browser: 'b' } },
      /no option of that name: columns.browser; expected one of id, login, person/,
    ],
    ['a list that is none', { ...right, read: 'a' }, /"read" is another text; expected an array of columns' names/],
    [
      'a name in it that is none',
      { ...right, read: ['a', 'b c'] },
      /"read.1" is another text; expected a column's name/,
    ],
    ['a lookup that is none', { ...right, lookup: {} }, /"lookup" is an object; expected a function/],
    ['an end that is none', { ...right, end: 'DELETE' }, /"end" is another text; expected a function/],
    ['an updated that is none', { ...right, updated: 'max(a)' }, /"updated" is another text; expected a column's name/],
    ['no name', { ...right, name: '' }, /"name".*expected a text of 1 to 64 characters/],
    ['a host that is none', { ...right, host: 1 }, /"host" is a number; expected a text/],
    [
      'another option',
      { ...right, where: 'a = 1' },
      /no option of that name: where; expected one of connection, table/,
    ],
  ])('%s', (_, options, message) => {
    expect(() => sessionTable(options as never)).toThrow(TypeError)
    expect(() => sessionTable(options as never)).toThrow(message)
  })

  test('its name is session-table', () => {
    expect(sessionTable(right)).toMatchObject({
      name: 'session-table',
      kind: 'panel',
      evidence: 'live',
      host: undefined,
    })
    expect(sessionTable({ ...right, name: 'shop', host: 'panel' })).toMatchObject({ name: 'shop', host: 'panel' })
  })
})
