import { afterEach, describe, expect, test } from '@jest/globals'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { dropSilent } from '../../src/database/silent-hosts.js'
import type { ListedPanelSession, PanelSource, Site } from '../../src/session-source.js'
import { databasePlaces } from '../servers/database-places.js'
import { thorough } from '../thorough.js'
import { backEnd, host } from './back-end.js'
import { fakeSource } from './fake-source.js'

type Where = NonNullable<Parameters<typeof backEnd>[1]>['database']

const day = 86_400_000
const loggedInAt = new Date('2026-11-01T10:00:00Z')

/** A process whose panel source lists what the test says. */
async function panel(database?: Where) {
  let listed: ListedPanelSession[] = []
  let site: Site
  const source: PanelSource = {
    ...{ name: 'panel', kind: 'panel', evidence: 'live' },
    list: async () => listed,
    end: async ({ key }) => {
      listed = listed.filter((session) => session.key !== key)
      return 'asked'
    },
    start: (given) => void (site = given),
  }
  // Polls of its own would see what the test is about to change.
  const engine = await backEnd(source, { database, pollEvery: 600_000 })
  return {
    ...engine,
    /** Their persons log out, and these are left. */
    async loseToLogout(keys: string[], ...left: ListedPanelSession[]) {
      listed = left
      for (const key of keys) site.loggedOut(key)
      await engine.collector.poll()
    },
    async sees(...sessions: ListedPanelSession[]) {
      listed = sessions
      await engine.collector.poll()
    },
    /** Something else may have changed the rows: they are read again before the next comparison. */
    forgets: () => engine.collector['rows'].forget(),
    history: () => engine.database.history.find({ order: { id: 'ASC' } }),
  }
}

describe.each(databasePlaces)('the history on $name', ({ name, missing, start }) => {
  const testHere = missing ? test.skip : test
  // What one process does by itself.
  const testAlone = thorough || name !== 'PostgreSQL' ? testHere : () => {}
  const open: { stop(): Promise<void> }[] = []
  let stop: () => Promise<void> = async () => {}
  afterEach(async () => {
    for (const each of open.splice(0)) await each.stop()
    await stop()
    stop = async () => {}
  })
  async function place() {
    const { options, stop: stopPlace } = await start()
    stop = stopPlace
    return options
  }
  async function processes(count: number) {
    const options = await place()
    const all: Awaited<ReturnType<typeof panel>>[] = []
    for (let i = 0; i < count; i++) {
      const one = await panel(options)
      one.start()
      open.push(one)
      all.push(one)
    }
    return all
  }

  testHere('has one line of each session that ended: whose, from where, since when, and when it was gone', async () => {
    const [one] = await processes(1)
    const before = Date.now()
    await one!.sees({
      ...{ key: 'k', login: 'alice', type: 'administrator', ip: '192.0.2.1', logonIp: '192.0.2.2' },
      ...{ loggedInAt, lastActiveAt: new Date('2026-11-01T11:00:00Z'), userAgent: 'Browser/1' },
    })
    expect(await one!.history()).toEqual([])
    const [row] = await one!.rows()
    await one!.sees()
    await one!.sees()
    const [line, ...more] = await one!.history()
    expect(more).toEqual([])
    expect(line).toMatchObject({
      ...{ kind: 'panel', rowId: row!.id, host, source: 'panel', key: 'k', login: 'alice', person: 'alice' },
      ...{ type: 'administrator', ip: '192.0.2.1', logonIp: '192.0.2.2', userAgent: 'Browser/1', how: 'unknown' },
      ...{ startedAt: loggedInAt, lastActiveAt: new Date('2026-11-01T11:00:00Z'), movedBytes: null },
      ...{ domain: null, protocol: null },
    })
    expect(line!.endedAt.getTime()).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000)
  })

  testAlone('of an FTP session says what it moved, at least', async () => {
    const source = fakeSource()
    const engine = await backEnd(source, { database: await place(), pollEvery: 600_000 })
    open.push(engine)
    const moving = { status: 'downloading', fileName: 'x.iso', connectedAt: loggedInAt, domain: 'd.example' } as const
    for (const transferredBytes of [5_000_000_000, 9_000_000_000, 9_500_000_000]) {
      source.add('a', { ...moving, transferredBytes, protocol: 'ftps' })
      await engine.collector.poll()
    }
    source.sessions.clear()
    await engine.collector.poll()
    expect(await engine.database.history.find()).toMatchObject([
      { kind: 'ftp', startedAt: loggedInAt, movedBytes: 4_500_000_000, domain: 'd.example', protocol: 'ftps' },
    ])
  })

  testAlone('a session whose time was over has expired, at that time; one whose time was not, has not', async () => {
    const [one] = await processes(1)
    const over = new Date(Math.floor(Date.now() / 1000) * 1000 - 5000)
    await one!.sees(
      { key: 'over', expiresAt: over },
      { key: 'on', expiresAt: new Date(Date.now() + day) },
      { key: 'for ever', expiresAt: null },
    )
    await one!.sees()
    const lines = await one!.history()
    expect(Object.fromEntries(lines.map(({ key, how }) => [key, how]))).toEqual({
      ...{ over: 'expired', on: 'unknown', 'for ever': 'unknown' },
    })
    expect(lines.find(({ key }) => key === 'over')!.endedAt).toEqual(over)
  })

  testAlone('who has logged out and is there again has not logged out when he is gone', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k' })
    await one!.loseToLogout(['k'], { key: 'k' })
    await one!.sees()
    expect(await one!.history()).toMatchObject([{ how: 'unknown' }])
  })

  testHere('a session that no list has had, and another process has written, was logged out of', async () => {
    const [one, other] = await processes(2)
    await other!.sees({ key: 'k', login: 'alice' })
    await one!.loseToLogout(['k'])
    expect(await one!.history()).toMatchObject([{ login: 'alice', how: 'logged-out' }])
  })

  testAlone('a session whose person was seen to log out has been logged out of', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k', expiresAt: new Date(Date.now() + day) }, { key: 'other' })
    await one!.loseToLogout(['k'])
    expect(Object.fromEntries((await one!.history()).map(({ key, how }) => [key, how]))).toEqual({
      ...{ k: 'logged-out', other: 'unknown' },
    })
  })

  testAlone('what was taken out of the store when its time was over has expired, whoever took it out', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k', expiresAt: new Date(Date.now() - 5000) })
    await one!.loseToLogout(['k'])
    expect(await one!.history()).toMatchObject([{ how: 'expired' }])
  })

  testAlone('a session that a removal has ended was removed; one that had gone before it was not', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'removed', login: 'alice' }, { key: 'gone', login: 'bob' }, { key: 'refused', login: 'c' })
    await one!.remove(['removed'])
    await one!.remove(['refused'], { login: 'another' })
    await one!.sees({ key: 'refused', login: 'c' })
    await one!.remove(['refused'], { login: 'another' })
    await one!.sees()
    expect(Object.fromEntries((await one!.history()).map(({ key, how }) => [key, how]))).toEqual({
      ...{ removed: 'removed', gone: 'unknown', refused: 'unknown' },
    })
  })

  testAlone('what comes back after its removal, and is ended again, was removed all the same', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k', login: 'alice' })
    await one!.remove(['k'])
    await one!.sees({ key: 'k', login: 'alice' })
    await one!.sees()
    expect(await one!.history()).toMatchObject([{ how: 'removed' }])
  })

  testHere.each([
    ['by whoever missed it', 0, 0],
    ['by another', 0, 1],
  ])('a session that had been invisible has not ended, when it is seen again %s', async (_, a, b) => {
    const all = await processes(2)
    const [misses, sees] = [all[a]!, all[b]!]
    await misses.sees({ key: 'k', login: 'alice' })
    await misses.sees()
    expect(await misses.history()).toHaveLength(1)
    await sees.sees({ key: 'k', login: 'alice' })
    expect(await misses.history()).toEqual([])
    expect(await misses.rows()).toHaveLength(1)
  })

  testHere('nor when a process that had seen it all the while writes it again', async () => {
    const [misses, sees] = await processes(2)
    await sees!.sees({ key: 'k', login: 'alice', ip: '192.0.2.1' })
    misses!.forgets()
    await misses!.sees()
    expect(await misses!.history()).toHaveLength(1)
    await sees!.sees({ key: 'k', login: 'alice', ip: '192.0.2.2' })
    expect(await misses!.history()).toEqual([])
    expect(await misses!.rows()).toHaveLength(1)
  })

  testHere('nor when it comes back after what its row was has been forgotten', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k', login: 'alice' })
    await one!.sees()
    await one!.database.gone.clear()
    await one!.sees({ key: 'k', login: 'alice' })
    expect(await one!.history()).toEqual([])
  })

  testHere('two processes write one line of each, and what either knows of its end stands', async () => {
    const [a, b] = await processes(2)
    const keys = Array.from({ length: 250 }, (_, i) => `k${i}`)
    const sessions = keys.map((key) => ({ key, login: key }))
    await a!.sees(...sessions)
    await b!.sees(...sessions)
    // Whoever is the first, it is the second that knows of these.
    await a!.sees(...sessions.slice(100))
    await b!.loseToLogout(keys.slice(0, 100), ...sessions.slice(100))
    await Promise.all([a!.loseToLogout(keys.slice(200)), b!.sees()])
    await Promise.all([a!.sees(), b!.sees()])
    const lines = await a!.history()
    expect(lines.map(({ key }) => key).sort()).toEqual([...keys].sort())
    expect(
      lines
        .filter(({ how }) => how === 'logged-out')
        .map(({ key }) => key)
        .sort(),
    ).toEqual([...keys.slice(0, 100), ...keys.slice(200)].sort())
  })

  testAlone(
    'of a machine that nobody reads any more, the sessions were dropped, when they were last seen',
    async () => {
      const [one] = await processes(1)
      const { database } = one!
      const lastGoodAt = new Date(Math.floor((Date.now() - 2 * day) / 1000) * 1000)
      await database.sourceStatuses.insert({
        ...{ host: 'gone', name: 'ftpd', kind: 'ftp', evidence: 'live', keepOut: '', byForce: null, state: 'ok' },
        ...{ sessions: 1, lastGoodAt, failingSince: null, error: null, warning: null, seenAt: lastGoodAt },
      })
      await database.ftpSessions.insert({ host: 'gone', source: 'ftpd', key: 'k', login: 'alice' } as never)
      await dropSilent(database, new RemovalRecords(database), day, () => {})
      expect(await one!.history()).toMatchObject([
        { host: 'gone', login: 'alice', how: 'dropped', endedAt: lastGoodAt },
      ])
    },
  )

  testAlone('an unchanged look writes nothing', async () => {
    const [one] = await processes(1)
    await one!.sees({ key: 'k', login: 'alice' })
    await one!.loseToLogout(['never was'], { key: 'k', login: 'alice' })
    const writes = writesTo(one!)
    await one!.sees({ key: 'k', login: 'alice' })
    expect(writes()).toBe(0)
  })
})

/** How often the history was written to since. */
function writesTo({ database: { history } }: Awaited<ReturnType<typeof panel>>): () => number {
  let calls = 0
  for (const name of ['update', 'delete', 'createQueryBuilder'] as const) {
    const real = history[name].bind(history) as (...args: unknown[]) => unknown
    history[name] = ((...args: unknown[]) => {
      calls++
      return real(...args)
    }) as never
  }
  return () => calls
}
