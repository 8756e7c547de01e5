import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { deadAfter } from '../../src/collectors/engine/removal-queue.js'
import { openDatabase, type DatabaseOptions } from '../../src/database/open-database.js'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresMissing, startPostgresWithTables } from '../servers/postgres.js'
import { until } from '../until.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'

/** Two engines, each with a connection of its own, as two processes have them, on one source. */
function onOneDatabase(start: () => Promise<{ options: DatabaseOptions; stop(): Promise<void> }>) {
  let place: Awaited<ReturnType<typeof start>>
  let stopping: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    place = await start()
  })
  afterAll(async () => {
    await place?.stop()
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    for (const stop of stopping) await stop()
    stopping = []
    const database = await openDatabase(place.options)
    await database.removals.clear()
    await database.ftpSessions.clear()
    await database.close()
  })

  async function engine(source: ReturnType<typeof fakeSource>) {
    const made = await backEnd(source, { database: place.options, pollEvery: 60_000, endsWithin: 30_000 })
    stopping.push(() => made.stop().catch(() => {}))
    return made
  }

  /** By the clock that lease times are measured with, and by no other. */
  const now = performance.now.bind(performance)
  const later = (ms: number) => void jest.spyOn(performance, 'now').mockImplementation(() => now() + ms)

  test('a process that is at work on removals counts up their beat, and stops when it is done', async () => {
    const source = fakeSource({ name: 'shared', end: async () => 'asked' })
    source.add('a')
    const engine_ = await engine(source)
    await engine_.collector.poll()
    const batch = crypto.randomUUID()
    await engine_.remove(['a'], { batch, wait: 0 })
    await engine_.removals.settle()
    const beat = async () => (await engine_.database.removals.find())[0]!.beat
    await until('two beats', async () => (await beat()) >= 2)
    const cleared = jest.spyOn(globalThis, 'clearInterval')
    source.sessions.clear()
    await until('its outcome', async () => (await engine_.records.outcomes(batch, 'ftp', 0))[0]!.outcome === 'ended')
    await until('nothing beats any more', () => cleared.mock.calls.length > 0)
    expect(engine_.removals['beating' as never]).toBeUndefined()
  })

  test('what a living process is ending is nobody else’s, however long it takes', async () => {
    const source = fakeSource({ name: 'shared' })
    source.add('a')
    const second = await engine(source)
    await second.collector.poll()
    await second.remove(['a'], { wait: 0, takenBy: 'a living process', startedAt: new Date(), beat: 1 })
    for (let beat = 1; beat < 5; beat++) {
      await second.removals.settle()
      // It looks by itself as well, but only when this test has made time pass and the beat go on.
      clearTimeout(second.removals['watching' as never])
      await second.database.removals.update({ takenBy: 'a living process' }, { beat: beat + 1 })
      later(beat * (deadAfter + 1000))
    }
    await second.removals.settle()
    expect(source.ended).toEqual([])
    expect(await second.database.removals.find()).toMatchObject([{ takenBy: 'a living process', outcome: 'pending' }])
  })

  test('what a dead process has left is taken over when its beat has stood still, and only then', async () => {
    const source = fakeSource({ name: 'shared' })
    source.add('there')
    source.add('gone')
    const dead = await engine(source)
    await dead.collector.poll()
    const batch = crypto.randomUUID()
    // As a process leaves it that is killed in the middle.
    await dead.remove(['there', 'gone'], { batch, wait: 0, takenBy: 'killed', startedAt: new Date(), beat: 3 })
    source.sessions.delete('gone')

    const next = await engine(source)
    await next.removals.settle()
    await next.database.removals.update({ takenBy: 'killed' }, { beat: 4 })
    // However old it is by the wall: clocks of two machines differ, and each may be set.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3600_000)
    await next.removals.settle()
    later(deadAfter - 1000)
    await next.removals.settle()
    expect(source.ended).toEqual([])
    expect(await next.database.removals.find()).toMatchObject([{ takenBy: 'killed' }, { takenBy: 'killed' }])

    jest.restoreAllMocks()
    later(deadAfter + 1000)
    await next.removals.settle()
    const outcomes = await next.records.outcomes(batch, 'ftp', 10_000)
    expect(outcomes.map(({ key, outcome }) => [key, outcome]).sort()).toEqual([['gone', 'ended'], ['there', 'ended']]) // prettier-ignore
    expect(outcomes.find(({ key }) => key === 'gone')?.message).toMatch(/stopped in the middle of it/)
    expect(source.ended).toEqual(['there'])
  })

  test('one that wakes up after it was taken over for dead writes no outcome', async () => {
    let answer: (value: 'asked') => void = () => {}
    const hung = fakeSource({ name: 'shared', end: () => new Promise((resolve) => (answer = resolve)) })
    hung.add('a')
    const first = await engine(hung)
    await first.collector.poll()
    const batch = crypto.randomUUID()
    await first.remove(['a'], { batch, wait: 0 })
    await first.removals.settle()
    await until('it is being ended', () => answer.length > 0)
    await first.database.removals.update({ batch }, { takenBy: 'another process', beat: 0 })
    answer('asked')
    hung.sessions.clear()
    await once(first.records.events, 'settled')
    expect(await first.database.removals.find()).toMatchObject([{ outcome: 'pending', takenBy: 'another process' }])
  })

  test('what a process has left when it was stopped is taken at once', async () => {
    const slow = fakeSource({ name: 'shared', end: async () => 'asked' })
    slow.add('a')
    const first = await engine(slow)
    await first.collector.poll()
    const batch = crypto.randomUUID()
    await first.remove(['a'], { batch, wait: 0 })
    await first.removals.settle()
    await first.stop()

    const source = fakeSource({ name: 'shared' })
    source.add('a')
    const second = await engine(source)
    const [before] = await second.database.removals.find()
    await second.removals.settle()
    const [after] = await second.database.removals.find()
    expect(after!.takenBy).not.toBe(before!.takenBy)
    expect(await second.records.outcomes(batch, 'ftp', 10_000)).toMatchObject([{ outcome: 'ended' }])
    expect(source.ended).toEqual(['a'])
  })

  test('what broke off in this process is carried out again by it', async () => {
    const source = fakeSource({ name: 'shared' })
    source.add('a')
    const one = await engine(source)
    await one.collector.poll()
    const update = one.database.removals.update.bind(one.database.removals)
    const batch = crypto.randomUUID()
    await one.remove(['a'], { batch, wait: 0 })
    let fails = true
    one.database.removals.update = (async (where: { takenBy?: unknown }, change: { outcome?: string }) => {
      if (fails && change.outcome !== undefined) throw new Error('disk I/O error')
      return update(where as never, change as never)
    }) as never
    await one.removals.settle()
    await until('it has broken off', () => one.reports.some((report) => /disk I\/O error/.test(report)))
    fails = false
    await until('it is taken again', async () => {
      await one.removals.settle()
      return (await one.records.outcomes(batch, 'ftp', 0))[0]?.outcome === 'ended'
    })
  })
}

describe('on an SQLite file', () => {
  onOneDatabase(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-take-over-'))
    return {
      options: { type: 'sqlite', database: join(directory, 'tables.sqlite') },
      stop: async () => rmSync(directory, { recursive: true }),
    }
  })
})

const describePostgres = postgresMissing ? describe.skip : describe
describePostgres(`on a real PostgreSQL ${postgresMissing ?? ''}`, () => {
  onOneDatabase(async () => {
    const postgres = await startPostgresWithTables()
    return { options: { type: 'postgres', url: postgres.url }, stop: () => postgres.stop() }
  })
})
