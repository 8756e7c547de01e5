import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { performance } from 'node:perf_hooks'
import express from 'express'
import session, { type SessionData } from 'express-session'
import {
  expressSessions,
  type ExpressSessionsOptions,
} from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-id.js'
import { until } from '../../../until.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { end, FakeSite, list } from './fake-site.js'

const never = new AbortController().signal
let office: BackOffice | undefined

afterEach(async () => {
  jest.restoreAllMocks()
  await office?.close()
  office = undefined
})

/** The name of whoever is logged in, as a database would give it for what the session has. */
const named = async ({ adminUser }: SessionData) =>
  adminUser ? { login: `Name of ${adminUser.email}`, type: 'administrator' } : null

class SiteWithLogins extends FakeSite {
  override knowsAtOnce = false
}

async function started(options: Partial<ExpressSessionsOptions>, store = new session.MemoryStore()) {
  const site = new SiteWithLogins()
  const source = expressSessions({ store, ...options })
  await source.start!(site, never)
  office = await backOffice(express, store)
  const { gate, url } = office
  const browser = new Browser(url)
  /** To a page that waits in the middle of its request. */
  const passing = async (method: 'GET' | 'POST', path: string) => {
    const arrived = gate.heldRequest()
    const answer = browser.go(method, path)
    ;(await arrived)()
    return answer
  }
  return { store, site, source, browser, passing }
}

/** A source of these sessions, by id. */
function sourceOf(sessions: Record<string, object>, options: Partial<ExpressSessionsOptions>) {
  const store = new session.MemoryStore()
  for (const [sid, data] of Object.entries(sessions)) store.set(sid, { cookie: {}, ...data } as SessionData)
  return expressSessions({ store, ...options })
}

describe('who is logged in, where the host takes its time to tell', () => {
  test('is in the list; a poll and requests of what has not changed ask nobody', async () => {
    const asked = jest.fn(named)
    const { source, browser, passing } = await started({ session: asked })
    await browser.go('POST', '/login/alice')
    const [alice] = await list(source)
    expect(alice).toMatchObject({ login: 'Name of alice', type: 'administrator', key: keyOf(browser.sid) })
    const before = asked.mock.calls.length
    for (let i = 0; i < 3; i++) {
      await list(source)
      await passing('GET', '/touch')
    }
    expect(asked.mock.calls).toHaveLength(before)
    await passing('GET', '/change')
    await list(source)
    expect(asked.mock.calls).toHaveLength(before + 1)
  })

  test('is known at the logon, and is gone at the logout: both are hints', async () => {
    const { source, site, browser, passing } = await started({ session: named })
    await browser.go('POST', '/login/alice')
    const hints = site.hints
    expect(hints).toBeGreaterThan(0)
    expect(await list(source)).toMatchObject([{ login: 'Name of alice', loggedInAt: expect.any(Date) }])
    const [{ loggedInAt }] = (await list(source)) as [{ loggedInAt: Date }]
    await passing('GET', '/change')
    expect(site.hints).toBe(hints)
    expect(await list(source)).toMatchObject([{ loggedInAt }])
    await browser.go('POST', '/logout')
    expect(site.hints).toBeGreaterThan(hints)
    expect(await list(source)).toEqual([])
  })

  test('is kept out by the login that the host gives', async () => {
    const { site, browser } = await started({ session: named })
    await browser.go('POST', '/login/alice')
    site.heldLogins.add('Name of alice')
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    await browser.go('POST', '/login/alice')
    expect((await browser.go('GET', '/who')).text).toBe('nobody')
    await browser.go('POST', '/login/bob')
    expect((await browser.go('GET', '/who')).text).toBe('bob')
  })

  test('keeps its session under another id', async () => {
    const { source, browser, passing } = await started({ session: named })
    await browser.go('POST', '/login/alice')
    const first = browser.sid
    await passing('POST', '/regenerate')
    expect(browser.sid).not.toBe(first)
    expect(await list(source)).toMatchObject([{ key: keyOf(first), login: 'Name of alice' }])
  })

  test('does not let an ended session come back while its request waits for the answer', async () => {
    let answer = () => {}
    const answered = new Promise<void>((resolve) => (answer = resolve))
    const asked = jest.fn((data: SessionData) => (data.visits ? answered.then(() => named(data)) : named(data)))
    const { source, site, browser, passing, store } = await started({ session: asked })
    await browser.go('POST', '/login/alice')
    const [alice] = await list(source)
    const change = passing('GET', '/change')
    await until('the answer is asked for', () => asked.mock.calls.some(([data]) => data.visits))
    expect(await end(source, site, alice!)).toBe('asked')
    answer()
    await change
    expect(Object.keys((store as unknown as { sessions: object }).sessions)).toEqual([])
  })

  test('types of the host may take their time too', async () => {
    const source = sourceOf(
      { a: { adminUser: { email: 'alice', role: 'root' } }, b: { adminUser: { email: 'bob', role: 'none' } } },
      { types: async (role) => (role === 'root' ? 'administrator' : null) },
    )
    expect((await list(source)).map(({ login, type }) => [login, type])).toEqual([
      ['alice', 'administrator'],
      ['bob', null],
    ])
  })
})

describe('where the host has no answer for a session', () => {
  const two = { 'secret-sid': { user: 'lost' }, 'sid-b': { user: 'bob' } }
  const answering = (lost: () => unknown) =>
    sourceOf(two, {
      session: (async ({ user }: { user: string }) => (user === 'bob' ? { login: user } : lost())) as never,
    })

  test.each<[string, () => unknown, string]>([
    ['rejects', () => Promise.reject(new Error('no row of secret-sid')), 'was rejected: no row of (session id)'],
    ['gives no login', () => ({ login: undefined }), 'answered without a login'],
    ['gives an empty one', () => ({ login: '' }), 'it answered a login of type string'],
    ['gives something else', () => 'bob', 'must answer null where nobody is logged in'],
  ])('and %s: it is shown without a login, and told of', async (_how, lost, why) => {
    const source = answering(lost)
    expect((await list(source)).map(({ login }) => login)).toEqual([null, 'bob'])
    expect(source.warnings!()).toEqual([expect.stringContaining('1 session is shown without a login. ')])
    expect(source.warnings!()[0]).toContain(why)
  })

  test('and never comes to it: the list does not wait for long', async () => {
    const source = answering(() => new Promise(() => {}))
    expect((await list(source)).map(({ login }) => login)).toEqual([null, 'bob'])
    expect(source.warnings!()).toEqual([expect.stringContaining('has not answered within 2 s')])
  })

  test('anew: what it has answered before stays', async () => {
    const now = performance.now.bind(performance)
    let isAway = false
    const source = sourceOf(two, {
      session: async (data) => {
        if (isAway) throw new Error('away')
        return { login: String((data as unknown as { user: string }).user) }
      },
    })
    await list(source)
    isAway = true
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000)
    expect((await list(source)).map(({ login }) => login)).toEqual(['lost', 'bob'])
  })

  test('by throwing at one of them: the others are shown; where it throws at each, the list fails', async () => {
    const reading = (lost: string[]) => (data: SessionData) => {
      const { user } = data as unknown as { user: string }
      if (lost.includes(user)) throw new Error('no such field')
      return { login: user }
    }
    const one = sourceOf(two, { session: reading(['lost']) })
    expect((await list(one)).map(({ login }) => login)).toEqual([null, 'bob'])
    expect(one.warnings!()).toEqual([expect.stringContaining('threw: no such field')])
    await expect(list(sourceOf(two, { session: reading(['lost', 'bob']) }))).rejects.toThrow('threw: no such field')
  })
})

test.each<[unknown, string]>([
  [42, '42'],
  [0, '0'],
  [10n, '10'],
])('the login %p is text', async (login, text) => {
  expect(await list(sourceOf({ a: {} }, { session: () => ({ login: login as number }) }))).toMatchObject([
    { login: text },
  ])
  if (typeof login === 'bigint') return
  expect(await list(sourceOf({ a: { adminUser: { username: login } } }, {}))).toMatchObject([{ login: text }])
})

test('where the host tells at once, nothing waits for a promise', async () => {
  class AtOnce extends FakeSite {
    override isHeld = (() => false) as never
  }
  const store = new (class extends session.MemoryStore {
    override get(_sid: string, callback: (error: unknown, data?: SessionData | null) => void) {
      callback(null, { cookie: {}, adminUser: { email: 'alice' } } as never)
    }
    override set(_sid: string, _data: SessionData, callback?: (error?: unknown) => void) {
      callback!()
    }
  })()
  await expressSessions({ store }).start!(new AtOnce(), never)
  const order: string[] = []
  await new Promise<void>((resolve) =>
    setImmediate(() => {
      void Promise.resolve().then(() => order.push('a promise'))
      store.get('sid', () => order.push('get'))
      store.set('sid', { cookie: {} } as never, () => order.push('set'))
      setImmediate(resolve)
    }),
  )
  expect(order).toEqual(['get', 'set', 'a promise'])
})
