import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { dropSilent } from '../../src/database/silent-hosts.js'
import { postgresMissing, startPostgres } from '../servers/postgres.js'
import { until } from '../until.js'
import { sqliteWithTables } from '../servers/sqlite.js'
import { backEnd, host } from './back-end.js'
import { fakeSource } from './fake-source.js'

const hour = 3600_000
const day = 24 * hour
let database: Database
afterEach(() => database.close())

const session = (key: string) => ({ key, login: key, ip: '192.0.2.1' })

/** Drops, and says what it said. */
async function dropped(): Promise<string[]> {
  const said: string[] = []
  await dropSilent(database, new RemovalRecords(database), day, (message) => said.push(message))
  return said
}

/** A source as another host left it, `ms` ago. */
async function leftBy(name: string, ms: number, over: object = {}) {
  const seenAt = new Date(Date.now() - ms)
  await database.sourceStatuses.insert({
    ...{ host: name, name: 'ftpd', kind: 'ftp', evidence: 'live', keepOut: '', byForce: null, state: 'ok' },
    ...{ sessions: 2, lastGoodAt: seenAt, failingSince: null, error: null, warning: null, seenAt },
    ...over,
  })
  for (const key of ['a', 'b']) {
    await database.ftpSessions.insert({ host: name, source: 'ftpd', ...session(key) } as never)
  }
  const records = new RemovalRecords(database)
  const row = await database.ftpSessions.findOneByOrFail({ host: name, key: 'a' })
  await records.ask([
    ...[{ batch: name, recordId: row.id, kind: 'ftp' as const, removedVia: 'admin' as const }].map((asked) => ({
      ...asked,
      ...{ host: name, source: 'ftpd', key: 'a', session: row },
    })),
  ])
}

describe('a host that nobody reads any more', () => {
  test('is dropped with its rows after a day, on record, and what was pending of it ends as unknown and says why', async () => {
    database = await openDatabase(await sqliteWithTables())
    await leftBy('web-5f7c9', 25 * hour)
    await leftBy('web-8d2a1', 23 * hour)
    await leftBy('failing-for-long', 26 * hour, { state: 'failing', failingSince: new Date(Date.now() - 26 * hour) })

    const said = await dropped()

    expect(said).toEqual([
      expect.stringMatching(/^Nobody has read ftpd on web-5f7c9 since 20.*: its 2 rows were dropped/),
      expect.stringMatching(/^Nobody has read ftpd on failing-for-long since 20.*: its 2 rows were dropped/),
    ])
    expect((await database.ftpSessions.find()).map((row) => row.host)).toEqual(['web-8d2a1', 'web-8d2a1'])
    const states = (await database.sourceStatuses.find()).map((row) => [row.host, row.state, row.error])
    expect(states).toEqual([
      ['web-5f7c9', 'dropped', expect.stringMatching(/so its rows were dropped/)],
      ['web-8d2a1', 'ok', null],
      ['failing-for-long', 'dropped', expect.stringMatching(/so its rows were dropped/)],
    ])
    const removals = await database.removals.find({ order: { id: 'ASC' } })
    expect(removals.map(({ host: of, outcome, message }) => [of, outcome, message])).toEqual([
      [
        'web-5f7c9',
        'unknown',
        'Nobody reads ftpd on web-5f7c9 any more, so whether its session has ended is not known.',
      ],
      ['web-8d2a1', 'pending', null],
      ['failing-for-long', 'unknown', expect.any(String)],
    ])
    expect(removals[0].finishedAt).not.toBeNull()
    // Once.
    expect(await dropped()).toEqual([])
  })

  const onPostgres = postgresMissing ? test.skip : test
  onPostgres("is dropped by the database's clock, wherever that of the one who looks is", async () => {
    const postgres = await startPostgres()
    try {
      database = await openDatabase({ type: 'postgres', url: postgres.url })
      const clock = jest.spyOn(database.clock, 'aheadMs', 'get').mockReturnValue(-10 * 60_000)
      await leftBy('by another clock', 23 * hour)
      const written = await database.sourceStatuses.findOneByOrFail({ host: 'by another clock' })
      // The other one's, which is right.
      clock.mockReturnValue(0)
      const read = await database.sourceStatuses.findOneByOrFail({ host: 'by another clock' })
      expect(written.seenAt!.getTime() - read.seenAt!.getTime()).toBe(10 * 60_000)
      expect(await dropped()).toEqual([])
      clock.mockReturnValue(2 * hour)
      expect(await dropped()).toEqual([expect.stringContaining('its 2 rows were dropped')])
    } finally {
      await database.close()
      jest.restoreAllMocks()
      await postgres.stop()
      database = await openDatabase(await sqliteWithTables())
    }
  })

  test('that comes back begins anew, and its rows have the ids that they had', async () => {
    database = await openDatabase(await sqliteWithTables())
    await leftBy(host, 25 * hour)
    const before = await database.ftpSessions.find({ order: { key: 'ASC' } })
    await dropped()
    const source = fakeSource({ name: 'ftpd' })
    for (const key of ['a', 'b', 'c']) source.add(key)
    const { collector, rows, status } = await backEnd(source, { database })
    collector.start()
    await until('it is read again', async () => (await status()).state === 'ok')
    expect((await rows()).slice(0, 2).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(await dropped()).toEqual([])
    await collector.stop()
  })

  test('is not one whose source only fails: its collector says that it lives', async () => {
    database = await openDatabase(await sqliteWithTables())
    await leftBy(host, 25 * hour, { state: 'failing', failingSince: new Date(Date.now() - 25 * hour), error: 'x' })
    const source = fakeSource({ name: 'ftpd', list: () => Promise.reject(new Error('Its server is down.')) })
    const { collector, status } = await backEnd(source, { database })
    collector.start()
    await until('it has failed', async () => (await status()).error === 'Its server is down.')
    expect(await dropped()).toEqual([])
    expect((await status()).failingSince!.getTime()).toBeLessThan(Date.now() - 24 * hour)
    await collector.stop()
  })
})

test('a source that names its place has its rows there, whichever machine reads it', async () => {
  database = await openDatabase(await sqliteWithTables())
  const source = fakeSource({ name: 'store', host: 'panel' })
  for (const key of ['a', 'b']) source.add(key)
  const { collector, rows } = await backEnd(source, { database })
  collector.start()
  await collector.poll()
  expect((await rows()).map((row) => row.host)).toEqual(['panel', 'panel'])
  await collector.stop()
})

test('panel sessions that another machine lists as well are in one store, and the page is told what to set', async () => {
  database = await openDatabase(await sqliteWithTables())
  await database.panelSessions.insert({ host: 'web-1', source: 'fake', ...session('a') } as never)
  const source = fakeSource({ kind: 'panel' as never })
  for (const key of ['a', 'b']) source.add(key)
  const { collector, status } = await backEnd(source, { database })
  collector.start()
  await collector.poll()
  expect((await status()).warning).toMatch(/^web-1 lists the same sessions under the name fake, .* host: 'panel'/)
  await collector.stop()
})
