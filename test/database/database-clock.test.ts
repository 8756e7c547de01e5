import { afterEach, describe, expect, test } from '@jest/globals'
import { DatabaseClock } from '../../src/database/database-clock.js'
import { giveDateBack, moveDateOn, takeDate } from '../date.js'

const minute = 60_000

describe("the database's clock", () => {
  const clocks: DatabaseClock[] = []
  afterEach(() => clocks.splice(0).forEach((clock) => clock.stop()))

  async function ahead(ms: number, engine: 'postgres' | 'sqlite' = 'postgres') {
    const clock = new DatabaseClock(engine, async () => [{ now: Date.now() + ms }])
    clocks.push(clock)
    await clock.start()
    return clock
  }

  test.each([
    ['ahead', 10 * minute, /600 s behind the database's/],
    ['behind', -10 * minute, /600 s ahead of the database's/],
  ])('that is %s by ten minutes is known to be, and told of', async (_, ms, warning) => {
    const clock = await ahead(ms)
    expect(Math.abs(clock.aheadMs - ms)).toBeLessThan(minute)
    expect(clock.warnings()).toEqual([expect.stringMatching(warning)])
  })

  test('is taken for the same within a second, and a file has none of its own', async () => {
    expect((await ahead(100)).aheadMs).toBe(0)
    const file = await ahead(10 * minute, 'sqlite')
    expect([file.aheadMs, file.warnings()]).toEqual([0, []])
  })

  test('stays where it is when that of this machine is set', async () => {
    takeDate()
    try {
      const clock = await ahead(10 * minute)
      moveDateOn(10 * minute)
      expect(Math.abs(clock.aheadMs)).toBeLessThan(minute / 2)
      expect(clock.warnings()).toEqual([])
    } finally {
      giveDateBack()
    }
  })

  test('is the same number each time, as a row is found by its time', async () => {
    const clock = await ahead(10 * minute)
    const first = clock.aheadMs
    for (let i = 0; i < 1000; i++) expect(clock.aheadMs).toBe(first)
  })
})
