import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { prune } from '../../src/database/pruning.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'
import { until } from '../until.js'
import { sqliteWithTables } from '../servers/sqlite.js'

const hour = 3600_000
const day = 24 * hour
let database: Database
const stopping = new AbortController()
afterEach(async () => {
  jest.restoreAllMocks()
  await database.close()
})

/** Prunes once and stops. */
async function pruned(keepRemovalsMs: number, keepHistoryMs = 0): Promise<void> {
  const stop = new AbortController()
  const reports: string[] = []
  const done = prune(
    database,
    new RemovalRecords(database),
    { keepRemovalsMs, keepHistoryMs, forgetHostsMs: 0 },
    (message) => void reports.push(message),
    stop.signal,
  )
  // The last that it looks at.
  const find = database.gone.find.bind(database.gone)
  let looked = 0
  database.gone.find = async (...args) => {
    const rows = await find(...args)
    if (rows.length === 0) looked++
    return rows
  }
  await until('it has looked', () => looked > 0)
  stop.abort()
  await done
  expect(reports).toEqual([])
}

const ago = (ms: number) => new Date(Date.now() - ms)
const removal = (recordId: number, over: object) => ({
  ...{ batch: 'b', recordId, removedVia: 'admin' as const, kind: 'ftp' as const, outcome: 'ended' as const },
  ...over,
})

describe('what is too old is deleted in small steps', () => {
  test('records of removals, except what is pending or still keeps somebody out', async () => {
    database = await openDatabase(await sqliteWithTables())
    const many = Array.from({ length: 450 }, (_, i) => removal(i + 10, { requestedAt: ago(401 * day) }))
    for (let i = 0; i < many.length; i += 50) await database.removals.insert(many.slice(i, i + 50))
    await database.removals.insert([
      removal(1, { requestedAt: ago(399 * day) }),
      removal(2, { requestedAt: ago(401 * day), outcome: 'pending' }),
      removal(3, { requestedAt: ago(401 * day), keepOutUntil: new Date(Date.now() + day) }),
      removal(4, { requestedAt: ago(401 * day), keepOutUntil: ago(2 * day) }),
    ])
    const deleted = jest.spyOn(database.removals, 'delete')
    await pruned(400 * day)
    expect((await database.removals.find()).map(({ recordId }) => recordId)).toEqual([1, 2, 3])
    expect(deleted.mock.calls.length).toBeGreaterThan(2)
  })

  test('0 keeps all records', async () => {
    database = await openDatabase(await sqliteWithTables())
    await database.removals.insert([removal(1, { requestedAt: ago(4000 * day) })])
    await pruned(0)
    expect(await database.removals.count()).toBe(1)
  })

  test.each([
    ['90 days keep', 90 * day, [1]],
    ['0 keeps for ever', 0, Array.from({ length: 451 }, (_, i) => i + 1)],
  ])('the history of what ended before: %s', async (_, keepHistoryMs, left) => {
    database = await openDatabase(await sqliteWithTables())
    const line = (rowId: number, endedAt: Date) => ({
      ...{ kind: 'ftp' as const, rowId, host: 'h', source: 's', key: `k${rowId}`, how: 'unknown' as const, endedAt },
    })
    await database.history.insert([line(1, ago(89 * day))])
    const many = Array.from({ length: 450 }, (_, i) => line(i + 2, ago(91 * day)))
    for (let i = 0; i < many.length; i += 50) await database.history.insert(many.slice(i, i + 50))
    const deleted = jest.spyOn(database.history, 'delete')
    await pruned(400 * day, keepHistoryMs)
    expect((await database.history.find({ order: { id: 'ASC' } })).map(({ rowId }) => rowId)).toEqual(left)
    expect(deleted.mock.calls.length).toBe(keepHistoryMs > 0 ? 3 : 0)
  })

  test('holds and notes a day after their time, what has gone after an hour', async () => {
    database = await openDatabase(await sqliteWithTables())
    const whose = { host: 'h', source: 's' }
    const hold = (value: string, until: Date) => ({ ...whose, by: 'login' as const, value, until, removalId: 1, createdAt: ago(0) }) // prettier-ignore
    await database.holds.insert([
      hold('just over', ago(hour)),
      hold('long over', ago(25 * hour)),
      hold('on', ago(-hour)),
    ])
    await database.notes.insert([
      { ...whose, key: 'just over', value: '1', until: ago(hour) },
      { ...whose, key: 'long over', value: '1', until: ago(25 * hour) },
    ])
    const gone = (rowId: number, goneAt: Date) => ({ ...whose, kind: 'ftp' as const, rowId, key: `k${rowId}`, goneAt, session: {} as never }) // prettier-ignore
    await database.gone.insert([gone(1, ago(hour / 2)), gone(2, ago(2 * hour))])
    await pruned(400 * day)
    expect((await database.holds.find()).map(({ value }) => value)).toEqual(['just over', 'on'])
    expect((await database.notes.find()).map(({ key }) => key)).toEqual(['just over'])
    expect((await database.gone.find()).map(({ rowId }) => rowId)).toEqual([1])
  })

  test('nothing at all by a clock that was set while it runs', async () => {
    database = await openDatabase(await sqliteWithTables())
    await database.removals.insert([removal(1, { requestedAt: ago(0) })])
    let calls = 0
    const real = Date.now()
    // The clock jumps by years between the first look at it and the next.
    jest.spyOn(Date, 'now').mockImplementation(() => (calls++ === 0 ? real : real + 4000 * day))
    const looked = jest.spyOn(database.removals, 'find')
    const stop = new AbortController()
    const done = prune(
      database,
      new RemovalRecords(database),
      { keepRemovalsMs: 400 * day, keepHistoryMs: 0, forgetHostsMs: 0 },
      () => {},
      stop.signal,
    )
    stop.abort()
    await done
    expect(looked).not.toHaveBeenCalled()
    expect(await database.removals.count()).toBe(1)
  })

  test('a failing database is said once, and tried again', async () => {
    database = await openDatabase(await sqliteWithTables())
    database.removals.find = async () => {
      throw new Error('database is locked')
    }
    const reports: string[] = []
    const done = prune(
      database,
      new RemovalRecords(database),
      { keepRemovalsMs: day, keepHistoryMs: 0, forgetHostsMs: 0 },
      (message) => void reports.push(message),
      stopping.signal,
    )
    await until('it is said', () => reports.length > 0)
    stopping.abort()
    await done
    expect(reports).toEqual(['what is too old could not be deleted: database is locked'])
  })
})

test('a row that is deleted leaves what it was, for those whose page still shows it', async () => {
  const source = fakeSource()
  source.add('a', { login: 'alice', fileName: 'x.iso' })
  source.add('b')
  const engine = await backEnd(source, {})
  database = engine.database
  await engine.collector.poll()
  const row = (await engine.rows()).find(({ key }) => key === 'a')!
  source.sessions.delete('a')
  await engine.collector.poll()
  await engine.collector.poll()
  expect(await database.gone.find()).toMatchObject([
    {
      ...{ kind: 'ftp', rowId: row.id, host: 'test-host', source: 'fake', key: 'a' },
      session: { id: row.id, key: 'a', login: 'alice', fileName: 'x.iso' },
    },
  ])
})
