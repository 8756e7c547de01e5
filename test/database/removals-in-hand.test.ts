import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { databasePlaces } from '../servers/database-places.js'

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
