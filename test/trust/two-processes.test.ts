import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { pollMark } from '../../src/session-source.js'
import { thorough } from '../thorough.js'
import { until } from '../until.js'
import { Browser, Office, placeKinds, recordsOf, refresh, removed, rowsOf, type Place } from './back-offices.js' // prettier-ignore

const pages = ['read', 'change', 'touch', 'save', 'regenerate', 'regenerate-twice']
/** They look by themselves so rarely that nothing is put right by a look. */
const pollEvery = 600_000

describe.each(thorough ? placeKinds : placeKinds.slice(0, 1))('two processes: $name $missing', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe
  let place: Place
  let a: Office
  let b: Office
  let admin: Browser
  let ownSession: string[]

  if (!missing) {
    beforeAll(async () => {
      place = await start()
      ;[a, b] = await Promise.all([Office.start(place, { pollEvery }), Office.start(place, { pollEvery })])
      admin = await Browser.logOn(a.origin, 'admin')
      ownSession = await place.ids()
    })
    afterAll(async () => {
      await Office.killAll()
      await place?.stop()
    })
  }

  const victims = (origin: string) => Promise.all(pages.map((page) => Browser.logOn(origin, `victim-${page}`)))
  async function rows(count: number) {
    // By itself the page polls long after a poll that a stall has made long.
    await refresh(admin)
    return until(`${count} rows`, async () => {
      const found = await rowsOf(admin, 'victim')
      return found.length === count && found
    })
  }
  const othersStored = async () => (await place.ids()).filter((id) => !ownSession.includes(id))

  /** Nobody is in with any cookie that he ever had, and nothing is left. */
  async function expectOut(browsers: Browser[], asker = admin): Promise<void> {
    for (const browser of browsers) expect(await browser.whoever([b.origin, asker.origin])).toEqual(['nobody'])
    await until('nothing else is stored', async () => (await othersStored()).length === 0)
    // One that was looking when they went may have written their rows once more; the next look puts that right.
    for (const { origin } of [b, asker]) await refresh(new Browser(origin, asker.cookie))
    expect(await rowsOf(asker, 'victim')).toEqual([])
    expect(await asker.who()).toBe('admin')
  }

  describeHere.each(thorough ? [true, false] : [true])('resave %s', (resave) => {
    const hold = (browsers: Browser[], page: (i: number) => string) => b.hold(browsers, page, resave)

    test('what is ended at one stays ended, though requests at the other are running and save', async () => {
      const browsers = await victims(a.origin)
      const found = await rows(browsers.length)
      const release = await hold(browsers, (i) => pages[i]!)
      expect(await removed(admin, found)).toEqual(browsers.map(() => 'ended'))
      expect(await othersStored()).toEqual([])
      await release()
      await expectOut(browsers)
    })

    test('what is gone when it is removed does not come back by a request that is still running', async () => {
      const browsers = await victims(b.origin)
      const found = await rows(browsers.length)
      const release = await hold(browsers, (i) => pages[i]!)
      // As after a logout in another tab, of which the row does not know yet.
      for (const id of await othersStored()) await place.takeOut(id)
      expect(await removed(admin, found)).toEqual(browsers.map(() => 'already-gone'))
      await release()
      await expectOut(browsers)
    })

    test('a process that stalls just when it asks does not take what the other has ended for not held', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const found = await rows(1)
      const release = await hold([victim], () => 'change-and-stall')
      expect(await removed(admin, found)).toEqual(['ended'])
      await release()
      await expectOut([victim])
    })

    test('a process that is stopped in the middle of a write, and goes on when all is over, leaves nothing', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const found = await rows(1)
      const release = await hold([victim], () => 'change')
      b.order('stop at', 'writing')
      const writing = b.says()
      const answered = release()
      expect(await writing).toBe('writing')
      b.process.kill('SIGSTOP')
      try {
        expect(await removed(admin, found)).toEqual(['ended'])
      } finally {
        b.process.kill('SIGCONT')
      }
      await answered
      await expectOut([victim])
    })

    test.each([60, -60])('a clock that steps by %d minutes lets nobody in', async (minutes) => {
      const browsers = await victims(b.origin)
      const found = await rows(browsers.length)
      const release = await hold(browsers, (i) => pages[i]!)
      b.order('set the clock', minutes * 60_000)
      const outcomes = await removed(admin, found)
      await release()
      b.order('set the clock', 0)
      expect(outcomes).toEqual(browsers.map(() => 'ended'))
      await expectOut(browsers)
    })

    test('while the holds cannot be written, requests go on, nothing is ended, and then all is', async () => {
      const browsers = await victims(b.origin)
      const found = await rows(browsers.length)
      const release = await hold(browsers, (i) => pages[i]!)
      const unlock = await place.lock()
      let over = false
      const removing = removed(admin, found).finally(() => (over = true))
      for (let i = 0; i < 20; i++) {
        await sleep(50)
        expect(await new Browser(b.origin, browsers[0]!.cookie).who()).toBe('victim-read')
      }
      expect(over).toBe(false)
      await unlock()
      expect(await removing).toEqual(browsers.map(() => 'ended'))
      await release()
      await expectOut(browsers)
    })

    test('two admins who remove the same sessions at once, each at another process, both have them ended', async () => {
      const browsers = await victims(b.origin)
      const found = await rows(browsers.length)
      const release = await hold(browsers, (i) => pages[i]!)
      // Both are the admin, who has one session.
      const other = new Browser(b.origin, admin.cookie)
      const both = await Promise.all([removed(admin, found), removed(other, found)])
      for (const outcomes of both) expect(outcomes.filter((each) => !/^ended$|^already-gone$/.test(each))).toEqual([])
      found.forEach((_, i) => expect(both.map((outcomes) => outcomes[i])).toContain('ended'))
      await release()
      await expectOut(browsers)
    })
  })

  describeHere('a crash', () => {
    test('killed with -9 between the hold and the destroy, the other keeps it out, and a restart settles it', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const [id] = await othersStored()
      const writeBack = await place.remember(id!)
      const found = await rows(1)

      // The other one may just be looking, and would end what it finds held before this one gets so far.
      b.process.kill('SIGSTOP')
      try {
        const there = `destroying ${id!.replace('sess:', '')}`
        a.order('stop at', there)
        const destroying = a.says()
        const cutOff = removed(admin, found).catch(() => 'cut off')
        expect(await destroying).toBe(there)
        await a.kill()
        expect(await cutOff).toBe('cut off')
      } finally {
        b.process.kill('SIGCONT')
      }

      // As if a write of the killed process had arrived only now.
      await writeBack()
      expect(await new Browser(b.origin, victim.cookie).who()).toBe('nobody')
      await until('nothing else is stored', async () => (await othersStored()).length === 0)

      await writeBack()
      a = await Office.start(place, { pollEvery })
      admin = new Browser(a.origin, admin.cookie)
      expect(await new Browser(a.origin, victim.cookie).who()).toBe('nobody')
      const removal = await until('its outcome', async () => {
        const [one] = await recordsOf(admin, 'SessionRemoval', 'filters.login=victim&sortBy=id&direction=desc')
        return one?.outcome !== 'pending' && one
      })
      expect(removal).toMatchObject({ outcome: 'ended', login: 'victim', removedBy: 'admin' })
      await expectOut([victim])
    })
  })

  describeHere('rolling sessions', () => {
    test('no poll moves an expiry back, whatever its process remembers', async () => {
      const browser = await Browser.logOn(a.origin, 'victim')
      const [id] = await othersStored()
      const poll = (page: string) =>
        fetch(`${b.origin}/${page}?rolling`, { headers: { cookie: browser.cookie, [pollMark]: '1' } })
      for (const page of ['who', 'now/read', 'now/change', 'now/save', 'now/touch']) {
        // What the other process has from now on is old when the person is active here.
        await browser.get(`${b.origin}/who?rolling`)
        await sleep(20)
        expect((await browser.get(`${a.origin}/who?rolling`)).headers.getSetCookie()).toHaveLength(1)
        const expiry = await place.expiryOf(id!)
        const polled = await poll(page)
        await polled.text()
        expect(polled.headers.getSetCookie()).toEqual([])
        expect(await place.expiryOf(id!)).toBeGreaterThanOrEqual(expiry)
      }
    })
  })
})
