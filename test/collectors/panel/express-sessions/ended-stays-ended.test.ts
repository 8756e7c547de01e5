import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import type { Store } from 'express-session'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { backOffice, Browser, type BackOffice } from './back-office.js'
import { end, FakeSite, list, look } from './fake-site.js'
import { storeKinds, type StoredSomewhere } from './stores.js'

/** One process: a store object of its own, its guard, and the back office on it. */
async function startProcess(
  stored: StoredSomewhere,
  held: Set<string>,
  resave: boolean,
  prepare?: (store: Store) => void,
) {
  const stopped = new AbortController()
  const store = await stored.open()
  prepare?.(store)
  const site = new FakeSite(held)
  const source = expressSessions({ store })
  void source.start!(site, stopped.signal)
  const office = await backOffice(express, store, { resave })
  return {
    ...{ site, source, office },
    async stop() {
      stopped.abort()
      await office.close()
    },
  }
}

/** Holds back every `set` that is begun from now on, until the function that this gives is called. */
function slowSets(store: Store): { slow(): void; arrived(): Promise<void>; go(): void } {
  const set = store.set.bind(store)
  let go: (() => void) | undefined
  let open: Promise<void> | undefined
  let came: () => void
  const arrived = new Promise<void>((resolve) => (came = resolve))
  store.set = async (sid, data, callback) => {
    if (open) {
      came()
      await open
    }
    // As some stores do, it has made its text before it waits; what it writes was true then.
    set(sid, data, callback)
  }
  return { slow: () => (open = new Promise((resolve) => (go = resolve))), arrived: () => arrived, go: () => go!() }
}

type Process = Awaited<ReturnType<typeof startProcess>>

describe.each(storeKinds)('$name', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe
  let stored: StoredSomewhere
  const processes: Process[] = []

  if (!missing) {
    beforeAll(async () => {
      stored = await start()
    })
    afterAll(() => stored.close())
  }
  afterEach(async () => {
    for (const each of processes.splice(0)) await each.stop()
  })

  async function processesOf(count: number, resave: boolean, prepare?: (store: Store) => void) {
    const held = new Set<string>()
    for (let i = 0; i < count; i++) processes.push(await startProcess(stored, held, resave, prepare))
    return processes
  }

  async function logon(office: BackOffice) {
    const browser = new Browser(office.url)
    await browser.go('POST', '/login/alice')
    return browser
  }

  const sessionOf = async ({ source }: Process, browser: Browser) =>
    (await list(source)).find(({ handle }) => (handle as { sids: string[] }).sids.includes(browser.sid))!

  /** No cookie that the browser ever had is of use, and nothing is left. */
  async function expectOut(browser: Browser, sids: string[]) {
    for (const { office } of processes) {
      expect((await new BrowserWith(office.url, browser.cookie!).go('GET', '/who')).text).toBe('nobody')
    }
    for (const { source, site } of processes) await look(source, site)
    const left = await stored.ids()
    for (const sid of sids) expect(left).not.toContain(sid)
    for (const { source } of processes) expect(await list(source)).toEqual([])
  }

  class BrowserWith extends Browser {
    constructor(url: string, cookie: string) {
      super(url)
      this.cookie = cookie
    }
  }

  describeHere(missing ?? 'ended stays ended', () => {
    const requests = ['/read', '/change', '/touch', '/regenerate']

    describe.each([
      ['one process', 1],
      ['two processes', 2],
    ])('%s', (_count, count) => {
      describe.each([true, false])('resave %s', (resave) => {
        test.each(requests)('%s begins after the removal', async (path) => {
          const [remover] = await processesOf(count, resave)
          const { office } = processes.at(-1)!
          const browser = await logon(office)
          const { sid } = browser
          expect(await end(remover!.source, remover!.site, await sessionOf(remover!, browser))).toBe('asked')
          const held = office.gate.heldRequest()
          const answer = browser.go('GET', path)
          ;(await held)()
          await answer
          await expectOut(browser, [sid])
        })

        test.each(requests)('%s runs while its session is removed', async (path) => {
          const [remover] = await processesOf(count, resave)
          const { office } = processes.at(-1)!
          const browser = await logon(office)
          const { sid } = browser
          const session = await sessionOf(remover!, browser)
          const held = office.gate.heldRequest()
          const answer = browser.go('GET', path)
          const release = await held
          expect(await end(remover!.source, remover!.site, session)).toBe('asked')
          release()
          expect((await answer).status).toBe(200)
          await expectOut(browser, [sid, browser.sid])
        })

        test.each(requests)('%s has ended before the removal', async (path) => {
          const [remover] = await processesOf(count, resave)
          const { office } = processes.at(-1)!
          const browser = await logon(office)
          const { sid } = browser
          const held = office.gate.heldRequest()
          const answer = browser.go('GET', path)
          ;(await held)()
          await answer
          expect(await end(remover!.source, remover!.site, await sessionOf(remover!, browser))).toBe('asked')
          await expectOut(browser, [sid, browser.sid])
        })

        test.each(['/change', '/regenerate'])('%s saves slowly: its write lands after the removal', async (path) => {
          const sets: ReturnType<typeof slowSets>[] = []
          const [remover] = await processesOf(count, resave, (store) => sets.push(slowSets(store)))
          const { office } = processes.at(-1)!
          const set = sets.at(-1)!
          const browser = await logon(office)
          const { sid } = browser
          const session = await sessionOf(remover!, browser)
          const held = office.gate.heldRequest()
          const answer = browser.go('GET', path)
          set.slow()
          ;(await held)()
          await set.arrived()
          const ended = end(remover!.source, remover!.site, session)
          // Another process can't wait for it, and destroys too early.
          if (count > 1) await ended
          set.go()
          await Promise.all([ended, answer])
          await expectOut(browser, [sid, browser.sid])
        })
      })
    })

    test('a restart: what a dying process wrote back is of no use, and is taken out', async () => {
      const [before] = await processesOf(1, true)
      const browser = await logon(before!.office)
      const { sid, cookie } = browser
      const session = await sessionOf(before!, browser)
      const unguarded = await stored.open()
      const data = await new Promise((resolve) => unguarded.get(sid, (_error, found) => resolve(found)))
      expect(await end(before!.source, before!.site, session)).toBe('asked')
      const { held } = before!.site
      await processes.shift()!.stop()
      await new Promise((resolve) => unguarded.set(sid, data as never, resolve))

      processes.push(await startProcess(stored, held, true))
      await look(processes[0]!.source, processes[0]!.site)
      expect(await stored.ids()).not.toContain(sid)
      await new Promise((resolve) => unguarded.set(sid, data as never, resolve))
      await expectOut(new BrowserWith('', cookie!), [sid])
    })
  })
})
