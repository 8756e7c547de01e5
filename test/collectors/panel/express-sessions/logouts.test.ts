import { afterEach, expect, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { end, FakeSite, list } from './fake-site.js'
import { until } from '../../../until.js'

let office: BackOffice | undefined

afterEach(async () => {
  await office?.close()
  office = undefined
})

/** Somebody who is logged in, and the key of his session. */
async function loggedIn(store: session.Store = new session.MemoryStore(), logon = '/login/alice') {
  const site = new FakeSite()
  const source = expressSessions({ store })
  await source.start!(site, new AbortController().signal)
  office = await backOffice(express, store)
  const browser = new Browser(office.url)
  await browser.go('POST', logon)
  const [alice] = await list(source)
  return { site, source, office, browser, alice: alice! }
}

test('whoever has his session destroyed has logged out', async () => {
  const { site, browser, alice } = await loggedIn()
  await browser.go('POST', '/logout')
  expect(site.out).toEqual([alice.key])
})

test('also under another id than the first', async () => {
  const { site, browser, alice, office } = await loggedIn()
  for (let i = 0; i < 2; i++) {
    const answer = browser.go('GET', '/regenerate')
    ;(await office.gate.heldRequest())()
    await answer
  }
  expect(site.out).toEqual([])
  await browser.go('POST', '/logout')
  expect(site.out).toEqual([alice.key])
})

test.each([
  ['is left with an empty session', '/logout-by-regenerate'],
  ['goes on as nobody', '/forget-who'],
])('whoever %s under another id has logged out', async (_, path) => {
  const { site, browser, alice } = await loggedIn()
  await browser.go('GET', path)
  await until('it is told', () => site.out.length > 0)
  expect(site.out).toEqual([alice.key])
})

test('whoever goes on as nobody under the same id has logged out', async () => {
  const { site, browser, alice } = await loggedIn()
  await browser.go('POST', '/forget-in-place')
  expect(site.out).toEqual([alice.key])
})

test('a store that could not destroy it has logged nobody out', async () => {
  class Failing extends session.MemoryStore {
    override destroy(_: string, callback?: (error?: unknown) => void) {
      setImmediate(() => callback?.(new Error('the store is away')))
    }
  }
  const { site, browser } = await loggedIn(new Failing(), '/login-in-place/alice')
  await browser.go('POST', '/logout')
  expect(site.out).toEqual([])
})

test('who logs on as somebody else in the same browser has not logged out', async () => {
  const { site, browser } = await loggedIn()
  await browser.go('GET', '/be-somebody-else')
  expect(site.out).toEqual([])
})

test('what a removal ends is no logout', async () => {
  const { site, source, browser, alice } = await loggedIn()
  await end(source, site, alice)
  await browser.go('GET', '/who')
  expect(site.out).toEqual([])
})
