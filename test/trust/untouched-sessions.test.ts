import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { Browser, Office, placeKinds, refresh, removed, rowsOf, type Place } from './back-offices.js'

/** 50 removals of 500 in a longer run. */
const removals = Number(process.env.REMOVALS ?? 3)
const size = Number(process.env.REMOVED ?? 60)

describe.each(placeKinds)('$name $missing', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe

  describeHere.each([1, 2])('collected by %d processes', (count) => {
    let place: Place
    let offices: Office[]
    beforeAll(async () => {
      place = await start()
      offices = await Promise.all(Array.from({ length: count }, () => Office.start(place, { pollEvery: 250 })))
    })
    afterAll(async () => {
      await Office.killAll()
      await place?.stop()
    })

    test(`of ${removals * size} sessions that nobody else touches, each is ended by its removal`, async () => {
      const admin = await Browser.logOn(offices[0]!.origin, 'admin')
      const outcomes: Record<string, number> = {}
      for (let i = 0; i < removals; i++) {
        await place.logOn(`victim-${i}`, size)
        await refresh(admin)
        const rows = await until(
          'their rows',
          async () => {
            const found = await rowsOf(admin, `victim-${i}-`)
            return found.length === size && found
          },
          120_000,
        )
        for (const outcome of await removed(admin, rows)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        expect(await place.ids()).toHaveLength(1)
      }
      expect(outcomes).toEqual({ ended: removals * size })
    })
  })
})
