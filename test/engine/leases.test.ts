import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { answersWithin } from '../../src/database/lease.js'
import { Leases } from '../../src/database/leases.js'
import { openDatabase, type DatabaseOptions } from '../../src/database/open-database.js'
import { dropSilent } from '../../src/database/silent-hosts.js'
import type { ListedPanelSession, PanelSource } from '../../src/session-source.js'
import { databasePlaces } from '../servers/database-places.js'
import { until } from '../until.js'
import { backEnd, host } from './back-end.js'

describe.each(databasePlaces)('leases, on $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  const placeOf = { host, source: 'panel' }
  let options: DatabaseOptions
  let stop: () => Promise<void>
  const open: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    if (missing) return
    const started = await start()
    options = started.options
    stop = () => started.stop()
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    for (const close of open.splice(0).reverse()) await close()
    const database = await openDatabase(options)
    for (const table of ['leases', 'panelSessions', 'sourceStatuses', 'gone', 'history', 'removals'] as const)
      await database[table].clear()
    await database.close()
  })
  afterAll(async () => {
    await stop?.()
  })

  /** What a process of its own has: a connection, leases, and a collector that lists what the test says. */
  async function process_({ ofThisMachine = true, seesRequests = false, polls = false } = {}) {
    const database = await openDatabase(options)
    const reports: string[] = []
    const leases = new Leases(database, [{ ...placeOf, ofThisMachine }], (message) => reports.push(message))
    open.push(async () => {
      await leases.stop()
      await database.close()
    })
    await leases.start()
    let listed: ListedPanelSession[] = []
    let problem: Error | undefined
    let warnings: string[] = []
    const source: PanelSource = {
      ...{ name: 'panel', kind: 'panel', evidence: 'live' },
      list: async () => {
        if (problem) throw problem
        return listed.map((session) => ({ ...session }))
      },
      end: async () => 'asked',
      warnings: () => warnings,
      ...(seesRequests && { keyOfRequest: () => null }),
    }
    const lease = leases.of(placeOf)
    const engine = await backEnd(source, { database, lease, pollEvery: polls ? 20 : 600_000, timeout: 3_000 })
    return {
      ...engine,
      lease,
      leases,
      reports,
      sees: (...sessions: ListedPanelSession[]) => void (listed = sessions),
      fails: (message: string | null) => void (problem = message === null ? undefined : new Error(message)),
      warns: (warning: string) => void (warnings = [warning]),
      run() {
        engine.collector.start()
        open.push(() => engine.collector.stop())
      },
      /** As if it had been stopped: it looks at no lease and believes that it has what it had. */
      hang: () => leases['stopping'].abort(),
      row: () => database.leases.findOneByOrFail(placeOf),
    }
  }
  const now = performance.now.bind(performance)
  const later = (ms: number) => void jest.spyOn(performance, 'now').mockImplementation(() => now() + ms)
  const has = (one: Awaited<ReturnType<typeof process_>>) => one.lease.fence !== undefined

  testHere('the first has it, alone, and then nothing is written', async () => {
    const first = await process_()
    expect(has(first)).toBe(true)
    const before = await first.row()
    expect(before).toMatchObject({ epoch: 1, pid: process.pid, challenge: 0, answer: 0 })
    const update = jest.spyOn(first.database.leases, 'update')
    const looked = jest.spyOn(first.database.leases, 'findBy')
    await until('three looks', () => looked.mock.calls.length > 2)
    expect(update).not.toHaveBeenCalled()
    expect(await first.row()).toEqual(before)
  })

  testHere('the second waits while the first answers, and has it at once when it is given back', async () => {
    const first = await process_()
    const second = await process_()
    await until('some answers', async () => (await first.row()).answer > 2)
    expect([has(first), has(second)]).toEqual([true, false])
    await first.leases.stop()
    await until('the second', () => has(second))
    expect((await second.row()).epoch).toBe(2)
  })

  testHere('who does not answer loses it, by the clock of who waits, and can write nothing any more', async () => {
    const first = await process_()
    first.sees({ key: 'old', login: 'alice', ip: '192.0.2.1' })
    await first.collector.poll()
    const second = await process_()
    second.sees({ key: 'new', login: 'bob' })
    first.hang()
    await until('a question', async () => (await first.row()).challenge > (await first.row()).answer)
    expect(has(second)).toBe(false)
    later(answersWithin + 1000)
    await until('the second', () => has(second))
    await second.collector.poll()
    expect(await second.keys()).toEqual(['new'])
    const state = async () => ({
      rows: await second.rows(),
      gone: await second.database.gone.find(),
      history: await second.database.history.find(),
      status: await second.status(),
    })
    const before = await state()

    expect(has(first)).toBe(true)
    // As its first poll has left it: to it, "new" is not there and "old" is.
    first.sees({ key: 'old', login: 'mallory' }, { key: 'another', login: 'mallory' })
    expect(await first.collector.poll()).toHaveLength(2)
    expect(has(first)).toBe(false)
    expect(await state()).toEqual(before)
  })

  testHere.each(['insert', 'change', 'delete', 'put back', 'say that it fails', 'say that it is well'])(
    'no %s under an old epoch',
    async (what) => {
      const first = await process_()
      first.sees({ key: 'a', login: 'alice' }, { key: 'b', login: 'bob' })
      await first.collector.poll()
      if (what === 'put back') {
        first.sees({ key: 'b', login: 'bob' })
        await first.collector.poll()
      }
      const state = async () => JSON.stringify([await first.rows(), await first.database.gone.find(), await first.database.history.find(), await first.status()]) // prettier-ignore
      const before = await state()
      first.hang()
      await first.database.leases.update(placeOf, { epoch: 7, holder: 'somebody else' })
      if (what === 'insert') first.sees({ key: 'a', login: 'alice' }, { key: 'b', login: 'bob' }, { key: 'c', login: 'carol' }) // prettier-ignore
      if (what === 'change') first.sees({ key: 'a', login: 'mallory' }, { key: 'b', login: 'bob' })
      if (what === 'delete') first.sees({ key: 'a', login: 'alice' })
      if (what === 'put back') first.sees({ key: 'a', login: 'alice' }, { key: 'b', login: 'bob' })
      if (what === 'say that it fails') first.fails('away')
      if (what === 'say that it is well') first.warns('of something')
      await first.collector.poll().catch(() => {})
      expect(has(first)).toBe(false)
      expect(await state()).toEqual(before)
    },
  )

  testHere('who is stopped in the middle of a deletion deletes nothing when it goes on', async () => {
    const first = await process_()
    first.sees({ key: 'a', login: 'alice' })
    await first.collector.poll()
    const history = first.collector['parts'].table['history']
    const ended = history.ended.bind(history)
    jest.spyOn(history, 'ended').mockImplementationOnce(async (...call) => {
      await first.database.leases.update(placeOf, { epoch: 7, holder: 'somebody else' })
      return ended(...call)
    })
    first.sees()
    await first.collector.poll()
    expect(await first.keys()).toEqual(['a'])
    expect(await first.database.history.find()).toEqual([])
  })

  testHere('a poll that was begun before it was lost and had again writes nothing of what it saw then', async () => {
    const first = await process_()
    first.sees({ key: 'a', login: 'alice' })
    await first.collector.poll()
    let arrive!: (sessions: ListedPanelSession[]) => void
    jest
      .spyOn(first.collector.source, 'list')
      .mockReturnValueOnce(new Promise((resolve) => (arrive = resolve as never)))
    const polling = first.collector.poll()
    await until('its list', () => arrive)
    await first.database.leases.update(placeOf, { epoch: 2, holder: null })
    await until('it has it again', () => first.lease.fence?.epoch === 3)
    arrive([{ key: 'stale', login: 'mallory' }])
    await polling
    expect(await first.keys()).toEqual(['a'])
  })

  testHere('who died on this machine has lost it at once', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const first = await process_()
    first.hang()
    await first.database.leases.update(placeOf, { pid })
    expect(has(await process_())).toBe(true)
  })

  testHere('who took it and never heard that he did has it at the next look', async () => {
    const first = await process_()
    await first.database.leases.update(placeOf, { epoch: 5 })
    await until('it has it', () => first.lease.fence?.epoch === 6)
    expect(await first.row()).toMatchObject({ challenge: 0, answer: 0 })
  })

  testHere('a living machine of the same name is told of, and nothing is taken from it', async () => {
    const database = await openDatabase(options)
    await database.leases.insert({ ...placeOf, epoch: 4, holder: 'its process', machine: 'another', pid: 4711 })
    let lives = true
    const answering = (async () => {
      for (; lives; await sleep(50))
        await database.leases
          .createQueryBuilder()
          .update()
          .set({ answer: () => 'challenge' })
          .where(placeOf)
          .execute()
    })()
    open.push(async () => {
      lives = false
      await answering
      await database.close()
    })
    await expect(process_()).rejects.toThrow(
      'another machine (its process 4711) reads panel as the host "test-host" and is alive. Each machine has sessions of ' +
        'its own, so two of one name would take each other’s rows for gone: give each its own name (option host), or stop ' +
        'the other one.',
    )
    expect(await database.leases.findOneByOrFail(placeOf)).toMatchObject({ epoch: 4, holder: 'its process' })
    // A place that several machines share has another one at any time.
    const sharing = await process_({ ofThisMachine: false })
    expect([has(sharing), sharing.reports]).toEqual([false, []])
  })

  testHere('a machine that is no more is waited for, and then replaced', async () => {
    const database = await openDatabase(options)
    open.push(() => database.close())
    await database.leases.insert({ ...placeOf, epoch: 4, holder: 'its process', machine: 'another', pid: 4711 })
    const starting = process_()
    await until('a question', async () => (await database.leases.findOneByOrFail(placeOf)).challenge === 1)
    later(answersWithin + 1000)
    expect(has(await starting)).toBe(true)
  })

  testHere('whoever could not reach the database has not failed to answer', async () => {
    const first = await process_()
    const second = await process_()
    first.hang()
    await until('a question', async () => (await first.row()).challenge > (await first.row()).answer)
    const broken = jest.spyOn(second.database.leases, 'findBy').mockRejectedValue(new Error('the database is away'))
    await until('it was noticed', () => second.reports.length > 0)
    later(answersWithin + 1000)
    broken.mockRestore()
    const looked = jest.spyOn(second.database.leases, 'findBy')
    await until('two looks', () => looked.mock.calls.length > 1)
    expect(has(second)).toBe(false)
    expect(second.reports).toEqual(['it could not be seen who reads which source: the database is away'])
    later(3 * answersWithin)
    await until('the second', () => has(second))
  })

  testHere('who does not have it has the other one look, and hears what is wrong', async () => {
    const first = await process_()
    first.run()
    const second = await process_()
    first.sees({ key: 'a', login: 'alice' })
    await second.collector.renew()
    expect(await second.keys()).toEqual(['a'])
    first.fails('the store is away')
    await expect(second.collector.renew()).rejects.toThrow('the store is away')
    first.hang()
    later(0)
    await expect(second.lease.ask(300, AbortSignal.timeout(60_000))).rejects.toThrow(
      'The process that reads panel on test-host has not looked at it within 0.3 s, though it was asked to.',
    )
  })

  testHere('who does not have it adds what its own requests tell, and no row, and takes none away', async () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
    const first = await process_({ seesRequests: true })
    first.sees({ key: 'a', login: 'alice', lastActiveAt: at(10), ip: '192.0.2.1' }, { key: 'b', login: 'bob' })
    await first.collector.poll()
    const second = await process_({ seesRequests: true })
    second.sees({ key: 'a', login: 'mallory', lastActiveAt: at(20), ip: '192.0.2.2' }, { key: 'c', login: 'carol' })
    await second.collector.poll()
    expect(await second.rows()).toMatchObject([
      { key: 'a', login: 'alice', lastActiveAt: at(20), ip: '192.0.2.2' },
      { key: 'b', login: 'bob' },
    ])
    // What it saw before somebody else saw something later is old.
    await first.database.panelSessions.update({ key: 'a' }, { lastActiveAt: at(40), ip: '192.0.2.4' })
    second.sees({ key: 'a', login: 'alice', lastActiveAt: at(30), ip: '192.0.2.3' }, { key: 'b', login: 'bob' })
    await second.collector.poll()
    expect((await second.rows())[0]).toMatchObject({ lastActiveAt: at(40), ip: '192.0.2.4' })
  })

  testHere('what only the other sees come and go is in the rows soon, with how it ended', async () => {
    const [first, second] = [
      await process_({ seesRequests: true }),
      await process_({ seesRequests: true, polls: true }),
    ]
    first.run()
    second.run()
    first.sees({ key: 'a', login: 'alice' })
    second.sees({ key: 'a', login: 'alice' })
    await until('its row', async () => (await second.keys()).includes('a'))
    first.sees()
    second.sees()
    second.collector['loggedOut'].add('a')
    await until('how it ended', async () => (await second.database.history.find())[0]?.how === 'logged-out')
    expect(await second.keys()).toEqual([])
  })

  testHere(
    'who does not have it leaves the source alone, where its requests tell nothing of it, until it has it',
    async () => {
      const first = await process_()
      const second = await process_({ polls: true })
      const listed = jest.spyOn(second.collector.source, 'list')
      second.run()
      const looked = jest.spyOn(second.database.leases, 'findBy')
      await until('three looks', () => looked.mock.calls.length > 2)
      expect(listed).not.toHaveBeenCalled()
      await first.leases.stop()
      await until('a list', () => listed.mock.calls.length > 0)
    },
  )

  /** One whose process lives, and whose last sign of life is as old as can be. */
  async function takenForSilent() {
    const living = await process_()
    living.run()
    living.sees({ key: 'a', login: 'alice' })
    await living.collector.poll()
    await living.database.sourceStatuses.update({ host }, { seenAt: new Date(0) })
    const other = await openDatabase(options)
    open.push(() => other.close())
    const reports: string[] = []
    const drop = () => dropSilent(other, living.records, 1000, (message) => reports.push(message))
    return { living, other, reports, drop }
  }

  testHere('a host that was dropped for silent, and was alive, begins anew', async () => {
    const { living, reports, drop } = await takenForSilent()
    // It looks at its lease when all is dropped, and not before.
    const { leases } = living.database
    const looks = leases.findBy.bind(leases)
    let goOn = () => {}
    const dropped = new Promise<void>((resolve) => (goOn = resolve))
    jest.spyOn(leases, 'findBy').mockImplementation((where) => dropped.then(() => looks(where)))
    await drop()
    goOn()
    expect(reports).toEqual([expect.stringContaining('its 1 rows were dropped')])
    await until('its row', async () => (await living.keys()).includes('a'))
    expect(await living.row()).toMatchObject({ epoch: 3 })
    // A state is written after the rows that it speaks of.
    await until('its state', async () => (await living.status()).state === 'ok')
  })

  testHere('a host that has its lease again before its rows are dropped keeps them', async () => {
    const { living, other, reports, drop } = await takenForSilent()
    const has = jest.spyOn(other.sourceStatuses, 'update')
    const rows = jest.spyOn(other.panelSessions, 'createQueryBuilder')
    rows.mockImplementationOnce((...given) => {
      const query = other.panelSessions.createQueryBuilder(...given)
      const read = query.getRawMany.bind(query)
      query.getRawMany = async () => {
        await until('it has it again', async () => (await living.row()).holder !== null)
        return read()
      }
      return query
    })
    await drop()
    expect(has).toHaveBeenCalled()
    expect(reports).toEqual([])
    expect(await living.keys()).toEqual(['a'])
    await until('its state', async () => (await living.status()).state === 'ok')
  })
})
