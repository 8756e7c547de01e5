import { afterEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { Holds, knownWithin, type NewHold } from '../../src/database/holds.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { databasePlaces } from '../servers/database-places.js'
import { postgresMissing, startPostgresWithTables } from '../servers/postgres.js'
import { sqliteWithTables } from '../servers/sqlite.js'

const hold = (over: Partial<NewHold> = {}): NewHold => ({
  ...{ host: 'h', source: 's', by: 'login', value: 'bob', until: new Date(Date.now() + 3600_000), removalId: 1 },
  ...over,
})

describe.each(databasePlaces)('on $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  const open: Database[] = []
  let place: Awaited<ReturnType<typeof start>>
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close()
    await place?.stop()
  })

  /** Two processes: each has a connection and a memory of its own. */
  async function twoProcesses() {
    place = await start()
    const process = async () => {
      const database = await openDatabase(place.options)
      open.push(database)
      const holds = new Holds(database)
      await holds.read()
      return { database, holds, isHeld: async (value = 'bob') => holds.isHeld('s', 'login', value) }
    }
    return [await process(), await process()] as const
  }

  testHere('an answer that comes late does not bring back what was released meanwhile', async () => {
    const [a, b] = await twoProcesses()
    await a.holds.add([hold()])
    const find = b.database.holds.find.bind(b.database.holds)
    let answer: () => void = () => {}
    const late = new Promise<void>((resolve) => (answer = resolve))
    b.database.holds.find = async (...args) => {
      const rows = await find(...args)
      await late
      return rows
    }
    const slow = b.holds.read()
    await sleep(50)
    b.database.holds.find = find
    await b.holds.read()
    expect(b.holds.remembers('s', 'login', 'bob')).toBe(true)
    await a.holds.releaseOf([1])
    await b.holds.read()
    expect(b.holds.remembers('s', 'login', 'bob')).toBe(false)
    answer()
    await slow
    expect(b.holds.remembers('s', 'login', 'bob')).toBe(false)
  })

  testHere('what another process releases at once is released in the process that held it', async () => {
    const [a, b] = await twoProcesses()
    const adding = a.holds.add([hold()])
    // As soon as it is committed.
    while ((await b.holds.releaseOf([1])).length === 0) await sleep(5)
    await adding
    await a.holds.read()
    expect(a.holds.remembers('s', 'login', 'bob')).toBe(false)
  })

  testHere('a question that fails once is no database that is away', async () => {
    const [a, b] = await twoProcesses()
    await a.holds.add([hold()])
    await sleep(knownWithin + 50)
    const find = b.database.holds.find.bind(b.database.holds)
    let failed = 0
    b.database.holds.find = async (...args) => {
      if (failed++ === 0) throw new Error('terminating connection due to administrator command')
      return find(...args)
    }
    expect(await b.isHeld()).toBe(true)
  })

  testHere('a database that is slow is waited for', async () => {
    const [a, b] = await twoProcesses()
    const find = b.database.holds.find.bind(b.database.holds)
    b.database.holds.find = async (...args) => {
      const rows = await find(...args)
      await sleep(400)
      return rows
    }
    for (let i = 0; i < 3; i++) {
      await sleep(knownWithin + 50)
      await a.holds.add([hold({ value: `bob${i}`, removalId: i })])
      expect(await b.isHeld(`bob${i}`)).toBe(true)
    }
  })
})

const testOnPostgres = postgresMissing ? test.skip : test
testOnPostgres('a process that is stopped in the middle of a commit keeps no other from committing', async () => {
  const postgres = await startPostgresWithTables()
  const [a, b] = await Promise.all([1, 2].map(() => openDatabase({ type: 'postgres', url: postgres.url })))
  const { connection } = a!
  const transaction = connection.transaction.bind(connection)
  let goOn: () => void = () => {}
  const stopped = new Promise<void>((resolve) => (goOn = resolve))
  let inserted: () => void = () => {}
  const hasInserted = new Promise<void>((resolve) => (inserted = resolve))
  connection.transaction = (async (work: (manager: unknown) => Promise<unknown>) =>
    transaction(async (manager) => {
      await work(manager)
      inserted()
      await stopped
    })) as never
  const broken = new Holds(a!).add([hold({ value: 'bob' })]).catch((error: unknown) => String(error))
  await hasInserted
  const holds = new Holds(b!)
  await holds.add([hold({ value: 'carol', removalId: 2 })])
  expect(holds.remembers('s', 'login', 'carol')).toBe(true)
  expect(holds.remembers('s', 'login', 'bob')).toBe(false)
  goOn()
  // Its own is not committed, and it is told so.
  expect(await broken).toMatch(/terminat|released|closed|Error/i)
  await Promise.all([a!.close(), b!.close()])
  await postgres.stop()
})

test('a session that never expires is held all the same', async () => {
  const database = await openDatabase(await sqliteWithTables())
  const holds = new Holds(database)
  await holds.add([hold({ by: 'session', value: 'endless', until: new Date(8.64e15) })])
  await holds.read()
  expect(await holds.isHeld('s', 'session', 'endless')).toBe(true)
  expect(await new Holds(database).isHeld('s', 'session', 'endless')).toBe(true)
  await database.close()
})
