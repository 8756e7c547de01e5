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

  test('is asked for anew each time where it takes no time', async () => {
    const shared = new SharedAnswers()
    const first = await shared.ask('how many', as('1'), taking(19))
    expect(await shared.ask('how many', as('1'), taking(19))).toBe(first + 1)
  })

  test('is given for ten times as long as it took, and says where the table has changed', async () => {
    const shared = new SharedAnswers()
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
    const shared = new SharedAnswers()
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
    const shared = new SharedAnswers()
    await shared.ask('how many', as('1'), taking(100))
    nowMs += 1000
    const never = () => new Promise<number>(() => {})
    void shared.ask('how many', as('1'), never)
    nowMs += 1000
    expect(await shared.ask('how many', as('1'), async () => 7)).toBe(7)
  })

  test('that could not be had is nobody else’s', async () => {
    const shared = new SharedAnswers()
    await shared.ask('how many', as('1'), taking(100))
    nowMs += 1000
    const failing = async () => Promise.reject(new Error('The database is away.'))
    await expect(shared.ask('how many', as('1'), failing)).rejects.toThrow('away')
    expect(await shared.ask('how many', as('1'), async () => 7)).toBe(7)
  })

  test('is no answer to another question, nor for whoever can be told of nothing', async () => {
    const shared = new SharedAnswers()
    await shared.ask('how many', as('1'), taking(100))
    expect(await shared.ask('how many of alice', as('1'), async () => 3)).toBe(3)
    expect(await shared.ask('how many', undefined, async () => 4)).toBe(4)
  })
})
