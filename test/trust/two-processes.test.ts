import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { Browser, Office, placeKinds, removed, rowsOf, type Place } from './back-offices.js'

const pages = ['read', 'change', 'touch', 'save', 'regenerate', 'regenerate-twice']

describe.each(placeKinds)('two processes: $name $missing', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe
  let place: Place
  let a: Office
  let b: Office
  let admin: Browser
  let ownSession: string[]

  if (!missing) {
    beforeAll(async () => {
      place = await start()
    })
    afterAll(() => place?.stop())
  }

  function officesWith(options: Parameters<typeof Office.start>[1]) {
    beforeAll(async () => {
      ;[a, b] = await Promise.all([Office.start(place, options), Office.start(place, options)])
      admin = await Browser.logOn(a.origin, 'admin')
      ownSession = await place.ids()
    })
    afterAll(async () => {
      await Office.killAll()
      await place.clear()
    })
  }

  const rows = (login: string, count: number, asker = admin) =>
    until(`${count} rows of ${login}`, async () => {
      const found = await rowsOf(asker, login)
      return found.length === count && found
    }, 60_000) // prettier-ignore

  /** Nobody is in with any cookie that they ever had, and nothing is left. */
  async function expectOut(browsers: Browser[], asker = admin): Promise<void> {
    for (const browser of browsers) expect(await browser.whoever([b.origin, a.origin])).toEqual(['nobody'])
    await until('nothing else is stored', async () => (await place.ids()).join() === ownSession.join(), 60_000)
    expect(await rowsOf(asker, 'victim')).toEqual([])
    expect(await asker.who()).toBe('admin')
  }

  describeHere.each([true, false])('resave %s', (resave) => {
    officesWith({ resave })

    test('what is ended at one stays ended, though requests at the other are running and save', async () => {
      const victims = await Promise.all(pages.map((page) => Browser.logOn(a.origin, `victim-${page}`)))
      const found = await rows('victim-', victims.length)
      const release = await b.hold(victims, (i) => pages[i]!)
      expect(await removed(admin, found)).toEqual(victims.map(() => 'ended'))
      expect(await place.ids()).toEqual(ownSession)
      await release()
      await expectOut(victims)
    })

    test('who logs out before he is removed does not come back by a request that is still running', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const found = await rows('victim', 1)
      const release = await b.hold([victim], () => 'change')
      await new Browser(a.origin, victim.cookie).ask(`${a.origin}/logout`, { method: 'POST' })
      // The page may have been looked at before or after the row has gone.
      await removed(admin, found)
      await release()
      await expectOut([victim])
    })

    test('a process that stalls while the other ends its session does not take it for not held', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const found = await rows('victim', 1)
      const release = await b.hold([victim], () => 'stall-and-change')
      expect(await removed(admin, found)).toEqual(['ended'])
      await release()
      await expectOut([victim])
    })

    test('a process that is stopped in the middle of a write, and goes on when all is over, leaves nothing', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const found = await rows('victim', 1)
      const release = await b.hold([victim], () => 'change')
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

    test.each([3600_000, -3600_000])('a clock that steps by %d ms lets nobody in', async (ms) => {
      const victims = await Promise.all(pages.map((page) => Browser.logOn(b.origin, `victim-${page}`)))
      const found = await rows('victim-', victims.length)
      const release = await b.hold(victims, (i) => pages[i]!)
      b.order('set the clock', ms / 2)
      const removing = removed(admin, found)
      b.order('set the clock', ms / 4)
      expect(await removing).toEqual(victims.map(() => 'ended'))
      await release()
      b.order('set the clock', 0)
      await expectOut(victims)
    })
  })
})
