import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { NewRows } from '../../src/database/new-rows.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import type { NoteRow } from '../../src/database/rows.js'
import { databasePlaces } from '../servers/database-places.js'

describe.each(databasePlaces)('new rows in $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  let place: Awaited<ReturnType<typeof start>>
  let database: Database
  let rows: NewRows<NoteRow>
  beforeEach(async () => {
    if (missing) return
    place = await start()
    database = await openDatabase(place.options)
    rows = new NewRows(database.notes)
  })
  afterEach(async () => {
    await database?.close()
    await place?.stop()
  })

  const write = (...ids: number[]) => {
    const all = ids.map((id) => ({ id, host: 'h', source: 's', key: String(id), value: '1', until: new Date() }))
    return database.notes.createQueryBuilder().insert().into(database.notes.target, ['id', 'host', 'source', 'key', 'value', 'until']).values(all).execute() // prettier-ignore
  }
  const look = async () => (await rows.look()).map(({ id }) => id)

  testHere('are told once, in their order, and what was there before is not', async () => {
    await write(1, 2)
    expect(await look()).toEqual([])
    await write(4, 3)
    expect(await look()).toEqual([3, 4])
    expect(await look()).toEqual([])
  })

  testHere('are told where a later id was seen before them', async () => {
    await write(10)
    await look()
    await write(5000)
    expect(await look()).toEqual([5000])
    await write(4000)
    expect(await look()).toEqual([4000])
    expect(await look()).toEqual([])
  })

  testHere('are not those that were deleted and put back', async () => {
    await write(1, 2)
    await look()
    await database.notes.delete(1)
    await look()
    await write(1)
    expect(await look()).toEqual([])
  })

  testHere('are told however many there are', async () => {
    await look()
    for (let from = 1; from < 3000; from += 100) await write(...Array.from({ length: 100 }, (_, i) => from + i))
    expect(await look()).toHaveLength(3000)
  })
})
