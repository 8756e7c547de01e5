import { afterEach, describe, expect, test } from '@jest/globals'
import { RemovalRefused } from '../../src/collectors/engine/session-source.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'
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
    ['login', { login: 'mallory' }, 'It was a when its end was asked for, and is mallory now.'],
    [
      'address',
      { ip: '198.51.100.9' },
      'It came from 192.0.2.1 when its end was asked for, and from 198.51.100.9 now.',
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
    await remove(['stubborn'], { batch, wait: 0 })
    expect((await remove(['quick']))[0].outcome).toBe('ended')
    expect((await requests.outcomes(batch, 'ftp', 0))[0].outcome).toBe('pending')
  })

  test('500 sessions at once each get their own outcome', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `s${i}`)
    const { remove, source } = await started(keys)
    const removals = await remove(keys, { wait: 20_000 })
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

describe('removal when idle', () => {
  test('waits for the end of the transfer, and is not hurried by looks', async () => {
    const { source, remove, requests } = await started(['a'], fakeSource(), { pollEvery: 50 })
    source.add('a', { status: 'uploading' })
    await source.site!.changed()
    const batch = crypto.randomUUID()
    const looksBefore = source.looks
    await until('the upload is seen', async () => source.looks > looksBefore + 2)
    expect((await remove(['a'], { batch, whenIdle: true, wait: 300 }))[0].outcome).toBe('pending')
    const looks = source.looks
    await until('some more looks', () => source.looks > looks + 3)
    expect(source.ended).toEqual([])
    source.add('a', { status: 'idle' })
    expect((await requests.outcomes(batch, 'ftp', 5000))[0].outcome).toBe('ended')
  })

  test('a removal without waiting ends it all the same', async () => {
    const { source, remove, requests } = await started(['a'], fakeSource(), { pollEvery: 50 })
    source.add('a', { status: 'downloading' })
    const looks = source.looks
    await until('the download is seen', () => source.looks > looks + 2)
    const waiting = crypto.randomUUID()
    await remove(['a'], { batch: waiting, whenIdle: true, wait: 0 })
    expect((await remove(['a']))[0].outcome).toBe('ended')
    expect((await requests.outcomes(waiting, 'ftp', 5000))[0].outcome).toBe('already-gone')
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
    await next.collector.look()
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
    expect(await database.holds.count()).toBe(0)
  })
})

describe('coming back', () => {
  const now = () => new Date()

  test('is noted on the removal when the same login returns from the same address', async () => {
    const { source, remove, requests } = await started(['a'], fakeSource(), { pollEvery: 50 })
    const [removal] = await remove(['a'])
    source.add('another login', { login: 'b', connectedAt: now() })
    source.add('another address', { login: 'a', ip: '192.0.2.99', connectedAt: now() })
    source.add('from before', { login: 'a', connectedAt: new Date(Date.now() - 60_000) })
    const looks = source.looks
    await until('they are seen', () => source.looks > looks + 2)
    expect((await requests.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt).toBeNull()
    source.add('it is back', { login: null, connectedAt: now() })
    source.add('it is back', { login: 'a', connectedAt: now() })
    await until('the note', async () => (await requests.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt)
  })

  test('before the outcome was written counts too', async () => {
    const source = fakeSource()
    const end = source.end
    source.end = async (session, signal) => {
      source.add('at once', { login: 'a', connectedAt: now() })
      return end(session, signal)
    }
    const { remove, requests } = await started(['a'], source)
    const [removal] = await remove(['a'])
    await until('the note', async () => (await requests.outcomes(removal.batch, 'ftp', 0))[0].cameBackAt)
  })
})

describe('a database that does not answer', () => {
  test('does not hold up the guard: it answers from memory', async () => {
    const { holds, database } = await engine()
    await holds.add([{ host: 'h', source: 'fake', by: 'session', value: 'known', until: null, removalId: null }])
    database.holds.findOneBy = () => new Promise(() => {})
    expect(await holds.isHeld('fake', 'session', 'known')).toBe(true)
    const many = Array.from({ length: 100 }, (_, i) => holds.isHeld('fake', 'session', `s${i}`))
    expect(new Set(await Promise.all(many))).toEqual(new Set([false]))
  })
})
