import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import express from 'express'
import { EventEmitter } from 'node:events'
import { performance } from 'node:perf_hooks'
import express4 from 'express-v4'
import session from 'express-session'
import { Activity } from '../../../../src/collectors/panel/express-sessions/guard/request-activity.js'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { pollMark } from '../../../../src/session-source.js'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-id.js'
import type { PanelSource } from '../../../../src/session-source.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { FakeSite, list } from './fake-site.js'

const never = new AbortController().signal
const firefox = { 'user-agent': 'Firefox', 'x-forwarded-for': '192.0.2.1' }

describe.each([
  ['express 5', express],
  ['express 4', express4 as unknown as typeof express],
])('%s', (_version, express_) => {
  let sessions: object
  let site: FakeSite
  let source: PanelSource
  let office: BackOffice

  /** The back office starts again: its store keeps the sessions, the source has seen nothing yet. */
  async function start(options = {}) {
    const store = Object.assign(new session.MemoryStore(), { sessions })
    site = new FakeSite()
    source = expressSessions({ store })
    await source.start!(site, never)
    office = await backOffice(express_, store, options)
  }

  beforeAll(async () => {
    sessions = Object.create(null)
    await start()
  })
  afterAll(() => office.close())

  test('a logon is seen: who, when, where from, with what', async () => {
    const before = Date.now()
    const browser = new Browser(office.url, firefox)
    await browser.go('POST', '/login/alice@example.org')
    const [alice, ...others] = await list(source)
    expect(others).toEqual([])
    expect(alice).toMatchObject({
      ...{ key: keyOf(browser.sid), login: 'alice@example.org', type: 'administrator' },
      ...{ ip: '192.0.2.1', logonIp: '192.0.2.1', userAgent: 'Firefox' },
    })
    expect(alice!.loggedInAt!.getTime()).toBeGreaterThanOrEqual(before)
    expect(alice!.expiresAt!.getTime()).toBeGreaterThan(before + 3_500_000)
    expect(alice!.lastActiveAt!.getTime() % 5000).toBe(0)
    expect(site.hints).toBeGreaterThan(0)
    expect(JSON.stringify({ ...alice, handle: undefined })).not.toContain(browser.sid)
  })

  test('a request moves the current IP and agent, not those of the logon', async () => {
    const browser = new Browser(office.url, firefox)
    await browser.go('POST', '/login/bob')
    const { loggedInAt } = await only('bob')
    // It saves its session, but nobody logs in.
    await browser.go('GET', '/anonymous', { 'user-agent': 'x'.repeat(4000), 'x-forwarded-for': '2001:db8::7' })
    expect(await only('bob')).toMatchObject({
      ...{ ip: '2001:db8::7', logonIp: '192.0.2.1', loggedInAt },
      userAgent: 'x'.repeat(512),
    })
  })

  test('another login in the same session is another logon', async () => {
    const browser = new Browser(office.url, firefox)
    await browser.go('POST', '/login-in-place/carol')
    const first = await only('carol')
    await browser.go('POST', '/login-in-place/dave', { 'x-forwarded-for': '192.0.2.9' })
    const second = await only('dave')
    expect(second.key).toBe(first.key)
    expect(second.logonIp).toBe('192.0.2.9')
  })

  test('a session without a login is none', async () => {
    const before = await list(source)
    await new Browser(office.url).go('GET', '/anonymous')
    expect(await list(source)).toHaveLength(before.length)
  })

  test('a logout is a hint and ends the row', async () => {
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/erin')
    const { hints } = site
    await browser.go('POST', '/logout')
    expect(site.hints).toBe(hints + 1)
    expect((await list(source)).filter(({ login }) => login === 'erin')).toEqual([])
  })

  test("after a restart the logon's fields are left out, so that the row keeps them", async () => {
    const browser = new Browser(office.url, firefox)
    await browser.go('POST', '/login/frank')
    await office.close()
    await start()
    const unseen = await only('frank')
    for (const field of ['ip', 'logonIp', 'userAgent', 'loggedInAt', 'lastActiveAt'] as const) {
      expect(unseen[field]).toBeUndefined()
    }
    browser['url' as never] = office.url as never
    await browser.go('GET', '/anonymous')
    const seen = await only('frank')
    expect(seen).toMatchObject({ ip: '192.0.2.1', userAgent: 'Firefox' })
    expect(seen.lastActiveAt).toBeInstanceOf(Date)
    expect(seen.loggedInAt).toBeUndefined()
    expect(seen.logonIp).toBeUndefined()
  })

  test('the session itself is not written to', async () => {
    const browser = new Browser(office.url, firefox)
    await browser.go('POST', '/login/grace')
    await browser.go('GET', '/who')
    const kept = JSON.parse((sessions as Record<string, string>)[browser.sid]!) as object
    expect(Object.keys(kept).sort()).toEqual(['adminUser', 'cookie'])
  })

  async function only(login: string) {
    const found = (await list(source)).filter((each) => each.login === login)
    expect(found).toHaveLength(1)
    return found[0]!
  }
})

test('a list that misses a session for a moment takes nothing of what is known of it', async () => {
  let misses = false
  class Store extends session.MemoryStore {
    override all(callback: (error: unknown, sessions?: { [sid: string]: session.SessionData } | null) => void): void {
      if (misses) callback(null, {})
      else super.all(callback)
    }
  }
  const store = new Store()
  const source = expressSessions({ store })
  await source.start!(new FakeSite(), never)
  const office = await backOffice(express, store)
  try {
    await new Browser(office.url, firefox).go('POST', '/login/alice@example.org')
    const [before] = await list(source)
    misses = true
    expect(await list(source)).toEqual([])
    misses = false
    expect(await list(source)).toEqual([before])
    expect(before).toMatchObject({ logonIp: '192.0.2.1', loggedInAt: expect.any(Date) })
  } finally {
    await office.close()
  }
})

test('what is no session any more is forgotten', () => {
  const activity = new Activity(() => ({ login: 'alice', type: null }))
  const req = { ip: '192.0.2.1', headers: {} } as never
  activity.request('here', req, false)
  activity.request('gone', req, false)
  activity.keepOnly(new Set(['here']), performance.now() - 60_000)
  expect(activity.of('gone').ip).toBe('192.0.2.1')
  activity.keepOnly(new Set(['here']), performance.now() + 1)
  expect(activity.of('gone').ip).toBeUndefined()
  expect(activity.of('here').ip).toBe('192.0.2.1')
})

/** A store that keeps the expiry beside the session, as most databases do: what a session that is loaded says of it grows old. */
class MemoryStoreWithColumn extends EventEmitter {
  readonly expires = new Map<string, number>()
  private readonly data = new Map<string, string>()
  createSession = session.Store.prototype.createSession
  regenerate = session.Store.prototype.regenerate
  load = session.Store.prototype.load
  generate = undefined as never
  get(sid: string, done: (error: unknown, data?: session.SessionData | null) => void) {
    const data = this.data.get(sid)
    done(null, data === undefined ? null : (JSON.parse(data) as session.SessionData))
  }
  set(sid: string, data: session.SessionData, done?: () => void) {
    this.data.set(sid, JSON.stringify(data))
    this.touch(sid, data, done)
  }
  touch(sid: string, data: session.SessionData, done?: () => void) {
    this.expires.set(sid, new Date(data.cookie.expires!).getTime())
    done?.()
  }
  destroy(sid: string, done?: () => void) {
    this.data.delete(sid)
    done?.()
  }
  all(done: (error: unknown, all?: object) => void) {
    done(null, Object.fromEntries(this.data))
  }
}

describe.each([true, false])('a poll, with resave %s', (resave) => {
  let office: BackOffice
  afterEach(() => office.close())

  /** A store without `touch` whose sets can be counted: each one would extend a TTL of its own. */
  class CountingStore extends session.MemoryStore {
    writes = 0
    override set(...args: Parameters<session.MemoryStore['set']>) {
      this.writes++
      super.set(...args)
    }
    override touch(...args: Parameters<session.MemoryStore['touch']>) {
      this.writes++
      super.touch(...args)
    }
  }

  test.each([true, false])('is no activity and does not extend the session, rolling %s', async (rolling) => {
    const store = new CountingStore()
    const source = expressSessions({ store })
    await source.start!(new FakeSite(), never)
    office = await backOffice(express, store, { resave, rolling })
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    const expires = () => (JSON.parse(store['sessions' as never][browser.sid]) as session.SessionData).cookie.expires
    const [before] = await list(source)
    const expiresBefore = expires()
    const writesBefore = store.writes
    await new Promise((resolve) => setTimeout(resolve, 5))

    const poll = await browser.go('GET', '/who', { [pollMark]: '1', 'x-forwarded-for': '192.0.2.66' })
    expect(poll.text).toBe('alice')
    expect(store.writes).toBe(writesBefore)
    expect(expires()).toBe(expiresBefore)
    const [polled] = await list(source)
    expect(polled).toMatchObject({ lastActiveAt: before!.lastActiveAt, expiresAt: before!.expiresAt })
    // Whoever hides behind the mark still shows where from.
    expect(polled!.ip).toBe('192.0.2.66')

    await browser.go('POST', '/who', { [pollMark]: '1' })
    expect(store.writes).toBe(writesBefore + 1)
    expect(expires()).not.toBe(expiresBefore)
  })

  test('does not send the cookie again, whoever has moved its expiry meanwhile', async () => {
    const store = new session.MemoryStore()
    const source = expressSessions({ store })
    await source.start!(new FakeSite(), never)
    office = await backOffice(express, store, { resave, rolling: true })
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    expect((await browser.go('GET', '/who')).setCookie).toMatch(/expires=/i)
    expect((await browser.go('GET', '/who', { [pollMark]: '1' })).setCookie).toBeUndefined()
    const held = office.gate.heldRequest()
    const rotated = browser.go('GET', '/regenerate', { [pollMark]: '1' })
    ;(await held)()
    // Another id must reach the browser all the same.
    expect((await rotated).setCookie).toMatch(/expires=/i)
    expect((await browser.go('GET', '/who')).text).toBe('alice')
  })

  test('that changes its session moves no expiry back, where the store keeps it beside the session', async () => {
    const store = new MemoryStoreWithColumn()
    const source = expressSessions({ store: store as never })
    await source.start!(new FakeSite(), never)
    office = await backOffice(express, store as never, { resave: false, rolling: true })
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    // Another process, of which this one knows nothing, has moved it.
    const later = Date.now() + 4_200_000
    store.expires.set(browser.sid, later)
    const now = jest.spyOn(Date, 'now').mockReturnValue(later - 3_500_000)
    try {
      const held = office.gate.heldRequest()
      const answer = browser.go('GET', '/change', { [pollMark]: '1' })
      ;(await held)()
      await answer
    } finally {
      now.mockRestore()
    }
    expect(store.expires.get(browser.sid)).toBeGreaterThanOrEqual(later)
  })

  test('that changes its session moves no expiry back, where the session keeps it', async () => {
    const store = new session.MemoryStore()
    const source = expressSessions({ store })
    await source.start!(new FakeSite(), never)
    office = await backOffice(express, store, { resave: false, rolling: true })
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    const cookie = () => (JSON.parse(store['sessions' as never][browser.sid]) as session.SessionData).cookie
    const held = office.gate.heldRequest()
    const answer = browser.go('GET', '/change', { [pollMark]: '1' })
    const release = await held
    await new Promise((resolve) => setTimeout(resolve, 20))
    await browser.go('GET', '/who')
    const { expires, originalMaxAge } = cookie()
    release()
    await answer
    expect(cookie()).toMatchObject({ expires, originalMaxAge })
  })

  test('that changes its session is saved', async () => {
    const store = new CountingStore()
    const source = expressSessions({ store })
    await source.start!(new FakeSite(), never)
    office = await backOffice(express, store, { resave })
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    const kept = () => JSON.parse(store['sessions' as never][browser.sid]) as session.SessionData
    const before = kept()
    const held = office.gate.heldRequest()
    const answer = browser.go('GET', '/change', { [pollMark]: '1' })
    ;(await held)()
    await answer
    const { visits, cookie } = kept()
    expect(visits).toBe(1)
    expect(cookie.expires).toBe(before.cookie.expires)
  })
})
