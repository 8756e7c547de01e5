import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { In } from 'typeorm'
import { fieldsOf, type ftpFields } from '../../src/session-fields.js'
import type { Kept } from '../../src/database/session-rows.js'
import { rowsOfSource, type SessionRows } from '../../src/database/session-rows.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { pausesDuring } from '../turns.js'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { sqliteWithTables } from '../servers/sqlite.js'

const engines = [['SQLite', null], ['PostgreSQL', postgresMissing]] as const // prettier-ignore

describe.each(engines)('the rows of a source on %s', (engine, missing) => {
  const here = missing ? test.skip : test
  let postgres: Postgres | undefined
  let database: Database
  let table: SessionRows
  beforeAll(async () => {
    if (missing) return
    if (engine === 'PostgreSQL') postgres = await startPostgresWithTables()
    database = await openDatabase(postgres ? { type: 'postgres', url: postgres.url } : await sqliteWithTables())
    table = rowsOfSource(database, { kind: 'ftp', host: 'here', source: 'fake' })
  })
  afterAll(async () => {
    await database?.close()
    await postgres?.stop()
  })

  const at = new Date('2026-01-01T10:00:00Z')
  const kept = (over: Partial<Record<keyof typeof ftpFields, Kept['values'][number]>> = {}): Kept => ({
    values: fieldsOf('ftp').map((field) => over[field] ?? null),
    seenIn: 0,
    sample: undefined,
  })

  here('come back as they were written, however many, and only its own', async () => {
    // More than two reads' worth, with keys that sort otherwise as text than by their numbers.
    const written = new Map(
      Array.from({ length: 620 }, (_, i) => [
        `k${i}`,
        kept({ login: `u${i}`, transferredBytes: 5_000_000_000 + i, progress: 7, lastActiveAt: at }),
      ]),
    )
    const listed = Array.from(written, ([key, { values }]) => ({
      key,
      ...Object.fromEntries(fieldsOf('ftp').map((field, f) => [field, values[f]])),
    }))
    await table.write({ written, gone: [] }, listed)
    await database.ftpSessions.insert([
      { host: 'elsewhere', source: 'fake', key: 'theirs' },
      { host: 'here', source: 'other', key: 'theirs' },
    ])
    expect(await table.load()).toEqual(written)
  })

  here('are written with pauses between them, at which the event loop can be let go', async () => {
    const written = new Map(Array.from({ length: 300 }, (_, i) => [`turn${i}`, kept({ login: `u${i}` })]))
    const listed = Array.from(written.keys(), (key) => ({ key, login: 'given' }))
    expect(await pausesDuring(() => table.write({ written, gone: [] }, listed))).toBeGreaterThanOrEqual(300)
    await database.ftpSessions.delete({ key: In([...written.keys()]) })
  })

  here('that are as they are known come back as the same objects, the others with what they hold now', async () => {
    const known = await table.load()
    known.get('k1')!.sample = { bytes: 5, atMs: 6 }
    await database.ftpSessions.update({ key: 'k1' }, { login: 'changed' })
    await database.ftpSessions.delete({ key: 'k2' })
    await database.ftpSessions.insert({ host: 'here', source: 'fake', key: 'new' })
    const loaded = await table.load(known)
    expect([loaded.size, loaded.has('k2'), loaded.has('new')]).toEqual([620, false, true])
    expect(loaded.get('k1')).toEqual({
      ...kept({ login: 'changed', transferredBytes: 5_000_000_001, progress: 7, lastActiveAt: at }),
      ...{ id: known.get('k1')!.id, sample: { bytes: 5, atMs: 6 } },
    })
    expect([...loaded].filter(([key, row]) => row !== known.get(key)).map(([key]) => key)).toEqual(['k1', 'new'])
  })
})
