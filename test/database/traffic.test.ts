import { afterEach, beforeAll, afterAll, describe, expect, test } from '@jest/globals'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { recordNow, trafficSince } from '../../src/database/traffic.js'
import { databasePlaces } from '../servers/database-places.js'

const minute = 60_000

describe.each(databasePlaces)('traffic on $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  let place: Awaited<ReturnType<typeof start>>
  let database: Database
  beforeAll(async () => {
    if (missing) return
    place = await start()
    database = await openDatabase(place.options)
  })
  afterAll(async () => {
    await database?.close()
    await place?.stop()
  })
  afterEach(async () => {
    for (const table of [database.traffic, database.ftpSessions, database.sourceStatuses]) await table.clear()
  })

  const source = { host: 'h', source: 's' }
  const status = (state: 'ok' | 'failing', name = 's') =>
    database.sourceStatuses.save({
      ...{ host: 'h', name, kind: 'ftp', evidence: 'live', keepOut: '', state, sessions: 0 },
    })
  const session = (key: string, fields: object, name = 's') =>
    database.ftpSessions.save({ host: 'h', source: name, key, condition: 'normal', ...fields })
  const noon = new Date('2026-11-29T12:00:00Z')
  const at = (minutes: number) => new Date(noon.getTime() + minutes * minute)

  testHere('a point sums up the uploads and the downloads of a source', async () => {
    await status('ok')
    await session('1', { status: 'uploading', bytesPerSecond: 1_000 })
    await session('2', { status: 'uploading', bytesPerSecond: 5_000_000_000 })
    await session('3', { status: 'downloading', bytesPerSecond: 7 })
    await session('4', { status: 'idle' })
    await recordNow(database, [source], noon)
    expect(await database.traffic.find()).toMatchObject([
      { ...source, at: noon, sessions: 4, transfers: 3, up: 5_000_001_000, down: 7 },
    ])
  })

  testHere('nobody moving anything is nothing; a transfer whose speed is not known is not known', async () => {
    await status('ok')
    await recordNow(database, [source], noon)
    await session('1', { status: 'uploading' })
    await recordNow(database, [source], at(1))
    const points = await database.traffic.find({ order: { at: 'ASC' } })
    expect(points.map(({ up, down }) => [up, down])).toEqual([
      [0, 0],
      [null, 0],
    ])
  })

  testHere('a source that can not be read leaves a gap, whatever its rows say', async () => {
    await status('failing')
    await session('1', { status: 'uploading', bytesPerSecond: 1_000 })
    await recordNow(database, [source, { host: 'h', source: 'never read' }], noon)
    expect(await database.traffic.count()).toBe(0)
  })

  testHere('two processes write one point', async () => {
    await status('ok')
    await Promise.all([recordNow(database, [source], noon), recordNow(database, [source], noon)])
    expect(await database.traffic.count()).toBe(1)
  })

  testHere('is answered of all sources together, in steps with the mean of each', async () => {
    await status('ok')
    await status('ok', 'other')
    await session('1', { status: 'uploading', bytesPerSecond: 100 })
    await session('2', { status: 'uploading', bytesPerSecond: 20 }, 'other')
    const both = [source, { host: 'h', source: 'other' }]
    await recordNow(database, both, at(0))
    await recordNow(database, [source], at(1))
    await recordNow(database, both, at(15))
    expect(await trafficSince(database.traffic, at(1), 1)).toEqual([
      { at: at(1).toISOString(), up: 100, down: 0, sessions: 1 },
      { at: at(15).toISOString(), up: 120, down: 0, sessions: 2 },
    ])
    expect(await trafficSince(database.traffic, at(0), 15)).toEqual([
      { at: at(0).toISOString(), up: 110, down: 0, sessions: 2 },
      { at: at(15).toISOString(), up: 120, down: 0, sessions: 2 },
    ])
  })
})
