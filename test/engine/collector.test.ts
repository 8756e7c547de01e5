import { afterEach, describe, expect, test } from '@jest/globals'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'
import { until } from '../until.js'

let running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const engine of running) await engine.stop()
  running = []
})

async function engine(source = fakeSource(), options: Parameters<typeof backEnd>[1] = {}) {
  const made = await backEnd(source, options)
  running.push(made)
  return { source, ...made }
}

describe('a collector', () => {
  test('follows what comes, changes and goes', async () => {
    const { source, start, rows, keys } = await engine()
    source.add('a')
    start()
    await until('a row', async () => (await keys()).length === 1)
    source.add('b', { status: 'uploading', fileName: 'x' })
    await until('two rows', async () => (await keys()).length === 2)
    source.add('b', { status: 'idle', fileName: null })
    await until(
      'the change',
      async () => (await rows())[1].login === 'b' && ((await rows())[1] as { status?: string }).status === 'idle',
    )
    source.sessions.delete('a')
    await until('one row left', async () => (await keys()).join() === 'b')
  })

  test('a row keeps its id while its session lives', async () => {
    const { source, collector, rows } = await engine()
    source.add('a')
    await collector.poll()
    const [{ id }] = await rows()
    source.add('a', { login: 'other' })
    await collector.poll()
    expect((await rows())[0]).toMatchObject({ id, login: 'other' })
  })

  test('an unchanged look writes nothing', async () => {
    const { source, collector, database } = await engine()
    for (let i = 0; i < 300; i++) source.add(`s${i}`)
    await collector.poll()
    const changes = async () =>
      ((await database.connection.query('SELECT total_changes() AS n')) as [{ n: number }])[0].n
    const before = await changes()
    for (let i = 0; i < 5; i++) await collector.poll()
    expect(await changes()).toBe(before)
  })

  test('what a source had to leave out stands beside its rows, is written once, and goes with what it was of', async () => {
    const { source, collector, status, keys, database } = await engine()
    source.add('a')
    let warnings = ['One was damaged.', 'Another\nas\0well.']
    source.warnings = () => warnings
    await collector.poll()
    expect(await status()).toMatchObject({ state: 'ok', sessions: 1, warning: 'One was damaged. Another as well.' })
    const changes = async () =>
      ((await database.connection.query('SELECT total_changes() AS n')) as [{ n: number }])[0].n
    const before = await changes()
    for (let i = 0; i < 3; i++) await collector.poll()
    expect(await changes()).toBe(before)
    warnings = ['Another.']
    await collector.poll()
    expect(await status()).toMatchObject({ state: 'ok', warning: 'Another.' })
    const { list } = source
    source.list = async () => Promise.reject(new Error('All are damaged.'))
    await expect(collector.poll()).rejects.toThrow('All are damaged.')
    expect(await status()).toMatchObject({ state: 'failing', error: 'All are damaged.', warning: null })
    source.list = list
    warnings = []
    await collector.poll()
    expect(await status()).toMatchObject({ state: 'ok', warning: null })
    expect(await keys()).toEqual(['a'])
  })

  test.each<[string, () => unknown, RegExp]>([
    [
      'far too many',
      () => Array.from({ length: 500 }, (_, i) => `No. ${i}.`),
      /^(No. \d\. ){5}And 495 warnings more\.$/,
    ],
    ['far too long ones', () => ['x'.repeat(1e6)], /^x{2000}$/],
    ['no list', () => 'One was damaged.', /^Its warnings are a string; expected an array/],
    ['an error', () => { throw new Error('oh') }, /^What its list has left out could not be had: oh$/], // prettier-ignore
  ])('a source that warns by %s can be read all the same', async (_, warnings, told) => {
    const { source, collector, status } = await engine(fakeSource({ warnings: warnings as () => string[] }))
    source.add('a')
    await collector.poll()
    expect(await status()).toMatchObject({ state: 'ok', sessions: 1, warning: expect.stringMatching(told) })
  })

  test('a source that throws keeps its rows, is shown as failing, and recovers by itself', async () => {
    const { source, start, keys, status } = await engine()
    const list = source.list
    source.add('a')
    start()
    await until('a row', async () => (await keys()).length === 1)
    source.list = async () => {
      throw new Error('The scoreboard is gone; start ProFTPD.')
    }
    const failing = await until('failing', async () => {
      const row = await status()
      return row.state === 'failing' && row
    })
    expect(failing).toMatchObject({
      error: 'The scoreboard is gone; start ProFTPD.',
      failingSince: expect.any(Date),
      lastGoodAt: expect.any(Date),
    })
    expect(await keys()).toEqual(['a'])
    source.list = list
    await until('recovery', async () => (await status()).state === 'ok')
    expect(await status()).toMatchObject({ error: null, failingSince: null, sessions: 1 })
  })

  test.each([
    ['hangs', () => new Promise<never>(() => {}), /did not come within 0.1 s/],
    ['throws before it gives a promise', () => { throw new Error('at once') }, /at once/], // prettier-ignore
    ['gives no list', async () => 'junk' as never, /is string; expected an array/],
    ['gives junk in the list', async () => [1, 2] as never, /whose key is undefined/],
  ])('a source that %s is failing, and its rows are kept', async (_, list, message) => {
    const { source, start, keys, status } = await engine(fakeSource(), { timeout: 100 })
    source.add('a')
    start()
    await until('a row', async () => (await keys()).length === 1)
    source.list = list
    const failing = await until('failing', async () => {
      const row = await status()
      return row.state === 'failing' && row
    })
    expect(failing.error).toMatch(message)
    expect(await keys()).toEqual(['a'])
  })

  test('a late answer of a list that was given up is dropped', async () => {
    const { source, collector, keys } = await engine(fakeSource(), { timeout: 50 })
    let answer: (sessions: []) => void = () => {}
    const list = source.list
    source.add('a')
    await collector.poll()
    source.list = () => new Promise((resolve) => (answer = resolve))
    await expect(collector.poll()).rejects.toThrow('did not come')
    source.list = list
    answer([])
    await collector.poll()
    expect(await keys()).toEqual(['a'])
  })

  test('a read that lost more than half is read again before it is believed', async () => {
    const { source, collector, keys } = await engine()
    for (const key of ['a', 'b', 'c', 'd']) source.add(key)
    await collector.poll()
    const list = source.list
    let reads = 0
    source.list = async (signal) => (++reads === 1 ? [] : list(signal))
    await collector.poll()
    expect(reads).toBe(2)
    expect(await keys()).toEqual(['a', 'b', 'c', 'd'])
    source.sessions.clear()
    source.list = list
    await collector.poll()
    expect(await keys()).toEqual([])
  })

  test('a hint makes it look at once, and once more after it is quiet', async () => {
    const { source, start, keys } = await engine(fakeSource(), { pollEvery: 60_000 })
    start()
    await until('the first look', () => source.looks === 1 && source.site)
    source.add('a')
    source.site!.changed()
    await until('the row', async () => (await keys()).includes('a'))
    source.add('b') // the last change of a burst, whose hint a watcher drops
    await until('the second look', async () => (await keys()).includes('b'))
  })

  test('rows that something else deleted or left behind are put right after a restart', async () => {
    const { source, collector, database, keys } = await engine()
    source.add('a')
    source.add('b')
    await collector.poll()
    await database.ftpSessions.delete({ key: 'a' })
    await database.ftpSessions.insert({ host: 'test-host', source: 'fake', key: 'ghost' })
    await database.ftpSessions.insert({ host: 'other-host', source: 'fake', key: 'theirs' })
    const again = await backEnd(source, { database })
    await again.collector.poll()
    expect(await keys()).toEqual(['a', 'b', 'theirs'])
    await again.collector.stop()
  })

  test('a database that cannot be written is reported once, and the rows are put right when it can be again', async () => {
    const { source, collector, database, reports, keys } = await engine()
    source.add('a')
    await collector.poll()
    await database.connection.query('PRAGMA query_only = ON')
    source.add('b')
    await expect(collector.poll()).rejects.toThrow(/readonly/)
    await expect(collector.poll()).rejects.toThrow(/readonly/)
    expect(reports).toEqual([expect.stringMatching(/^fake: its rows could not be written: .*readonly/)])
    await database.connection.query('PRAGMA query_only = OFF')
    await collector.poll()
    expect(await keys()).toEqual(['a', 'b'])
  })

  test('stop ends the loop, the source, and a list that hangs', async () => {
    let watched: AbortSignal | undefined
    const source = fakeSource({ start: (_, signal) => void (watched = signal), list: () => new Promise(() => {}) })
    const { start, collector } = await engine(source, { timeout: 60_000 })
    start()
    await until('the start', () => watched)
    await collector.stop()
    expect(watched?.aborted).toBe(true)
  })
})
