import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../until.js'
import { Browser, Office, placeKinds, remove, removed, rowsOf, type Place } from './back-offices.js'

/** How many removals hit a flood of requests, and how many people are in each; hundreds in a longer run. */
const floods = Number(process.env.FLOODS ?? 3)
const people = 6

describe.each(placeKinds)('an app that gives each request another session id: $name $missing', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe

  describeHere('two processes', () => {
    let place: Place
    let offices: Office[]
    let admin: Browser
    beforeAll(async () => {
      place = await start()
      const options = { regenerates: true, pollEvery: 250 }
      offices = await Promise.all([Office.start(place, options), Office.start(place, options)])
      admin = await Browser.logOn(offices[0]!.origin, 'admin')
    })
    afterAll(async () => {
      await Office.killAll()
      await place?.stop()
    })

    const rowOf = (login: string) =>
      until(`a row of ${login}`, async () => (await rowsOf(admin, login)).find((row) => row.loggedInAt), 60_000)

    test('the session keeps its place, its row id and its time of logon, also over a request that takes long', async () => {
      const browser = await Browser.logOn(offices[0]!.origin, 'keeper')
      const row = await rowOf('keeper')
      await sleep(1100)
      for (const { origin } of [...offices, ...offices]) {
        await browser.get(`${origin}/now/read?takes=700`)
        expect(await browser.who(origin)).toBe('keeper')
      }
      expect(new Set(browser.cookies).size).toBeGreaterThan(8)
      const after = await rowOf('keeper')
      expect(after).toMatchObject({ id: row.id, key: row.key, loggedInAt: row.loggedInAt })
    })

    test('is no way to remove oneself', async () => {
      const row = await rowOf('admin')
      expect(await remove(admin, [row])).toMatchObject([{ outcome: 'refused' }])
      expect(await admin.who()).toBe('admin')
    })

    test(`nobody escapes from ${floods} removals in a flood of requests`, async () => {
      const escaped: string[] = []
      for (let i = 0; i < floods; i++) {
        const victims = await Promise.all(
          Array.from({ length: people }, (_, n) => Browser.logOn(offices[n % 2]!.origin, `victim-${n}-`)),
        )
        const rows = await until(
          'their rows',
          async () => {
            const found = await rowsOf(admin, 'victim-')
            return found.length === people && found
          },
          60_000,
        )
        let flooding = true
        const requests = victims.flatMap((victim) =>
          offices.map(async ({ origin }) => {
            // Whoever is out asks on, as a browser would.
            while (flooding) await victim.get(`${origin}/now/change?takes=${Math.floor(Math.random() * 30)}`)
          }),
        )
        await sleep(Math.random() * 200)
        const outcomes = await removed(admin, rows)
        flooding = false
        await Promise.all(requests)
        expect(outcomes.filter((outcome) => !['ended', 'already-gone'].includes(outcome))).toEqual([])
        for (const [n, victim] of victims.entries()) {
          const who = await victim.whoever(offices.map(({ origin }) => origin))
          if (who.join() !== 'nobody') escaped.push(`${i}: ${n} is ${who.join()}, ${outcomes.join()}`)
        }
        // A process that was looking when they went may have shown them once more.
        await until('no row is left', async () => (await rowsOf(admin, 'victim-')).length === 0, 60_000)
      }
      expect(escaped).toEqual([])
    })
  })
})
