import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/database/open-database.js'
import { until } from '../until.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'

let directory: string
let running: { stop(): Promise<void> }[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'host-survives-'))
})
afterEach(async () => {
  for (const engine of running) await engine.stop()
  running = []
  rmSync(directory, { recursive: true, force: true })
})

/** An engine over a file, with little patience for locks. */
async function engine(source = fakeSource(), options: Parameters<typeof backEnd>[1] = {}) {
  const database = { type: 'sqlite' as const, database: join(directory, 'tables.sqlite'), busyTimeout: 50 }
  const made = await backEnd(source, { database, pollEvery: 50, ...options })
  running.push(made)
  source.add('a')
  await made.collector.poll()
  return { source, ...made }
}

describe('the host goes on', () => {
  test('while the database is locked; afterwards the rows are true again', async () => {
    const { source, start, keys, holds, records, reports, remove } = await engine()
    const other = await openDatabase({ type: 'sqlite', database: join(directory, 'tables.sqlite') })
    await other.connection.query('BEGIN EXCLUSIVE')
    start()
    source.add('b')
    await until('it is reported', () => reports.length > 0)
    expect(reports[0]).toMatch(/fake: its (rows|state) could not be written: SQLITE_BUSY/)
    expect(await holds.isHeld('fake', 'session', 'x')).toBe(false)
    await expect(remove(['a'])).rejects.toThrow(/SQLITE_BUSY/)
    expect(source.ended).toEqual([])
    await other.connection.query('COMMIT')
    await other.close()
    await until('the rows are true again', async () => (await keys()).join() === 'a,b')
    expect(await records.repository.count()).toBe(0)
  })

  test('while the disk is full', async () => {
    const { source, collector, database, keys, remove } = await engine()
    const [{ page_count: pages }] = (await database.connection.query('PRAGMA page_count')) as [{ page_count: number }]
    await database.connection.query(`PRAGMA max_page_count = ${pages}`)
    for (let i = 0; i < 500; i++) source.add(`much-${i}`, { location: '/long'.repeat(100) })
    await expect(collector.poll()).rejects.toThrow(/SQLITE_FULL/)
    await expect(remove(['a'], { reason: 'x'.repeat(100_000) })).rejects.toThrow(/SQLITE_FULL/)
    expect(source.ended).toEqual([])
    await database.connection.query('PRAGMA max_page_count = 1000000')
    await collector.poll()
    expect(await keys()).toHaveLength(501)
  })

  test('when the file of the database is removed under it', async () => {
    const { source, collector, remove } = await engine()
    for (const file of ['tables.sqlite', 'tables.sqlite-wal', 'tables.sqlite-shm'])
      rmSync(join(directory, file), { force: true })
    source.add('b')
    await collector.poll().catch(() => {})
    await expect(remove(['a'], { wait: 0 })).rejects.toThrow(/removed or replaced/)
    expect(source.ended).toEqual([])
  })

  test('one failing source holds up no other', async () => {
    const bad = fakeSource({ name: 'bad', list: () => new Promise(() => {}) })
    const { database, source, keys, start } = await engine()
    const beside = await backEnd(bad, { database, timeout: 60_000 })
    beside.start()
    start()
    source.add('b')
    await until('the good one goes on', async () => (await keys()).includes('b'))
    await Promise.all([beside.removals.stop(), beside.collector.stop()])
  })

  test('stop leaves no timer, watcher or child behind', async () => {
    const active = () =>
      process.getActiveResourcesInfo().filter((kind) => !/^(TTYWrap|PipeWrap|MessagePort|CloseReq)$/.test(kind))
    const before = active().length
    const source = fakeSource({ end: () => new Promise(() => {}) })
    const made = await backEnd(source, {
      database: { type: 'sqlite', database: join(directory, 'stopped.sqlite') },
      endsWithin: 60_000,
      timeout: 60_000,
    })
    source.add('a')
    made.start()
    await until('the row', async () => (await made.keys()).length === 1)
    await made.remove(['a'], { wait: 0 })
    source.list = () => new Promise(() => {})
    source.site!.changed()
    await made.stop()
    await until('nothing of it is left', () => active().length <= before)
  })
})
