import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logServer, type LogServerOptions } from '../../src/collectors/ftp/log/log-server.js'
import { KeepOutFailed, RemovalRefused } from '../../src/session-source.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'
import { logOfTwins, twin } from '../servers/log-of-twins.mjs'
import { giveDateBack, moveDateOn, takeDate } from '../date.js'
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
      recorded.push(
        ...(await database.removals.findBy({ key: session.key, outcome: 'pending' })).map(({ key }) => key!),
      )
      return end(session, signal)
    }
    const removals = await remove(['a', 'c'])
    expect(removals.map(({ key, outcome }) => [key, outcome])).toEqual([['a', 'ended'], ['c', 'ended']]) // prettier-ignore
    expect(recorded.sort()).toEqual(['a', 'c'])
    expect(source.ended.sort()).toEqual(['a', 'c'])
    expect(await keys()).toEqual(['b'])
    expect(removals[0]).toMatchObject({
      startedAt: expect.any(Date),
      finishedAt: expect.any(Date),
      login: 'a',
      session: expect.objectContaining({ key: 'a' }),
    })
  })

  test('the same batch sent twice ends nothing twice', async () => {
    const { source, remove } = await started(['a'])
    const batch = crypto.randomUUID()
    const both = await Promise.all([remove(['a'], { batch }), remove(['a'], { batch })])
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
    ['login', { login: 'mallory' }, "It was a's when its end was asked for; now it is somebody else's."],
    [
      'address',
      { ip: '198.51.100.9' },
      'It came from 192.0.2.1 when its end was asked for, and comes from elsewhere now.',
    ],
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
    // An adapter's own words are kept as they are.
    expect(removals[1]!.said).toEqual(['Not allowed: run the back office as root.'])
  })

  test('what an adapter of this package refuses is on record by its key and what it fills in, and in English', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-refusals-'))
    try {
      const made = await backEnd(logServer(logOfTwins(join(directory, 'ftp.log')) as LogServerOptions), {
        pollEvery: 60_000,
      })
      running.push(made)
      made.start()
      await until('the rows', async () => (await made.keys()).length === 4)
      const removals = await made.remove(await made.keys())
      const one = 'the log does not tell them apart: none is ended, as it may be the wrong one.'
      const refused = (login: unknown, word: string) => ({
        outcome: 'refused',
        message: `${word} has several sessions from 192.0.2.1, and ${one}`,
        said: [{ key: 'logTwins', values: { login, ip: '192.0.2.1' } }],
      })
      expect(removals.sort((one, other) => Number(one.login !== null) - Number(other.login !== null))).toMatchObject([
        ...Array(2).fill(refused({ key: 'somebody' }, 'Somebody')),
        ...Array(2).fill(refused(twin, twin)),
      ])
    } finally {
      rmSync(directory, { recursive: true })
    }
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

  test.each([
    ['could not be read', () => Promise.reject(new Error('The connection was lost.'))],
    ['shows the session still there', undefined],
  ])('who was stopped for a minute in the middle of it looks again where the source %s', async (_, first) => {
    const source = fakeSource()
    const { remove } = await started(['a'], source, { endsWithin: 10_000 })
    const real = performance.now.bind(performance)
    const list = source.list
    let isStopped = false
    source.end = async ({ key }) => {
      source.list = async (signal) => {
        // A minute later the machine goes on, and so does what ends the session.
        if (!isStopped) {
          isStopped = true
          jest.spyOn(performance, 'now').mockImplementation(() => real() + 60_000)
          if (first) return first()
          return list(signal)
        }
        source.sessions.delete(key)
        return list(signal)
      }
      return 'asked'
    }
    try {
      expect((await remove(['a']))[0]).toMatchObject({ outcome: 'ended' })
      expect(isStopped).toBe(true)
    } finally {
      jest.restoreAllMocks()
    }
  })

  test('an end that only a log would show is unknown, not failed', async () => {
    const { remove } = await started(['a'], fakeSource({ evidence: 'log', end: async () => 'asked' }), {
      endsWithin: 100,
    })
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'unknown' })
  })

  test('a source that cannot be read ends nothing and says so', async () => {
    const { source, remove } = await started(['a'])
    source.list = async () => {
      throw new Error('no scoreboard')
    }
    expect((await remove(['a']))[0]).toMatchObject({
      outcome: 'failed',
      message: 'fake could not be read, so nothing was ended: no scoreboard',
    })
    expect(source.ended).toEqual([])
  })

  test('pending records of a process that ended are settled at the next start', async () => {
    const { source, collector, records, rows, database } = await engine()
    source.add('never-begun')
    source.add('in-the-middle')
    await collector.poll()
    const batch = crypto.randomUUID()
    for (const row of await rows()) {
      await records.ask([
        {
          batch, recordId: row.id, kind: 'ftp', removedVia: 'admin', host: 'test-host', source: 'fake', key: row.key, login: row.login, ip: row.ip,
          ...(row.key === 'in-the-middle' ? { takenBy: 'a process that was stopped', beat: -1, startedAt: new Date() } : {}),
        }, // prettier-ignore
      ])
    }
    source.sessions.delete('in-the-middle')
    const next = await backEnd(source, { database, pollEvery: 60_000 })
    next.start()
    const removals = await next.records.outcomes(batch, 'ftp', 5000)
    expect(removals.map(({ key, outcome }) => [key, outcome]).sort()).toEqual([
      ['in-the-middle', 'ended'],
      ['never-begun', 'ended'],
    ])
    expect(removals.find(({ key }) => key === 'in-the-middle')?.message).toMatch(/stopped in the middle/)
    await Promise.all([next.removals.stop(), next.collector.stop()])
  })

  test('a stubborn batch does not hold up the next one', async () => {
    const source = fakeSource()
    const end = source.end
    source.end = async (session, signal) => (session.key === 'stubborn' ? 'asked' : end(session, signal))
    const { remove, records } = await started(['quick', 'stubborn'], source, { endsWithin: 30_000 })
    const batch = crypto.randomUUID()
    await remove(['stubborn'], { batch, wait: 0 })
    expect((await remove(['quick']))[0].outcome).toBe('ended')
    expect((await records.outcomes(batch, 'ftp', 0))[0].outcome).toBe('pending')
  })

  test('500 sessions at once each get their own outcome', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `s${i}`)
    const { remove, source } = await started(keys)
    const removals = await remove(keys, { wait: 20_000 })
    expect(removals.map(({ outcome }) => outcome)).toEqual(keys.map(() => 'ended'))
    expect(source.sessions.size).toBe(0)
  })
})

describe('an end by force', () => {
  test('is the source’s other end, with an outcome of its own', async () => {
    const forced: string[] = []
    const source = fakeSource({ end: async () => 'asked' })
    source.byForce = {
      leaves: 'half a file',
      end: async ({ key }) => {
        forced.push(key)
        source.sessions.delete(key)
        return 'asked'
      },
    }
    const { remove, status } = await started(['a'], source, { endsWithin: 100 })
    expect((await status()).byForce).toBe('half a file')
    expect((await remove(['a']))[0]).toMatchObject({ outcome: 'failed' })
    expect(forced).toEqual([])
    expect((await remove(['a'], { byForce: true }))[0]).toMatchObject({ outcome: 'ended' })
    expect(forced).toEqual(['a'])
  })
})

test('a source that can only check by another list gets one for all that are ended at the same time', async () => {
  const source = fakeSource()
  let lists = 0
  const list = source.list
  source.list = async (signal) => {
    lists++
    return list(signal)
  }
  let fresh = 0
  source.end = async ({ key }, _signal, latest) => {
    const before = lists
    expect((await latest()).some((session) => session.key === key)).toBe(true)
    fresh += lists - before
    source.sessions.delete(key)
    return 'asked'
  }
  const keys = Array.from({ length: 16 }, (_, i) => `s${i}`)
  const { remove } = await started(keys, source)
  const before = lists
  expect(new Set((await remove(keys)).map(({ outcome }) => outcome))).toEqual(new Set(['ended']))
  // The first look, the common list, and the look afterwards.
  expect(lists - before).toBeLessThanOrEqual(4)
  expect(fresh).toBeGreaterThan(0)
})

describe('a panel session', () => {
  const panel = () => fakeSource({ kind: 'panel' } as never)

  test('that seems to have gone is held all the same, before that is decided', async () => {
    const source = panel()
    const { remove, holds } = await started(['a'], source as never)
    source.sessions.delete('a')
    const [removal] = await remove(['a'])
    expect(removal.outcome).toBe('already-gone')
    expect(holds.remembers('fake', 'session', 'a')).toBe(true)
  })

  test('that comes back between the first look and the hold is ended, and counts as ended', async () => {
    const source = panel()
    const { remove, holds } = await started(['a'], source as never)
    source.sessions.delete('a')
    const add = holds.add.bind(holds)
    holds.add = async (all) => {
      source.add('a')
      await add(all)
    }
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect(new Set(source.ended)).toEqual(new Set(['a']))
    expect(source.sessions.size).toBe(0)
  })

  test('that comes back and is ended by its hold before the removal looks again counts as ended', async () => {
    const source = panel()
    const { remove, holds, collector } = await started(['a'], source as never)
    source.sessions.delete('a')
    const add = holds.add.bind(holds)
    holds.add = async (all) => {
      source.add('a')
      await add(all)
      await collector.poll()
      await until('its end by another poll', () => source.ended.length > 0)
    }
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect(new Set(source.ended)).toEqual(new Set(['a']))
  })

  test('that a guard has taken out for the hold was ended by it', async () => {
    const source = panel()
    const { remove, holds } = await started(['a'], source as never)
    const add = holds.add.bind(holds)
    holds.add = async (all) => {
      await add(all)
      source.sessions.delete('a')
    }
    expect((await remove(['a']))[0].outcome).toBe('ended')
  })

  test('that comes back and that another process then takes out for the hold counts as ended', async () => {
    const source = panel()
    // The guard of another process tells nobody here.
    source.end = async ({ key }) => {
      source.ended.push(key)
      source.sessions.delete(key)
      return 'already-gone'
    }
    const { remove, holds } = await started(['a'], source as never)
    source.sessions.delete('a')
    const add = holds.add.bind(holds)
    holds.add = async (all) => {
      await add(all)
      source.add('a')
    }
    expect((await remove(['a']))[0].outcome).toBe('ended')
  })

  test('that goes on under another id is asked for again until it is gone', async () => {
    const source = panel()
    let ids = 3
    source.end = async ({ key }) => {
      source.ended.push(key)
      if (--ids === 0) source.sessions.delete(key)
      return 'asked'
    }
    const { remove } = await started(['a'], source as never)
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect(source.ended.length).toBeGreaterThanOrEqual(3)
  })

  test('is held although its store cannot be read, and says so', async () => {
    const source = panel()
    const { remove, holds } = await started(['a'], source as never, { endsWithin: 100 })
    source.list = async () => {
      throw new Error('ECONNREFUSED')
    }
    expect((await remove(['a']))[0]).toMatchObject({
      outcome: 'unknown',
      message: 'It is kept out from now on, but fake could not be read afterwards: ECONNREFUSED',
    })
    expect(holds.remembers('fake', 'session', 'a')).toBe(true)
  })

  test('whose person has changed networks is still that person’s', async () => {
    const source = panel()
    const { remove } = await started(['a'], source as never)
    source.add('a', { ip: '198.51.100.9' })
    expect((await remove(['a']))[0].outcome).toBe('ended')
  })

  test('of somebody else than the admin saw is neither held nor ended', async () => {
    const source = panel()
    const { remove, holds } = await started(['a'], source as never)
    source.add('a', { login: 'mallory' })
    expect((await remove(['a']))[0].outcome).toBe('refused')
    expect(holds.remembers('fake', 'session', 'a')).toBe(false)
    expect(source.ended).toEqual([])
  })

  test('whose login is kept out is ended again whenever it is seen, until its release', async () => {
    const source = fakeSource({ kind: 'panel', keepOut: { by: ['login'], apply: async () => {} } } as never)
    const { remove, holds } = await started(['a'], source as never, { pollEvery: 50 })
    const [removal] = await remove(['a'], { keepOutBy: 'login', keepOutUntil: new Date(Date.now() + 60_000) })
    source.add('b', { login: 'a' })
    await until('it is ended', () => source.ended.includes('b'))
    await holds.releaseOf([removal.id], ['login'])
    const looks = source.looks
    source.add('c', { login: 'a' })
    await until('some looks', () => source.looks > looks + 3)
    expect(source.ended).not.toContain('c')
  })

  test('is held before it is ended, and ended again on every look when it comes back', async () => {
    const source = fakeSource({ kind: 'panel' } as never)
    const { remove, holds, keys } = await started(['a'], source as never, { pollEvery: 50 })
    const end = source.end
    let heldAtEnd = false
    source.end = async (session, signal) => {
      heldAtEnd = holds.remembers('fake', 'session', session.key)
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
    await holds.add([
      { host: 'h', source: 'fake', by: 'session', value: 'other', until: null, removalId: 1 },
      { host: 'h', source: 'fake', by: 'session', value: 'a', until: null, removalId: 77 },
    ])
    expect((await remove(['a']))[0].outcome).toBe('refused')
    await until('released', async () => (await holds.of('fake')).every(({ removalId, value }) => removalId === 77 || value === 'other')) // prettier-ignore
    // What somebody else has asked for stands.
    expect(holds.remembers('fake', 'session', 'a')).toBe(true)
  })
})

describe('removal when idle', () => {
  test('waits for the end of the transfer, and is not hurried by looks', async () => {
    const { source, remove, records } = await started(['a'], fakeSource(), { pollEvery: 50 })
    source.add('a', { status: 'uploading' })
    await source.site!.changed()
    const batch = crypto.randomUUID()
    const looksBefore = source.looks
    await until('the upload is seen', async () => source.looks > looksBefore + 2)
    const take = jest.spyOn(records, 'take')
    expect((await remove(['a'], { batch, whenIdle: true, wait: 300 }))[0].outcome).toBe('pending')
    const looks = source.looks
    await until('some more looks', () => source.looks > looks + 3)
    expect(source.ended).toEqual([])
    // Nor taken and put back at each look, which would write.
    expect(take.mock.calls.flatMap(([removals]) => removals)).toEqual([])
    source.add('a', { status: 'idle' })
    expect((await records.outcomes(batch, 'ftp', 5000))[0].outcome).toBe('ended')
  })

  test('a removal without waiting ends it all the same', async () => {
    const { source, remove, records } = await started(['a'], fakeSource(), { pollEvery: 50 })
    source.add('a', { status: 'downloading' })
    const looks = source.looks
    await until('the download is seen', () => source.looks > looks + 2)
    const waiting = crypto.randomUUID()
    await remove(['a'], { batch: waiting, whenIdle: true, wait: 0 })
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect((await records.outcomes(waiting, 'ftp', 5000))[0].outcome).toBe('already-gone')
  })
})

describe('keeping out', () => {
  function keeper() {
    const applied: { by: string; value: string }[][] = []
    const source = fakeSource({
      keepOut: {
        by: ['login', 'ip'],
        apply: async (all) => void applied.push(all.map(({ by, value }) => ({ by, value }))),
      },
    })
    return { source, applied }
  }
  const soon = () => new Date(Date.now() + 60_000)

  test('is committed and in force before the end, and set anew at the next start', async () => {
    const { source, applied } = keeper()
    const { remove, database } = await started(['a'], source)
    await until('nobody is kept out', () => applied.length > 0)
    expect(applied).toEqual([[]])
    const [removal] = await remove(['a'], { keepOutBy: 'login', keepOutUntil: soon() })
    expect(removal.outcome).toBe('ended')
    expect(applied.at(-1)).toEqual([{ by: 'login', value: 'a' }])
    expect(await database.holds.find()).toEqual([
      expect.objectContaining({ by: 'login', value: 'a', removalId: removal.id }),
    ])
    const after = keeper()
    const next = await backEnd(after.source, { database, pollEvery: 60_000 })
    await next.collector.poll()
    await until('the set is put in force', () => after.applied.length > 0)
    expect(after.applied).toEqual([[{ by: 'login', value: 'a' }]])
    await next.collector.stop()
  })

  test('ends when its time is up', async () => {
    const { source, applied } = keeper()
    const { remove } = await started(['a'], source, { pollEvery: 50 })
    takeDate()
    try {
      await remove(['a'], { keepOutBy: 'ip', keepOutUntil: soon() })
      expect(applied.at(-1)).toEqual([{ by: 'ip', value: '192.0.2.1' }])
      moveDateOn(60_000)
      await until('nobody is kept out', () => applied.at(-1)!.length === 0)
    } finally {
      giveDateBack()
    }
  })

  test('what cannot be kept out is said with the outcome, and does not look as if it were', async () => {
    const { source } = keeper()
    const { remove, database } = await started(['a'], source)
    source.keepOut!.apply = async () => {
      throw new Error('ftpdctl: access denied')
    }
    const [removal] = await remove(['a'], { keepOutBy: 'login', keepOutUntil: soon() })
    expect(removal).toMatchObject({ outcome: 'ended', message: 'Could not be kept out: ftpdctl: access denied' })
    expect(await database.holds.findBy({ by: 'login' })).toEqual([])
  })

  test('each name succeeds or fails by itself, and what others have asked for stands', async () => {
    const { source, applied } = keeper()
    const { remove, holds, database } = await started(['a', 'b', 'c'], source)
    await holds.add([
      { host: 'h', source: 'fake', by: 'login', value: 'a', until: soon(), removalId: 77 },
      { host: 'h', source: 'fake', by: 'login', value: 'b', until: soon(), removalId: 78 },
    ])
    const apply = source.keepOut!.apply
    source.keepOut!.apply = async (all, signal) => {
      await apply(all, signal)
      throw new KeepOutFailed('mod_ban does not keep out: user b, user elsewhere.', [
        { by: 'login', value: 'b' },
        { by: 'login', value: 'elsewhere' },
        { by: 'ip', value: '192.0.2.1' },
      ])
    }
    const removals = await remove(['a', 'b', 'c'], { keepOutBy: 'login', keepOutUntil: soon() })
    expect(removals.map(({ login, outcome, message }) => [login, outcome, message])).toEqual([
      ['a', 'ended', null],
      ['b', 'ended', 'Could not be kept out: mod_ban does not keep out: user b, user elsewhere.'],
      ['c', 'ended', null],
    ])
    const standing = (await database.holds.findBy({ by: 'login' })).map(({ value, removalId }) => [value, removalId])
    expect(standing.sort()).toEqual([['a', 77], ['a', removals[0].id], ['b', 78], ['c', removals[2].id]].sort()) // prettier-ignore
    expect(
      applied
        .at(-1)!
        .map(({ value }) => value)
        .sort(),
    ).toEqual(['a', 'b', 'c'])
  })

  test('the source is told of the longest of several, whatever their order', async () => {
    const { source } = keeper()
    const untils: (Date | undefined)[] = []
    source.keepOut!.apply = async (all) => void untils.push(all.find(({ value }) => value === 'a')?.until)
    const { holds, collector } = await started(['a'], source)
    const [long, short] = [new Date(Date.now() + 30 * 24 * 3600_000), soon()]
    const hold = { host: 'h', source: 'fake', by: 'login' as const, value: 'a' }
    // At once: what is in force is not told anew for a hold that makes no difference.
    await holds.add([
      { ...hold, until: long, removalId: 1 },
      { ...hold, until: short, removalId: 2 },
    ])
    await collector.poll()
    await until('it is told', () => untils.at(-1) !== undefined)
    expect(untils.at(-1)).toEqual(long)
  })

  test('bans are put in force again once a minute, whatever the clock on the wall says', async () => {
    const { source, applied } = keeper()
    const { remove, collector } = await started(['a'], source)
    await remove(['a'], { keepOutBy: 'login', keepOutUntil: new Date(Date.now() + 24 * 3600_000) })
    const wall = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3600_000)
    const now = performance.now()
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 61_000)
    try {
      const before = applied.length
      await collector.poll()
      await until('once more', () => applied.length > before)
    } finally {
      wall.mockRestore()
      clock.mockRestore()
    }
  })
})

describe('coming back', () => {
  const now = () => new Date()

  test('is noted on the removal when the same login returns from the same address', async () => {
    const { source, remove, records } = await started(['a'], fakeSource(), { pollEvery: 50 })
    const [removal] = await remove(['a'])
    source.add('another login', { login: 'b', connectedAt: now() })
    source.add('another address', { login: 'a', ip: '192.0.2.99', connectedAt: now() })
    source.add('from before', { login: 'a', connectedAt: new Date(Date.now() - 60_000) })
    const looks = source.looks
    await until('they are seen', () => source.looks > looks + 2)
    expect((await records.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt).toBeNull()
    source.add('it is back', { login: null, connectedAt: now() })
    source.add('it is back', { login: 'a', connectedAt: now() })
    await until('the note', async () => (await records.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt)
  })

  test('before the outcome was written counts too', async () => {
    const source = fakeSource()
    const end = source.end
    source.end = async (session, signal) => {
      source.add('at once', { login: 'a', connectedAt: now() })
      return end(session, signal)
    }
    const { remove, records } = await started(['a'], source)
    const [removal] = await remove(['a'])
    await until('the note', async () => (await records.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt)
  })
})

describe('a database that does not answer', () => {
  test('does not hold up the guard: it answers from memory', async () => {
    const { holds, database } = await engine()
    await holds.add([{ host: 'h', source: 'fake', by: 'session', value: 'known', until: null, removalId: null }])
    database.holds.find = () => new Promise(() => {})
    expect(await holds.isHeld('fake', 'session', 'known')).toBe(true)
    const many = Array.from({ length: 100 }, (_, i) => holds.isHeld('fake', 'session', `s${i}`))
    expect(new Set(await Promise.all(many))).toEqual(new Set([false]))
  })
})
