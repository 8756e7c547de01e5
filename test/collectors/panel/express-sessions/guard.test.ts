import { afterEach, describe, expect, jest, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import {
  expressSessions,
  type ExpressSessionsOptions,
} from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-id.js'
import { pollMark } from '../../../../src/session-source.js'
import { until } from '../../../until.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { end, FakeSite, list } from './fake-site.js'

const never = new AbortController().signal
let office: BackOffice | undefined

afterEach(async () => {
  await office?.close()
  office = undefined
})

async function guarded<S extends session.Store>(
  store: S,
  login = '/login/alice',
  options: Partial<ExpressSessionsOptions> = {},
) {
  const site = new FakeSite()
  const source = expressSessions({ store, ...options })
  await source.start!(site, never)
  office = await backOffice(express, store)
  const browser = new Browser(office.url)
  await browser.go('POST', login)
  const [alice] = await list(source)
  return { store, site, source, office, browser, alice: alice! }
}

test('a store that is used before its source has been started answers with an error', async () => {
  const store = new session.MemoryStore()
  expressSessions({ store })
  office = await backOffice(express, store)
  const browser = new Browser(office.url)
  await browser.go('POST', '/login/alice')
  expect((await browser.go('GET', '/who')).text).toContain('was used before createSessions() had resolved')
  const failed = jest.fn()
  for (const call of [
    (callback: never) => store.get('a', callback),
    (callback: never) => store.set('a', {} as never, callback),
    (callback: never) => store.touch('a', {} as never, callback),
  ]) {
    await new Promise<void>((resolve) => call(((error: unknown) => (failed(String(error)), resolve())) as never))
  }
  expect(failed.mock.calls).toHaveLength(3)
  for (const [message] of failed.mock.calls) expect(message).toContain('was used before createSessions()')
})

test('an ended session is out at the next request, and its browser may log in anew', async () => {
  const { source, site, browser, alice } = await guarded(new session.MemoryStore())
  expect(await end(source, site, alice)).toBe('asked')
  expect(await list(source)).toEqual([])
  expect((await browser.go('GET', '/who')).text).toBe('nobody')
  await browser.go('POST', '/login/alice')
  expect((await browser.go('GET', '/who')).text).toBe('alice')
})

test('a session that went by itself is already gone', async () => {
  const { source, site, browser, alice } = await guarded(new session.MemoryStore())
  await browser.go('POST', '/logout')
  expect(await end(source, site, alice)).toBe('already-gone')
})

test('a write that is on its way is waited for, and then destroyed', async () => {
  const nothing = () => {}
  let arrive = nothing
  class SlowStore extends session.MemoryStore {
    slow = false
    override set(sid: string, data: session.SessionData, callback?: () => void) {
      if (!this.slow) return super.set(sid, data, callback)
      arrive = () => super.set(sid, data, callback)
    }
  }
  const { store, source, site, browser, office, alice } = await guarded(new SlowStore())
  store.slow = true
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/change')
  ;(await held)()
  await until('the write is on its way', () => arrive !== nothing)
  let over = false
  const ended = end(source, site, alice).then(() => (over = true))
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
  expect(over).toBe(false)
  arrive()
  await ended
  expect(store['sessions' as never]).toEqual({})
  await answer
  expect(store['sessions' as never]).toEqual({})
})

test('a request that loaded an ended session cannot save it under another id', async () => {
  const { store, source, site, browser, office, alice } = await guarded(new session.MemoryStore())
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/regenerate')
  const release = await held
  await end(source, site, alice)
  release()
  await answer
  expect(keyOf(browser.sid)).not.toBe(alice.key)
  expect((await browser.go('GET', '/who')).text).toBe('nobody')
  expect(store['sessions' as never]).toEqual({})
})

test('what a request saves of an ended session is not written, not even for a moment', async () => {
  class CountingStore extends session.MemoryStore {
    writes = 0
    override set(...call: Parameters<session.MemoryStore['set']>) {
      this.writes++
      super.set(...call)
    }
  }
  const { store, source, site, browser, office, alice } = await guarded(new CountingStore())
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/change')
  const release = await held
  await end(source, site, alice)
  const before = store.writes
  release()
  await answer
  expect(store.writes).toBe(before)
})

/** How the engine tells who is held. */
const asKnown = [
  ['at once', true],
  ['later', false],
] as const

test.each(asKnown)(
  'a login that is kept out, known %s, is out with its session, and with any new one',
  async (...[, atOnce]) => {
    const { site, browser, office } = await guarded(new session.MemoryStore())
    site.knowsAtOnce = atOnce
    site.heldLogins.add('alice')
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    const another = new Browser(office.url)
    await another.go('POST', '/login/alice')
    expect((await another.go('GET', '/who')).text).toBe('nobody')
    await another.go('POST', '/login/bob')
    expect((await another.go('GET', '/who')).text).toBe('bob')
  },
)

describe('two sessions at once', () => {
  /** Two persons' sessions, and their data as a store hands it out. */
  const both = async () => {
    const { store, site, source, browser } = await guarded(new session.MemoryStore())
    const other = new Browser(office!.url)
    await other.go('POST', '/login/bob')
    const sids = [browser.sid, other.sid]
    const get = store.get.bind(store) as unknown as (sid: string) => Promise<session.SessionData>
    const requests = sids.map((sessionID) => ({ sessionID, method: 'GET', headers: {} }) as never)
    const kept = () => Object.keys(store['sessions' as never]).sort()
    return { store, site, source, sids, get, requests, kept }
  }

  test('whose data is read in another order than it is used in are not taken for one another', async () => {
    const { store, site, sids, get, requests, kept } = await both()
    const data = [await get(sids[0]!), await get(sids[1]!)]
    const alice = store.createSession(requests[0]!, data[0]!)
    site.held.add(keyOf(sids[0]!))
    await (store.touch as (...args: unknown[]) => unknown)(sids[0]!, alice)
    expect(kept()).toEqual([sids[1]])
  })

  test('in one request: the one that is held is out, and so is what is saved of the other', async () => {
    for (const held of [0, 1]) {
      const { store, site, sids, get, requests, kept } = await both()
      store.createSession(requests[0]!, await get(sids[0]!))
      const saved = store.createSession(Object.assign(requests[0]!, { sessionID: sids[1] }), await get(sids[1]!))
      site.held.add(keyOf(sids[held]!))
      await (store.touch as (...args: unknown[]) => unknown)(sids[1]!, saved)
      expect(kept()).toEqual([sids[0]])
      await office!.close()
      office = undefined
    }
  })
})

test('where the holds cannot be asked for, requests go on', async () => {
  const { site, browser } = await guarded(new session.MemoryStore())
  site.isHeld = async () => Promise.reject(new Error('the database is away'))
  expect((await browser.go('GET', '/who')).text).toBe('alice')
})

describe('a store that fails', () => {
  class FailingStore extends session.MemoryStore {
    fail = ''
    override get(...[sid, callback]: Parameters<session.MemoryStore['get']>) {
      if (this.fail === 'get') return callback(new Error('get failed'))
      super.get(sid, callback)
    }
    override destroy(sid: string, callback?: (error?: unknown) => void) {
      if (this.fail === 'destroy') return callback?.(new Error(`unlink /sessions/${sid}.json: no permission`))
      if (this.fail === 'destroy, and says nothing') return callback?.()
      super.destroy(sid, callback)
    }
  }

  test('to destroy: end fails with its reason, without the session id', async () => {
    const { store, source, site, browser, alice } = await guarded(new FailingStore())
    store.fail = 'destroy'
    await expect(end(source, site, alice)).rejects.toThrow(
      'The session store could not destroy the session: unlink /sessions/(session id).json: no permission',
    )
    // All the same it is of no use to anybody.
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
  })

  test('to destroy and says nothing: the session is still listed', async () => {
    const { store, source, site, alice } = await guarded(new FailingStore())
    store.fail = 'destroy, and says nothing'
    expect(await end(source, site, alice)).toBe('asked')
    expect(await list(source)).toMatchObject([{ key: alice.key }])
  })

  test('to write to a session that has just been ended: its request does not notice', async () => {
    class Store extends session.MemoryStore {
      beforeTouch = () => {}
      override touch(...[, , callback]: Parameters<session.MemoryStore['touch']>) {
        this.beforeTouch()
        ;(callback as (error: unknown) => void)(new Error('ENOENT'))
      }
    }
    const { store, site, browser, alice } = await guarded(new Store())
    const touched = () =>
      new Promise((resolve) => store.touch(browser.sid, { cookie: {} } as never, resolve as () => void))
    expect(String(await touched())).toBe('Error: ENOENT')
    store.beforeTouch = () => site.held.add(alice.key)
    expect(await touched()).toBeNull()
  })

  test('to get: the request fails as without a guard, and the session can still be ended', async () => {
    const { store, source, site, browser, alice } = await guarded(new FailingStore())
    store.fail = 'get'
    expect((await browser.go('GET', '/who')).status).toBe(500)
    expect(await end(source, site, alice)).toBe('asked')
    expect(await list(source)).toEqual([])
  })
})

describe('functions that answer in their own way', () => {
  test('by a promise that rejects without calling back', async () => {
    class Store extends session.MemoryStore {
      override touch = async () => {
        throw new Error('touch failed')
      }
    }
    const { store } = await guarded(new Store())
    const error = await new Promise((resolve) => store.touch('a', { cookie: {} } as never, resolve as () => void))
    expect(String(error)).toBe('Error: touch failed')
  })

  test('without a callback they answer by a promise', async () => {
    const { store, browser } = await guarded(new session.MemoryStore())
    const data = (await (store.get as (sid: string) => unknown)(browser.sid)) as session.SessionData
    expect(data.adminUser).toMatchObject({ email: 'alice' })
  })

  test('what a callback throws is its own, and no error of the store', async () => {
    let seen: unknown
    class Careful extends session.MemoryStore {
      override get(sid: string, callback: (error: unknown, data?: session.SessionData | null) => void) {
        super.get(sid, (error, data) => {
          try {
            callback(error, data)
          } catch (thrown) {
            seen = thrown
            callback(thrown)
          }
        })
      }
    }
    const { store, browser } = await guarded(new Careful())
    const thrown: unknown[] = []
    const called = jest.fn(() => {
      // It would end this process, as it should.
      jest.spyOn(process, 'nextTick').mockImplementation((turn) => {
        try {
          turn()
        } catch (error) {
          thrown.push(error)
        }
      })
      throw new Error('an error of the host')
    })
    store.get(browser.sid, called)
    await until('it was called', () => called.mock.calls.length > 0)
    jest.restoreAllMocks()
    expect(thrown.map(String)).toEqual(['Error: an error of the host'])
    expect(seen).toBeUndefined()
    expect(called).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['a request', {}],
    ['a poll, which touches nothing', { [pollMark]: '1' }],
  ])('a store that calls back at once does so for %s when its function has returned', async (_whose, headers) => {
    class AtOnce extends session.MemoryStore {
      override touch(_sid: string, _data: session.SessionData, callback?: () => void) {
        callback?.()
      }
    }
    const { store, browser } = await guarded(new AtOnce())
    const data = (await (store.get as (sid: string) => unknown)(browser.sid)) as session.SessionData
    const loaded = store.createSession({ sessionID: browser.sid, method: 'GET', headers } as never, data)
    const order: string[] = []
    await new Promise<void>((resolve) => {
      store.touch(browser.sid, loaded as never, () => {
        order.push('called back')
        resolve()
      })
      order.push('returned')
    })
    expect(order).toEqual(['returned', 'called back'])
  })

  test('whoever is called back while another of its functions is called does not get past the guard', async () => {
    /** Answers what was asked when the next is asked. */
    class Lazy extends session.MemoryStore {
      private waiting: (() => void)[] = []
      lazy = false
      override get(sid: string, callback: (error: unknown, data?: session.SessionData | null) => void) {
        this.waiting.splice(0).forEach((answer) => answer())
        if (!this.lazy) return super.get(sid, callback)
        super.get(sid, (error, data) => this.waiting.push(() => callback(error, data)))
      }
    }
    const { store, site, browser, alice } = await guarded(new Lazy())
    store.lazy = true
    const saved = new Promise<void>((resolve) =>
      store.get(browser.sid, (_error, data) => {
        // It has just been ended, and is gone; this would bring it back.
        site.held.add(alice.key)
        delete store['sessions' as never][browser.sid as never]
        store.set(browser.sid, data!, () => resolve())
      }),
    )
    await until('the store has it', () => store['waiting' as never]['length'] > 0)
    store.get('another', () => {})
    await saved
    expect(browser.sid in store['sessions' as never]).toBe(false)
  })

  test('a store with private fields keeps working', async () => {
    class PrivateStore extends session.MemoryStore {
      #sets = 0
      override set(...args: Parameters<session.MemoryStore['set']>) {
        this.#sets++
        super.set(...args)
      }
      get sets() {
        return this.#sets
      }
    }
    const { store } = await guarded(new PrivateStore())
    expect(store.sets).toBe(1)
  })

  test('what a store touches itself while it writes for a poll is touched', async () => {
    class SetsByTouch extends session.MemoryStore {
      touches = 0
      override set(sid: string, data: session.SessionData, callback?: () => void) {
        super.set(sid, data)
        this.touch(sid, data, callback)
      }
      override touch(...call: Parameters<session.MemoryStore['touch']>) {
        this.touches++
        super.touch(...call)
      }
    }
    const { store, browser, office } = await guarded(new SetsByTouch())
    const before = store.touches
    const held = office.gate.heldRequest()
    const answer = browser.go('GET', '/change', { [pollMark]: '1' })
    ;(await held)()
    await answer
    expect(store.touches).toBe(before + 1)
  })

  test('a store without touch has none afterwards', () => {
    const store = new session.MemoryStore()
    store.touch = undefined as never
    expressSessions({ store })
    expect(store.touch).toBeUndefined()
  })
})

test('unsafe settings are warned of once, where a logon shows them', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const store = new session.MemoryStore()
  const source = expressSessions({ store })
  await source.start!(new FakeSite(), never)
  office = await backOffice(express, store, { cookie: {}, saveUninitialized: true })
  for (let i = 0; i < 2; i++) {
    const browser = new Browser(office.url)
    await browser.go('GET', '/who')
    await browser.go('POST', '/login-in-place/alice')
  }
  const codes = warned.mock.calls.map(([, options]) => (options as { code: string }).code)
  expect(codes.sort()).toEqual(['ADMINJS_SESSIONS_FIXATION', 'ADMINJS_SESSIONS_SAMESITE'])
  warned.mockRestore()
})

test('a source that runs already is not started again', async () => {
  const { source } = await guarded(new session.MemoryStore())
  await expect(source.start!(new FakeSite(), never)).rejects.toThrow('give each its own store')
})

describe('a store whose functions use each other', () => {
  /** Destroys only what it has found by its own `get`, in whatever turn `later` gives it. */
  class FindsFirst extends session.MemoryStore {
    destroys = 0
    constructor(private readonly later: (work: () => void) => void) {
      super()
    }
    override destroy(sid: string, callback?: (error?: unknown) => void) {
      this.destroys++
      this.later(() =>
        this.get(sid, (_error, found) =>
          this.later(() => (found ? super.destroy(sid, callback) : callback?.(new Error('there is no such session')))),
        ),
      )
    }
  }

  test.each<[string, (work: () => void) => void]>([
    ['at once', (work) => work()],
    ['after an await', (work) => void Promise.resolve().then(work)],
    ['after a timer', (work) => setTimeout(work, 1)],
  ])('%s: a held session is destroyed once, and not anew for each of its own calls', async (_when, later) => {
    const { store, site, browser, alice } = await guarded(new FindsFirst(later), '/login-in-place/alice')
    site.held.add(alice.key)
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    await until('it is out', () => !(browser.sid in store['sessions' as never]))
    expect(store.destroys).toBe(1)
  })

  test('in a turn of which nobody can tell whose it is, they do not run in a circle', async () => {
    // As with drivers whose callbacks come out of a pool of their own.
    const queue: (() => void)[] = []
    const pool = setInterval(() => queue.splice(0).forEach((work) => work()), 1)
    try {
      const store = new FindsFirst((work) => queue.push(work))
      const { site, browser, alice } = await guarded(store, '/login-in-place/alice')
      site.held.add(alice.key)
      for (let i = 0; i < 3; i++) expect((await browser.go('GET', '/who')).text).toBe('nobody')
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(store.destroys).toBe(1)
    } finally {
      clearInterval(pool)
    }
  })

  test('after it has called back and failed, they do not run in a circle', async () => {
    class Late extends session.MemoryStore {
      destroys = 0
      override destroy(sid: string, callback?: (error?: unknown) => void) {
        this.destroys++
        callback?.(new Error('not now'))
        setTimeout(() => this.get(sid, () => {}), 5)
      }
    }
    const { store, site, browser, alice } = await guarded(new Late(), '/login-in-place/alice')
    site.held.add(alice.key)
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(store.destroys).toBe(1)
  })
})

test('a store whose destroy never calls back does not keep the requests of an ended session waiting', async () => {
  class PromiseOnly extends session.MemoryStore {
    override destroy = (async (sid: string) => {
      await Promise.resolve()
      delete (this['sessions' as never] as Record<string, unknown>)[sid]
    }) as never
  }
  const { store, site, browser, office, alice } = await guarded(new PromiseOnly(), '/login-in-place/alice')
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/change')
  const release = await held
  site.held.add(alice.key)
  release()
  expect((await answer).status).toBe(200)
  expect(store['sessions' as never]).toEqual({})
})

test('a store that keeps the very object that was saved', async () => {
  class SameObject extends session.MemoryStore {
    readonly objects = new Map<string, session.SessionData>()
    override get(...[sid, callback]: Parameters<session.MemoryStore['get']>) {
      setImmediate(callback, null, this.objects.get(sid))
    }
    override set(sid: string, data: session.SessionData, callback?: () => void) {
      this.objects.set(sid, data)
      setImmediate(() => callback?.())
    }
    override destroy(sid: string, callback?: () => void) {
      this.objects.delete(sid)
      setImmediate(() => callback?.())
    }
    override all(callback: (error: unknown, sessions?: never) => void) {
      setImmediate(callback, null, Object.fromEntries(this.objects) as never)
    }
  }
  const { store, source, site, browser, office, alice } = await guarded(new SameObject())
  for (let i = 0; i < 3; i++) await regenerate(office, browser)
  expect(await list(source)).toMatchObject([{ key: alice.key, login: 'alice', loggedInAt: alice.loggedInAt }])
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/change')
  const release = await held
  await end(source, site, (await list(source))[0]!)
  release()
  await answer
  expect((await browser.go('GET', '/who')).text).toBe('nobody')
  expect(store.objects.size).toBe(0)
})

describe('a session that is given another id', () => {
  test('is the same session, also while it has none', async () => {
    const { source, browser, office, alice } = await guarded(new session.MemoryStore())
    const held = office.gate.heldRequest()
    const answer = browser.go('GET', '/regenerate-and-wait')
    const release = await held
    expect(await list(source)).toMatchObject([
      { key: alice.key, login: 'alice', type: 'administrator', loggedInAt: alice.loggedInAt },
    ])
    release()
    await answer
    expect(keyOf(browser.sid)).not.toBe(alice.key)
    expect(await list(source)).toMatchObject([{ key: alice.key, loggedInAt: alice.loggedInAt }])
  })

  test('and is held while it has none is in no list', async () => {
    const { store, source, site, browser, office, alice } = await guarded(new session.MemoryStore())
    const held = office.gate.heldRequest()
    const answer = browser.go('GET', '/regenerate-and-wait')
    const release = await held
    site.held.add(alice.key)
    expect(await list(source)).toEqual([])
    release()
    await answer
    expect(store['sessions' as never]).toEqual({})
  })

  test('by a request that is cut off is gone', async () => {
    const { source, site, browser, office } = await guarded(new session.MemoryStore())
    const { hints } = site
    const held = office.gate.heldRequest()
    const cutOff = new AbortController()
    const answer = browser.go('GET', '/regenerate-and-wait', {}, cutOff.signal).catch(() => 'cut off')
    await held
    expect(await list(source)).toHaveLength(1)
    cutOff.abort()
    expect(await answer).toBe('cut off')
    await until('it is gone', async () => (await list(source)).length === 0)
    // One for the destroy, one for the request that saved nothing.
    expect(site.hints).toBe(hints + 2)
  })

  test('to log out is gone', async () => {
    const { source, browser } = await guarded(new session.MemoryStore())
    await browser.go('POST', '/logout-by-regenerate')
    expect(await list(source)).toEqual([])
  })

  test('by two requests at once is one session, and ends as one', async () => {
    const { store, source, site, browser, office, alice } = await guarded(new session.MemoryStore())
    const twin = new Browser(office.url)
    twin.cookie = browser.cookie
    const held = [office.gate.heldRequest(), office.gate.heldRequest()]
    const answers = [browser.go('GET', '/regenerate'), twin.go('GET', '/regenerate')]
    for (const release of await Promise.all(held)) release()
    await Promise.all(answers)
    expect(browser.sid).not.toBe(twin.sid)
    const listed = await list(source)
    expect(listed).toMatchObject([{ key: alice.key }])
    await end(source, site, listed[0]!)
    expect(store['sessions' as never]).toEqual({})
  })

  test('where who is logged in is put back only after it was saved and read again', async () => {
    const { source, browser, alice } = await guarded(new session.MemoryStore())
    await browser.go('GET', '/regenerate-and-log-in-late')
    expect(await list(source)).toMatchObject([{ key: alice.key, login: 'alice' }])
  })

  test('where it cannot be told who is logged in', async () => {
    let unreadable = false
    const { source, site, browser, office, alice, store } = await guarded(new session.MemoryStore(), undefined, {
      session({ adminUser }) {
        if (unreadable) throw new Error('no idea')
        return adminUser ? { login: adminUser.email } : null
      },
    })
    unreadable = true
    await regenerate(office, browser)
    await expect(list(source)).rejects.toThrow('no idea')
    unreadable = false
    expect(await list(source)).toMatchObject([{ key: alice.key, login: 'alice' }])
    site.held.add(alice.key)
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    await until('it is out', () => Object.keys(store['sessions' as never]).length === 0)
  })

  test('and then another login is another session', async () => {
    const { source, site, browser, office, alice } = await guarded(new session.MemoryStore())
    await regenerate(office, browser)
    await browser.go('POST', '/login-in-place/bob')
    const [bob, ...others] = await list(source)
    expect(others).toEqual([])
    expect(bob).toMatchObject({ login: 'bob', key: keyOf(browser.sid) })
    // Whoever ends alice's now does not end his.
    site.held.add(alice.key)
    expect((await browser.go('GET', '/who')).text).toBe('bob')
  })

  test('as somebody else, while this process could not know that it is held, is out a moment later', async () => {
    for (const page of ['/be-somebody-else', '/forget-who']) {
      const { store, site, browser, alice } = await guarded(new session.MemoryStore())
      const { isHeld } = site
      site.isHeld = async () => false
      await browser.go('GET', page)
      expect(Object.keys(store['sessions' as never])).toEqual([browser.sid])
      site.isHeld = isHeld.bind(site)
      site.held.add(alice.key)
      await until('it is out', () => Object.keys(store['sessions' as never]).length === 0)
      await office!.close()
    }
    office = undefined
  })

  test('is not mistaken for a logon by a process that knew the session before anybody was logged in to it', async () => {
    const sessions = Object.create(null) as object
    const processes = await Promise.all(
      [1, 2].map(async () => {
        const store = Object.assign(new session.MemoryStore(), { sessions })
        const source = expressSessions({ store })
        await source.start!(new FakeSite(), never)
        return { source, office: await backOffice(express, store, { resave: true }) }
      }),
    )
    const [one, other] = processes as [(typeof processes)[0], (typeof processes)[0]]
    const browser = new Browser(other.office.url)
    await browser.go('GET', '/anonymous')
    const here = new Browser(one.office.url)
    here.cookie = browser.cookie
    await here.go('POST', '/login-in-place/alice')
    await browser.go('GET', '/who')
    expect((await list(one.source))[0]!.loggedInAt).toBeInstanceOf(Date)
    expect((await list(other.source))[0]!.loggedInAt).toBeUndefined()
    for (const each of processes) await each.office.close()
  })
})

test('store.load, which has no request, unsays nothing that requests have told', async () => {
  const { store, source, browser } = await guarded(new session.MemoryStore())
  const before = await list(source)
  await new Promise((resolve) => store.load(browser.sid, resolve))
  expect(await list(source)).toEqual(before)
})

test('no session id is in what a list or an end throws, whoever says it', async () => {
  class TalkingStore extends session.MemoryStore {
    says = ''
    override all(callback: (error: unknown, sessions?: never) => void) {
      if (this.says) callback(new Error(this.says))
      else super.all(callback)
    }
  }
  let thrown = ''
  const { store, source, browser } = await guarded(new TalkingStore(), undefined, {
    session({ adminUser }) {
      if (thrown) throw new Error(thrown)
      return adminUser ? { login: adminUser.email } : null
    },
  })
  const { sid } = browser
  await new Promise((resolve) => store.get(`${sid}x`, resolve))
  store.says = `GET sess:${sid}x and sess:${sid} timed out`
  await expect(list(source)).rejects.toThrow('GET sess:(session id) and sess:(session id) timed out')
  store.says = ''
  thrown = `session ${sid} has no user`
  await expect(list(source)).rejects.toThrow('session (session id) has no user')
})

async function regenerate(office: BackOffice, browser: Browser): Promise<void> {
  const held = office.gate.heldRequest()
  const answer = browser.go('GET', '/regenerate')
  ;(await held)()
  await answer
}
