import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { SharedAnswers } from '../../src/resources/shared-answers.js'

describe('an answer for all who have the same question', () => {
  let nowMs = 0
  beforeEach(() => {
    nowMs = 1_000
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs)
  })
  afterEach(() => void jest.restoreAllMocks())

  let asked = 0
  const taking = (ms: number) => async () => {
    nowMs += ms
    return ++asked
  }
  const as = (revision: string) => ({ revision }) as { revision: string; isOld?: true }

  /** Where the same question has taken a second already. */
  async function busy(): Promise<SharedAnswers> {
    const shared = new SharedAnswers()
    await shared.ask('how many', as('0'), taking(2_000))
    nowMs += 8_001
    return shared
  }

  test('is asked for anew each time for a second in all, and by all who ask in that time', async () => {
    const shared = new SharedAnswers()
    const first = await shared.ask('how many', as('1'), taking(500))
    expect(await shared.ask('how many', as('1'), taking(500))).toBe(first + 1)
    expect(await shared.ask('how many', as('1'), taking(500))).toBe(first + 2)
    expect(await shared.ask('how many', as('1'), taking(500))).toBe(first + 2)

    const many = new SharedAnswers()
    let answer = (_: number) => {}
    const slow = jest.fn(() => new Promise<number>((resolve) => (answer = resolve)))
    const own = [1, 2].map(() => {
      const asked = many.ask('how many', as('1'), slow)
      return { asked, answer }
    })
    nowMs += 600
    for (const one of own) one.answer(7)
    await Promise.all(own.map(({ asked }) => asked))
    expect(slow).toHaveBeenCalledTimes(2)
    await many.ask('how many', as('1'), slow)
    expect(slow).toHaveBeenCalledTimes(2)
  })

  test('is asked for anew where it takes a tenth of the time and less', async () => {
    const shared = new SharedAnswers()
    const first = await shared.ask('how many', as('1'), taking(50))
    for (let i = 1; i < 100; i++) {
      nowMs += 450
      expect(await shared.ask('how many', as('1'), taking(50))).toBe(first + i)
    }
    // Each adds 50 ms, of which 5 have gone by.
    for (let i = 100; i < 122; i++) expect(await shared.ask('how many', as('1'), taking(50))).toBe(first + i)
    expect(await shared.ask('how many', as('1'), taking(50))).toBe(first + 121)
  })

  test('is given for ten times as long as it took, and says where the table has changed', async () => {
    const shared = await busy()
    const first = await shared.ask('how many', as('1'), taking(100))
    nowMs += 899
    const [same, other] = [as('1'), as('2')]
    expect(await shared.ask('how many', same, taking(100))).toBe(first)
    expect(await shared.ask('how many', other, taking(100))).toBe(first)
    expect([same.isOld, other.isOld]).toEqual([undefined, true])
    nowMs += 1
    expect(await shared.ask('how many', other, taking(100))).toBe(first + 1)
  })

  test('is waited for by all, for so long; and then asked for again', async () => {
    const shared = await busy()
    await shared.ask('how many', as('1'), taking(100))
    nowMs += 1000
    let answer = (_: string) => {}
    const slow = jest.fn(() => new Promise<string>((resolve) => (answer = resolve)))
    const both = [shared.ask('how many', as('2'), slow), shared.ask('how many', as('3'), slow)]
    answer('many')
    expect(await Promise.all(both)).toEqual(['many', 'many'])
    expect(slow).toHaveBeenCalledTimes(1)
    // It has taken no time.
    void shared.ask('how many', as('4'), slow)
    expect(slow).toHaveBeenCalledTimes(2)
  })

  test('that never comes is not waited for by everybody', async () => {
    const shared = await busy()
    await shared.ask('how many', as('1'), taking(100))
    nowMs += 1000
    const never = () => new Promise<number>(() => {})
    void shared.ask('how many', as('1'), never)
    nowMs += 1000
    expect(await shared.ask('how many', as('1'), async () => 7)).toBe(7)
  })

  test('that could not be had is nobody else’s', async () => {
    const shared = await busy()
    await shared.ask('how many', as('1'), taking(100))
    nowMs += 1000
    const failing = async () => Promise.reject(new Error('The database is away.'))
    await expect(shared.ask('how many', as('1'), failing)).rejects.toThrow('away')
    expect(await shared.ask('how many', as('1'), async () => 7)).toBe(7)
  })

  test('is no answer to another question, nor for whoever can be told of nothing', async () => {
    const shared = await busy()
    await shared.ask('how many', as('1'), taking(100))
    expect(await shared.ask('how many of alice', as('1'), async () => 3)).toBe(3)
    expect(await shared.ask('how many', undefined, async () => 4)).toBe(4)
  })
})
