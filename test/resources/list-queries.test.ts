import { Filter } from 'adminjs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import { SessionResource } from '../../src/resources/table-resource.js'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { sqliteWithTables } from '../servers/sqlite.js'

const engines = [['SQLite', null], ['PostgreSQL', postgresMissing]] as const // prettier-ignore

describe.each(engines)('what the lists ask of %s', (engine, missing) => {
  const here = missing ? test.skip : test
  const asked: { query: string; parameters?: unknown[] }[] = []
  let postgres: Postgres | undefined
  let database: Database
  beforeAll(async () => {
    if (missing) return
    if (engine === 'PostgreSQL') postgres = await startPostgresWithTables()
    const logQuery = (query: string, parameters?: unknown[]) => void asked.push({ query, parameters })
    database = await openDatabase({
      ...(postgres
        ? {
            type: 'postgres',
            url: postgres.url,
            // In a table of few rows anything is faster than an index.
            extra: { options: '-c enable_seqscan=off -c enable_sort=off -c enable_bitmapscan=off' },
          }
        : await sqliteWithTables()),
      logging: ['query'],
      logger: { logQuery, logQueryError() {}, logQuerySlow() {}, logSchemaBuild() {}, logMigration() {}, log() {} },
    } as DatabaseOptions)
    const row = (key: string, fields: object) => ({ host: 'here', source: 'fake', key, ...fields })
    await database.ftpSessions.insert([
      row('a', { login: 'Zoë', lastActiveAt: new Date('2026-01-01'), status: 'idle' }),
      row('b', { login: 'zOË', lastActiveAt: new Date('2026-01-01'), status: 'idle' }),
      row('c', { login: null, lastActiveAt: new Date('2026-01-02'), status: 'idle' }),
      row('d', { login: '100%', lastActiveAt: null, status: 'uploading' }),
      row('e', { login: '100x', lastActiveAt: null, status: 'uploading' }),
      row('f', { login: 'back\\slash_', lastActiveAt: new Date('2026-01-02'), status: 'uploading' }),
    ])
  })
  afterAll(async () => {
    await database?.close()
    await postgres?.stop()
  })

  const choices = new Set(['status'])
  const find = async (
    model: 'FtpSession' | 'SessionRemoval' | 'SessionHistory',
    filters: object,
    sortBy: string,
    direction: string,
  ) => {
    const resource = new SessionResource(database.models[model], choices)
    const filter = new Filter(filters, resource)
    const records = await resource.find(filter, { limit: 10, offset: 0, sort: { sortBy, direction } })
    expect(await resource.count(filter)).toBe(records.length)
    return records.map(({ params }) => String(params.key)).join('')
  }
  /** How the engine goes about the last question with an order. */
  const plan = async () => {
    const { query, parameters } = asked.filter(({ query }) => query.includes('ORDER BY')).at(-1)!
    const how = engine === 'SQLite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'
    const lines: Record<string, unknown>[] = await database.connection.query(`${how} ${query}`, parameters)
    return lines.map((line) => String(line.detail ?? line['QUERY PLAN'])).join('\n')
  }

  here.each([
    ['lastActiveAt', 'desc', 'fcbaed'],
    ['lastActiveAt', 'asc', 'abcfde'],
    ['login', 'asc', 'deafbc'],
    ['id', 'desc', 'fedcba'],
    ['nonsense', 'asc', 'abcdef'],
  ])('by %s %s: the unknown last, what is equal in the order of its ids', async (sortBy, direction, found) => {
    expect(await find('FtpSession', {}, sortBy, direction)).toBe(found)
  })

  here.each([
    ['zo', 'ab'],
    ['ZOË', 'b'],
    ['oë', 'a'],
    ['100%', 'd'],
    ['%', 'd'],
    ['_', 'f'],
    ['K\\S', 'f'],
    ['0', 'de'],
  ])('a part of a login in any case, wildcards and backslashes as they are: %s', async (login, found) => {
    expect([...(await find('FtpSession', { login }, 'id', 'asc'))].sort().join('')).toBe(found)
  })

  here.each([
    ['lastActiveAt', 'desc', {}],
    ['login', 'desc', {}],
    ['ip', 'desc', {}],
    ['status', 'desc', {}],
    ['id', 'asc', {}],
    ['lastActiveAt', 'desc', { status: 'idle' }],
    ...(engine === 'SQLite' ? ([['lastActiveAt', 'asc', {}], ['login', 'asc', {}], ['lastActiveAt', 'asc', { status: 'idle' }]] as const) : []), // prettier-ignore
  ])('by %s %s with %j: read from an index, in its order', async (sortBy, direction, filters) => {
    await find('FtpSession', filters, sortBy, direction)
    const how = await plan()
    expect(how).toMatch(/USING INDEX|Index Scan|INTEGER PRIMARY KEY|SCAN FtpSession$/)
    expect(how).not.toMatch(/TEMP B-TREE|Sort/)
  })

  here.each([{}, { login: '=shop' }, { person: '=shop' }, { ip: '=192.0.2.1' }])(
    'the history with %j, what ended last first: read from an index, in its order',
    async (filters) => {
      await find('SessionHistory', filters, 'endedAt', 'desc')
      const how = await plan()
      expect(how).toMatch(/USING INDEX IX_adminjs_sessions_history|Index Scan using "IX_adminjs_sessions_history/)
      expect(how).not.toMatch(/TEMP B-TREE|Sort/)
    },
  )

  here('records of removals, the newest first, are not sorted as a whole', async () => {
    await find('SessionRemoval', {}, 'requestedAt', 'desc')
    expect(await plan()).not.toMatch(/TEMP B-TREE FOR ORDER BY|(?<!Incremental )Sort {2}/)
  })
})
