import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { Browser, Office, placeKinds, refresh, removed, rowsOf, type Place } from './back-offices.js'

/** 50 removals of 500 in a longer run. */
const removals = Number(process.env.REMOVALS ?? 3)
const size = Number(process.env.REMOVED ?? 60)

describe.each(placeKinds)('$name $missing', ({ missing, start }) => {
  const describeHere = missing ? describe.skip : describe

  describeHere('collected by one process, and by two', () => {
    let place: Place
    let admin: Browser
    const join = () => Office.start(place, { pollEvery: 250 })
    beforeAll(async () => {
      place = await start()
      admin = await Browser.logOn((await join()).origin, 'admin')
    })
    afterAll(async () => {
      await Office.killAll()
      await place?.stop()
    })

    test.each([1, 2])(
      `%d: of ${removals * size} sessions that nobody else touches, each is ended by its removal`,
      async (count) => {
        if (count === 2) await join()
        const outcomes: Record<string, number> = {}
        for (let i = 0; i < removals; i++) {
          const login = `victim-${count}-${i}`
          await place.logOn(login, size)
          await refresh(admin)
          const rows = await until('their rows', async () => {
            const found = await rowsOf(admin, `${login}-`)
            return found.length === size && found
          })
          for (const outcome of await removed(admin, rows)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
          expect(await place.ids()).toHaveLength(1)
        }
        expect(outcomes).toEqual({ ended: removals * size })
      },
    )
  })
})
