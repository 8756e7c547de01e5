import { afterEach, describe, expect, jest, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-key.js'
import { until } from '../../../until.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { end, FakeSite, list } from './fake-site.js'

const never = new AbortController().signal
let office: BackOffice | undefined

afterEach(async () => {
  await office?.close()
  office = undefined
})

async function guarded<S extends session.Store>(store: S) {
  const site = new FakeSite()
  const source = expressSessions({ store })
  await source.start!(site, never)
  office = await backOffice(express, store)
  const browser = new Browser(office.url)
  await browser.go('POST', '/login/alice')
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
