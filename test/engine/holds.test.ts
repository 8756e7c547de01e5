import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Holds, knownWithin, type NewHold } from '../../src/database/holds.js'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { until } from '../until.js'

const minutes = (count: number) => new Date(Date.now() + count * 60_000)
const hold = (over: Partial<NewHold> = {}): NewHold => ({
  ...{ host: 'h', source: 's', by: 'login', value: 'bob', until: minutes(10), removalId: 1 },
  ...over,
})

/** Two processes on one database: each has a connection and a memory of its own. */
function onOneDatabase(start: () => Promise<{ options: DatabaseOptions; stop(): Promise<void> }>) {
  let place: Awaited<ReturnType<typeof start>>
  const open: Database[] = []
  beforeAll(async () => {
    place = await start()
  })
  afterAll(async () => {
    await place?.stop()
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await open[0]?.holds.clear()
    for (const database of open.splice(0)) await database.close()
  })

  const process = async () => {
    const database = await openDatabase(place.options)
    open.push(database)
    const holds = new Holds(database)
    await holds.read()
    return { database, holds, isHeld: (value = 'bob') => holds.isHeld('s', 'login', value) }
  }

  test('a hold of another process is in force when its commit resolves, and answers come out of memory', async () => {
    const [a, b] = [await process(), await process()]
    for (let i = 0; i < 5; i++) {
      expect(await b.isHeld(`bob${i}`)).toBe(false)
      await a.holds.add([hold({ value: `bob${i}`, removalId: i })])
      expect(await b.isHeld(`bob${i}`)).toBe(true)
    }
    const asked = jest.spyOn(b.database.holds, 'query')
    await b.holds.read()
    expect(asked).toHaveBeenCalledTimes(1)
    asked.mockClear()
    // However slow the machine is, no time passes.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now())
    jest.spyOn(Date, 'now').mockReturnValue(Date.now())
    const answers = Array.from({ length: 1000 }, () => b.isHeld('nobody'))
    expect(answers.every((answer) => answer === false)).toBe(true)
    expect(asked.mock.calls.length).toBeLessThanOrEqual(1)
  })

  test('a session and its login are asked for in one look', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold({ by: 'session', value: 'x' }), hold({ value: 'bob' })])
    for (const [key, login, isHeld] of [
      ['x', 'alice', true],
      ['y', 'bob', true],
      ['y', 'alice', false],
      // A key is no login, nor the other way round.
      ['bob', 'x', false],
      ['y', null, false],
      ['y', undefined, false],
    ] as const) {
      expect(await b.holds.isHeld('s', 'session', key, login)).toBe(isHeld)
    }
    // Also where memory has to be made current first.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000)
    expect(await b.holds.isHeld('s', 'session', 'y', 'bob')).toBe(true)
  })

  test('a release of another process is known as soon', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold()])
    expect(await b.isHeld()).toBe(true)
    await a.holds.releaseOf([1])
    const knows = await until('the release', async () => !(await b.isHeld()) && true)
    expect(knows).toBe(true)
    expect(await a.isHeld()).toBe(false)
    // One that starts later knows too.
    expect(await (await process()).isHeld()).toBe(false)
  })

  test('the longest hold stands, and each is released by itself', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold({ removalId: 1, until: minutes(60 * 24 * 30) })])
    await b.holds.add([hold({ removalId: 2, until: minutes(1) })])
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * 60_000)
    expect(await a.isHeld()).toBe(true)
    expect(await b.isHeld()).toBe(true)
    expect((await b.holds.releaseOf([2])).map(({ removalId }) => removalId)).toEqual([2])
    await a.holds.read()
    expect(await a.isHeld()).toBe(true)
    await b.holds.releaseOf([1])
    await a.holds.read()
    expect(await a.isHeld()).toBe(false)
  })

  test('what is asked for twice for one removal is one hold, and one release takes it back', async () => {
    const a = await process()
    await a.holds.add([hold()])
    await a.holds.add([hold()])
    expect(await a.database.holds.countBy({ by: 'login' })).toBe(1)
    await a.holds.releaseOf([1])
    expect(await a.isHeld()).toBe(false)
  })

  test('a login is held as rows have it, and asked for as it came', async () => {
    const a = await process()
    const [login, asRow] = ['bob\0\uD800', 'bob\u2400\uFFFD']
    await a.holds.add([hold({ value: asRow })])
    expect(await a.isHeld(login)).toBe(true)
    expect(a.holds.remembers('s', 'login', login)).toBe(true)
  })

  test('thousands of holds are read in steps, each once', async () => {
    const [a, b] = [await process(), await process()]
    const many = Array.from({ length: 1_200 }, (_, i) => hold({ value: `bob${i}`, removalId: i }))
    await a.holds.add(many)
    const read = jest.spyOn(b.database.holds, 'find')
    await b.holds.read()
    const steps = await Promise.all(read.mock.results.map(({ value }) => value as Promise<unknown[]>))
    expect(steps.map((rows) => rows.length)).toEqual([500, 500, 200])
    expect((await b.holds.of('s')).length).toBe(many.length)
    await b.holds.read()
    expect(read).toHaveBeenCalledTimes(3)
  })

  test('a process that stalls does not take its own stall for the database being away', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold()])
    // Its memory is old, and it asks. Before the answer can come in, it stalls for longer than anybody is patient (1 s).
    const stale = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10 * knownWithin)
    const answer = b.isHeld()
    expect(answer).toBeInstanceOf(Promise)
    stale.mockRestore()
    const began = Date.now()
    while (Date.now() - began < 1_200);
    expect(await answer).toBe(true)
  })

  test('memory is not believed after the machine has slept, whatever the clocks say', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold()])
    await b.holds.read()
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3600_000)
    const answer = b.holds.isHeld('s', 'login', 'nobody')
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBe(false)
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 2 * 3600_000)
    await a.holds.add([hold({ value: 'carol', removalId: 2 })])
    expect(await b.isHeld('carol')).toBe(true)
  })

  return { process, options: () => place.options }
}

describe('on an SQLite file', () => {
  const { process } = onOneDatabase(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-holds-'))
    return {
      options: { type: 'sqlite', database: join(directory, 'tables.sqlite') },
      stop: async () => rmSync(directory, { recursive: true }),
    }
  })

  test('a database that does not answer lets the host go on: out of memory, at once, and again when it is back', async () => {
    const [a, b] = [await process(), await process()]
    await a.holds.add([hold({ value: 'known' })])
    expect(await b.isHeld('known')).toBe(true)
    await a.holds.add([hold({ value: 'unknown', removalId: 2 })])
    const query = b.database.holds.query.bind(b.database.holds)
    let asked = 0
    let answer: () => void = () => {}
    const hangs = new Promise<void>((resolve) => (answer = resolve))
    b.database.holds.query = async (...args) => {
      asked++
      await hangs
      return query(...args)
    }
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    const many = await Promise.all(Array.from({ length: 100 }, () => b.isHeld('unknown')))
    expect(new Set(many)).toEqual(new Set([false]))
    expect(b.isHeld('known')).toBe(true)
    expect(asked).toBe(1)
    answer()
    await until('it knows', async () => await b.isHeld('unknown'))
  })

  test('a database that fails is asked every now and then, not by each request', async () => {
    const b = await process()
    let asked = 0
    b.database.holds.query = async () => {
      asked++
      throw new Error('disk I/O error')
    }
    const askedAt = performance.now()
    jest.spyOn(performance, 'now').mockReturnValue(askedAt)
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    expect(await b.isHeld()).toBe(false)
    const before = asked
    for (let i = 0; i < 100; i++) {
      expect(b.isHeld()).toBe(false)
      await setImmediate()
    }
    expect(asked).toBe(before)
    jest.spyOn(performance, 'now').mockReturnValue(askedAt + knownWithin)
    void b.isHeld()
    expect(asked).toBe(before + 1)
  })

  test('a hold whose time is up holds no longer, and holds again where the clock is set back', async () => {
    const a = await process()
    await a.holds.add([hold({ until: minutes(5) })])
    const now = jest.spyOn(Date, 'now')
    const start = Date.now()
    now.mockReturnValue(start + 6 * 60_000)
    expect(await a.isHeld()).toBe(false)
    expect(await a.holds.of('s')).toEqual([])
    now.mockReturnValue(start)
    expect(await a.isHeld()).toBe(true)
    now.mockReturnValue(start + 3 * 24 * 3600_000)
    await a.holds.of('s')
    now.mockReturnValue(start)
    expect(a.holds.remembers('s', 'login', 'bob')).toBe(false)
  })

  test('an ended session is held for a day longer than it could have lived', async () => {
    const a = await process()
    await a.holds.add([hold({ by: 'session', value: 'k', until: minutes(30) }), hold({ by: 'session', value: 'endless', until: null, removalId: 2 })]) // prettier-ignore
    const start = Date.now()
    const after = (ms: number) => jest.spyOn(Date, 'now').mockReturnValue(start + ms)
    after(24 * 3600_000 + 25 * 60_000)
    expect(a.holds.remembers('s', 'session', 'k')).toBe(true)
    after(24 * 3600_000 + 35 * 60_000)
    expect(a.holds.remembers('s', 'session', 'k')).toBe(false)
    after(30 * 24 * 3600_000)
    expect(a.holds.remembers('s', 'session', 'endless')).toBe(true)
  })
})

const describePostgres = postgresMissing ? describe.skip : describe
describePostgres(`on a real PostgreSQL ${postgresMissing ?? ''}`, () => {
  const { process } = onOneDatabase(async () => {
    const postgres: Postgres = await startPostgresWithTables()
    return { options: { type: 'postgres', url: postgres.url }, stop: () => postgres.stop() }
  })

  test('holds become visible in the order of their ids, so that none is passed over', async () => {
    const [a, b, reader] = [await process(), await process(), await process()]
    const transaction = a.database.connection.transaction.bind(a.database.connection)
    let commit: () => void = () => {}
    const committing = new Promise<void>((resolve) => (commit = resolve))
    let inserted: () => void = () => {}
    const hasInserted = new Promise<void>((resolve) => (inserted = resolve))
    a.database.connection.transaction = (async (work: (manager: unknown) => Promise<unknown>) =>
      transaction(async (manager) => {
        await work(manager)
        inserted()
        await committing
      })) as never
    const first = a.holds.add([hold({ value: 'first', removalId: 1 })])
    await hasInserted
    let secondIsIn = false
    const second = b.holds.add([hold({ value: 'second', removalId: 2 })]).then(() => (secondIsIn = true))
    // Whoever comes later must wait, though nothing else keeps it from being committed first.
    await until('the second waits', async () => {
      const [{ waiting }] = await reader.database.connection.query(
        `SELECT COUNT(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      )
      return waiting > 0 || secondIsIn
    })
    await reader.holds.read()
    commit()
    await Promise.all([first, second])
    await reader.holds.read()
    expect(reader.holds.remembers('s', 'login', 'first')).toBe(true)
    expect(reader.holds.remembers('s', 'login', 'second')).toBe(true)
  })
})
