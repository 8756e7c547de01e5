import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { ComponentLoader } from 'adminjs'
import type { SessionData, Store } from 'express-session'
import {
  expressSessions,
  type ExpressSessionsOptions,
} from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { createSessions } from '../../../../src/create-sessions.js'
import { thorough } from '../../../thorough.js'
import { Browser, removed, rowsOf } from '../../../trust/back-offices.js'
import { officeApp } from '../../../trust/office-app.mjs'
import { until } from '../../../until.js'
import { sqliteWithTables } from '../../../servers/sqlite.js'
import { storeKinds, type StoreKind, type StoredSomewhere } from './stores.js'

const pages = ['read', 'change', 'touch', 'save', 'regenerate', 'regenerate-twice'].flatMap((page) => [
  page,
  `${page}?resave`,
])

/** Where the host's own function takes its time to tell who is logged in. */
const toldLater: Partial<ExpressSessionsOptions> = {
  session: async ({ adminUser }) => {
    await new Promise((resolve) => setImmediate(resolve))
    return adminUser && { login: adminUser.email, type: 'administrator' }
  },
}

const kinds: (StoreKind & { options?: Partial<ExpressSessionsOptions> })[] = [
  ...storeKinds,
  { ...storeKinds[0]!, name: 'MemoryStore, with an async session', options: toldLater },
]

/** One of each kind of storage: this process, another one, a database, files. */
const everyDay = ['MemoryStore', 'connect-redis', 'connect-pg-simple', 'session-file-store']

describe.each(kinds.filter(({ name }) => thorough || everyDay.includes(name)))(
  'on a real $name',
  ({ missing, start, options: read }) => {
    const describeHere = missing ? describe.skip : describe
    let stored: StoredSomewhere
    let stop: () => Promise<void> = async () => {}
    if (!missing) {
      beforeAll(async () => {
        stored = await start()
      })
      afterAll(() => stored.close())
    }
    afterEach(() => stop())

    /** A back office on these sessions. It looks by itself so rarely that nothing is put right by a look. */
    async function office() {
      const store = await stored.open()
      const componentLoader = new ComponentLoader()
      const sessions = await createSessions({
        ...{ componentLoader, pollEvery: 600_000, database: await sqliteWithTables() },
        sources: [expressSessions({ store, ...read })],
        access: { remove: () => true },
      })
      let arrived = 0
      const say = () => arrived++
      const app = await officeApp({ store, componentLoader, resources: sessions.resources, say })
      stop = async () => {
        await app.close()
        await sessions.stop()
      }
      return {
        origin: app.origin,
        /** Has a request of each of these stand still; what this gives lets them go on to their end. */
        async hold(browsers: Browser[], page: (i: number) => string) {
          arrived = 0
          const answers = browsers.map((browser, i) => browser.get(`${app.origin}/held/${page(i)}`))
          await until('the requests have arrived', () => arrived === browsers.length)
          return async () => {
            app.release()
            for (const answer of answers) expect((await answer).status).toBe(200)
          }
        },
      }
    }

    const rows = (admin: Browser, count: number) =>
      until('their rows', async () => {
        const found = await rowsOf(admin, 'victim')
        return found.length === count && found
      })

    async function expectOut(browsers: Browser[], admin: Browser) {
      for (const browser of browsers) expect(await browser.whoever([admin.origin])).toEqual(['nobody'])
      await until('only the admin is left in the store', async () => (await stored.ids()).join() === idOf(admin))
      // What was back for a moment may have been seen: the look that ends it is followed by another.
      await until('no row of theirs', async () => (await rowsOf(admin, 'victim')).length === 0)
      expect(await admin.who()).toBe('admin')
    }

    describeHere(missing ?? 'ended stays ended', () => {
      test('though requests are running and save whatever they may, with `resave` and without', async () => {
        const { origin, hold } = await office()
        const admin = await Browser.logOn(origin, 'admin')
        const victims = await Promise.all(pages.map((page) => Browser.logOn(origin, `victim-${page}`)))
        const found = await rows(admin, victims.length)
        const release = await hold(victims, (i) => pages[i]!)
        expect(await removed(admin, found)).toEqual(victims.map(() => 'ended'))
        expect(await stored.ids()).toEqual([idOf(admin)])
        await release()
        await expectOut(victims, admin)
        await admin.ask(`${origin}/logout`, { method: 'POST' })
      })

      test('though something that no guard sees writes it back', async () => {
        const { origin } = await office()
        const admin = await Browser.logOn(origin, 'admin')
        const victim = await Browser.logOn(origin, 'victim')
        const found = await rows(admin, 1)
        const unguarded = await stored.open()
        const data = await got(unguarded, idOf(victim))
        const writeBack = () => new Promise((resolve) => unguarded.set(idOf(victim), data, resolve))
        expect(await removed(admin, found)).toEqual(['ended'])
        await writeBack()
        await expectOut([victim], admin)
        await admin.ask(`${origin}/logout`, { method: 'POST' })
      })
    })
  },
)

/** The session id in a browser's cookie, without its signature. */
function idOf(browser: Browser): string {
  return decodeURIComponent(browser.cookie.split('=')[1]!).slice(2).split('.')[0]!
}

function got(store: Store, sid: string): Promise<SessionData> {
  return new Promise((resolve) => store.get(sid, (_error, data) => resolve(data!)))
}
