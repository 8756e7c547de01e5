import { afterEach, describe, expect, test } from '@jest/globals'
import { RemovalRefused } from '../../src/collectors/engine/session-source.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'
import { until } from '../until.js'

let running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const engine of running) await engine.stop()
  running = []
})

async function engine(source = fakeSource(), options: Parameters<typeof backEnd>[1] = {}) {
  const made = await backEnd(source, { pollEvery: 60_000, ...options })
  running.push(made)
  return { source, ...made }
}

/** An engine that has looked once. */
async function started(keys: string[], ...args: Parameters<typeof engine>) {
  const made = await engine(...args)
  for (const key of keys) made.source.add(key)
  made.start()
  await until('the rows', async () => (await made.keys()).length === keys.length)
  return made
}

describe('removals', () => {
  test('end what was asked for and nothing else, with a record before and an outcome after', async () => {
    const { source, remove, keys, database } = await started(['a', 'b', 'c'])
    const end = source.end
    const recorded: string[] = []
    source.end = async (session, signal) => {
      recorded.push(...(await database.removals.findBy({ key: session.key, outcome: 'pending' })).map(({ key }) => key!))
      return end(session, signal)
    }
    const removals = await remove(['a', 'c'])
    expect(removals.map(({ key, outcome }) => [key, outcome])).toEqual([['a', 'ended'], ['c', 'ended']]) // prettier-ignore
    expect(recorded.sort()).toEqual(['a', 'c'])
    expect(source.ended.sort()).toEqual(['a', 'c'])
    expect(await keys()).toEqual(['b'])
    expect(removals[0]).toMatchObject({ startedAt: expect.any(Date), finishedAt: expect.any(Date), login: 'a', session: expect.objectContaining({ key: 'a' }) })
  })

  test('the same batch sent twice ends nothing twice', async () => {
    const { source, remove } = await started(['a'])
    const batch = crypto.randomUUID()
    const both = await Promise.all([remove(['a'], batch), remove(['a'], batch)])
    expect(both.flat().map(({ outcome }) => outcome)).toEqual(['ended', 'ended'])
    expect(new Set(both.flat().map(({ id }) => id)).size).toBe(1)
    expect(source.ended).toEqual(['a'])
  })

  test('a session that has gone meanwhile is already gone, and nothing is asked of the source', async () => {
    const { source, remove } = await started(['a'])
    source.sessions.delete('a')
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'already-gone' })
    expect(source.ended).toEqual([])
  })

  test.each([
    ['login', { login: 'mallory' }, 'It was a when its end was asked for, and is mallory now.'],
    ['address', { ip: '198.51.100.9' }, 'It came from 192.0.2.1 when its end was asked for, and from 198.51.100.9 now.'],
  ])('another %s than the admin saw is refused', async (_, now, message) => {
    const { source, remove } = await started(['a'])
    source.add('a', now)
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'refused', message })
    expect(source.ended).toEqual([])
  })

  test('what the source refuses, what fails and what does not go are told apart', async () => {
    const source = fakeSource({
      end: async ({ key }) => {
        if (key === 'refused') throw new RemovalRefused('Not allowed: run the back office as root.')
        if (key === 'failed') throw new Error('The server said no.')
        return 'asked'
      },
    })
    const { remove } = await started(['failed', 'refused', 'stubborn'], source, { endsWithin: 200 })
    const removals = await remove(['failed', 'refused', 'stubborn'])
    expect(removals.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['failed', 'The server said no.'],
      ['refused', 'Not allowed: run the back office as root.'],
      ['failed', 'Asked to end, but still there after 0.2 s.'],
    ])
  })

  test('an end that hangs is believed by what a look shows, not by the call', async () => {
    const source = fakeSource()
    source.end = ({ key }) => {
      source.sessions.delete(key)
      return new Promise(() => {})
    }
    const { remove } = await started(['a'], source, { timeout: 100 })
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'ended' })
  })

  test('an end that only a log would show is unknown, not failed', async () => {
    const { remove } = await started(['a'], fakeSource({ evidence: 'log', end: async () => 'asked' }), { endsWithin: 100 })
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'unknown' })
  })

  test('a source that cannot be read ends nothing and says so', async () => {
    const { source, remove } = await started(['a'])
    source.list = async () => {
      throw new Error('no scoreboard')
    }
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'failed', message: 'fake could not be read, so nothing was ended: no scoreboard' })
    expect(source.ended).toEqual([])
  })

  test('pending records of a process that ended are settled at the next start', async () => {
    const { source, collector, requests, rows, database } = await engine()
    source.add('never-begun')
    source.add('in-the-middle')
    await collector.look()
    const batch = crypto.randomUUID()
    for (const row of await rows()) {
      await requests.ask([
        {
          batch, recordId: row.id, kind: 'ftp', removedVia: 'admin', host: 'test-host', source: 'fake', key: row.key, login: row.login, ip: row.ip,
          ...(row.key === 'in-the-middle' ? { takenBy: 'a process that is no more', startedAt: new Date() } : {}),
        }, // prettier-ignore
      ])
    }
    source.sessions.delete('in-the-middle')
    const next = await backEnd(source, { database, pollEvery: 60_000 })
    next.start()
    const removals = await next.requests.outcomes(batch, 'ftp', 5000)
    expect(removals.map(({ key, outcome }) => [key, outcome]).sort()).toEqual([
      ['in-the-middle', 'ended'],
      ['never-begun', 'ended'],
    ])
    expect(removals.find(({ key }) => key === 'in-the-middle')?.message).toMatch(/restarted/)
    await Promise.all([next.removals.stop(), next.collector.stop()])
  })

  test('a stubborn batch does not hold up the next one', async () => {
    const source = fakeSource()
    const end = source.end
    source.end = async (session, signal) => (session.key === 'stubborn' ? 'asked' : end(session, signal))
    const { remove, requests } = await started(['quick', 'stubborn'], source, { endsWithin: 30_000 })
    const batch = crypto.randomUUID()
    await remove(['stubborn'], batch, 0)
    expect((await remove(['quick']))[0].outcome).toBe('ended')
    expect((await requests.outcomes(batch, 'ftp', 0))[0].outcome).toBe('pending')
  })

  test('500 sessions at once each get their own outcome', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `s${i}`)
    const { remove, source } = await started(keys)
    const removals = await remove(keys, crypto.randomUUID(), 20_000)
    expect(removals.map(({ outcome }) => outcome)).toEqual(keys.map(() => 'ended'))
    expect(source.sessions.size).toBe(0)
  })
})

describe('a panel session', () => {
  test('is held before it is ended, and ended again on every look when it comes back', async () => {
    const source = fakeSource({ kind: 'panel' } as never)
    const { remove, holds, keys } = await started(['a'], source as never, { pollEvery: 50 })
    const end = source.end
    let heldAtEnd = false
    source.end = async (session, signal) => {
      heldAtEnd = await holds.isHeld('fake', 'session', session.key)
      return end(session, signal)
    }
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect(heldAtEnd).toBe(true)
    source.add('a') // a running request saved it
    await until('it is ended again', async () => source.ended.length >= 2 && (await keys()).length === 0)
  })

  test('whose end is refused is held no longer', async () => {
    const source = fakeSource({ kind: 'panel' } as never)
    source.end = async () => {
      throw new RemovalRefused('no')
    }
    const { remove, holds } = await started(['a'], source as never)
    expect((await remove(['a']))[0].outcome).toBe('refused')
    await until('released', async () => !(await holds.isHeld('fake', 'session', 'a')))
  })
})
