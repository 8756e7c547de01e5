import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import { databasePlaces } from '../servers/database-places.js'
import { postgresMissing } from '../servers/postgres.js'

describe.each(databasePlaces)('a removal in $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  const source = { kind: 'ftp', host: 'h', source: 's' } as const
  let place: Awaited<ReturnType<typeof start>>
  let database: Database
  let records: RemovalRecords
  beforeAll(async () => {
    if (missing) return
    place = await start()
    database = await openDatabase(place.options)
    records = new RemovalRecords(database)
  })
  afterAll(async () => {
    await database?.close()
    await place?.stop()
  })

  testHere('is in the hands of one engine, and of another only once that one gives no sign of life', async () => {
    await records.ask([
      { ...source, batch: crypto.randomUUID(), recordId: 1, key: 'k', login: 'alice', removedVia: 'admin' },
    ])
    const asked = await records.pending(source, 'due', 10)
    expect(asked).toHaveLength(1)
    const both = await Promise.all(['one', 'other'].map((engine) => records.take(asked, engine, null)))
    const [winner, loser] = both[0]!.length > 0 ? ['one', 'other'] : ['other', 'one']
    expect(both.map(({ length }) => length).sort()).toEqual([0, 1])
    // Nor by whoever has read them before and is late.
    expect(await records.take(asked, loser, null)).toEqual([])
    const [seen] = await records.pending(source, 'taken', 10)
    expect(seen!.takenBy).toBe(winner)

    await records.beat([seen!.id], winner)
    expect(await records.take([seen!], loser, seen!)).toEqual([])
    const [later] = await records.pending(source, 'taken', 10)
    expect(later).toMatchObject({ takenBy: winner, beat: seen!.beat + 1 })

    expect(await records.take([later!], loser, later!)).toMatchObject([{ takenBy: loser }])
    // The one that goes on again knows nothing of that.
    await records.settle([later!], 'failed', [])
    expect(await database.removals.findOneBy({ id: later!.id })).toMatchObject({ outcome: 'pending', takenBy: loser })
  })
})

const withPostgres = postgresMissing ? describe.skip : describe
withPostgres('removals in PostgreSQL', () => {
  test('are taken without those that another connection is writing to, which nobody waits for', async () => {
    const place = await databasePlaces.find(({ name }) => name === 'PostgreSQL')!.start()
    // Whoever waits fails, and does not wait for ever.
    const database = await openDatabase({ ...place.options, extra: { lock_timeout: 10_000 } } as DatabaseOptions)
    try {
      const records = new RemovalRecords(database)
      await records.ask(
        ['a', 'b', 'c'].map((key, i) => ({
          ...{ kind: 'ftp', host: 'h', source: 's', batch: 'batch', removedVia: 'admin' },
          ...{ recordId: i + 1, key, login: 'alice' },
        })),
      )
      const asked = await records.pending({ kind: 'ftp', host: 'h', source: 's' }, 'due', 10)
      const held = asked.find(({ key }) => key === 'b')!
      await database.connection.transaction(async (other) => {
        await other.query(`UPDATE ${database.removals.metadata.tableName} SET reason = 'x' WHERE id = $1`, [held.id])
        const taken = await records.take(asked, 'engine', null)
        expect(taken.map(({ key }) => key).sort()).toEqual(['a', 'c'])
      })
      expect((await records.take(asked, 'engine', null)).map(({ key }) => key).sort()).toEqual(['a', 'b', 'c'])
    } finally {
      await database.close()
      await place.stop()
    }
  })
})
