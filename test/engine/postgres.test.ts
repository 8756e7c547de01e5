import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openDatabase, type DatabaseOptions } from '../../src/database/open-database.js'
import { postgresMissing, startPostgres, type Postgres } from '../servers/postgres.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'

const real = postgresMissing ? describe.skip : describe

real(`on a real PostgreSQL ${postgresMissing ?? ''}`, () => {
  let postgres: Postgres
  let database: DatabaseOptions
  beforeAll(async () => {
    postgres = await startPostgres()
    database = { type: 'postgres', url: postgres.url }
  })
  afterAll(async () => {
    await postgres?.stop()
  })

  test('several back offices may make the tables at the same time', async () => {
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase(database)))
    expect(await Promise.all(opened.map(({ panelSessions }) => panelSessions.count()))).toEqual([0, 0, 0])
    await Promise.all(opened.map((each) => each.close()))
  })

  test('rows are followed, sizes are numbers, hostile text is kept', async () => {
    const source = fakeSource({ name: 'following' })
    const engine = await backEnd(source, { database })
    source.add('a', { fileName: 'nul\0 \ud800 <b>', transferredBytes: 5_000_000_000, status: 'uploading' })
    await engine.collector.poll()
    expect(await engine.rows()).toEqual([
      expect.objectContaining({ key: 'a', fileName: 'nul\u2400 \ufffd <b>', transferredBytes: 5_000_000_000 }),
    ])
    source.sessions.clear()
    await engine.collector.poll()
    expect(await engine.rows()).toEqual([])
    await engine.stop()
  })

  test('of two engines on one source each removal is taken by one', async () => {
    const source = fakeSource({ name: 'shared' })
    const keys = Array.from({ length: 60 }, (_, i) => `s${i}`)
    for (const key of keys) source.add(key)
    const options = { database, pollEvery: 60_000 }
    const asker = await backEnd(source, options)
    await asker.collector.poll()
    const engines = [await backEnd(source, options), await backEnd(source, options)]
    // The first settling takes over whatever a process left that is no more.
    for (const { removals } of engines) await removals.settle()
    const batch = crypto.randomUUID()
    await asker.remove(keys, { batch, wait: 0 })
    // The second one reads what is pending before the first one has taken it, and goes on after.
    const [first, second] = engines
    const { repository } = second.records
    const find = repository.find.bind(repository)
    let taken: Promise<void> | undefined
    repository.find = async (...args) => {
      const found = await find(...args)
      await (taken ??= first.removals.settle())
      return found
    }
    await second.removals.settle()
    expect(taken).toBeDefined()
    const outcomes = (await asker.records.outcomes(batch, 'ftp', 20_000)).map(({ outcome }) => outcome)
    expect(new Set(outcomes)).toEqual(new Set(['ended']))
    expect([...source.ended].sort()).toEqual([...keys].sort())
    for (const engine of [asker, ...engines]) await engine.stop()
  })

  test('a hold that another process commits counts at once', async () => {
    const [one, other] = [await backEnd(fakeSource(), { database }), await backEnd(fakeSource(), { database })]
    expect(await other.holds.isHeld('fake', 'session', 'k')).toBe(false)
    await one.holds.add([{ host: 'h', source: 'fake', by: 'session', value: 'k', until: null, removalId: null }])
    expect(await other.holds.isHeld('fake', 'session', 'k')).toBe(true)
    await other.database.close()
    expect(await other.holds.isHeld('fake', 'session', 'k')).toBe(true)
    expect(await other.holds.isHeld('fake', 'session', 'unknown')).toBe(false)
    await one.stop()
  })
})
