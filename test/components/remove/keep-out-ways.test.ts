import { describe, expect, test } from '@jest/globals'
import type { EndingAnswer } from '../../../src/actions/page-answers.js'
import { anyWays, commonWays, cutToo } from '../../../src/components/remove/keep-out-ways.js'

type Way = EndingAnswer['keepOut'][number]
const way = (by: Way['by'], sessions: Way['cutsToo']['sessions'] = [], count = sessions.length): Way => ({
  by,
  cutsToo: { count, sessions },
})
const ending = (recordId: number, ...keepOut: Way[]): EndingAnswer => ({ recordId, keepOut })

describe('keeping out is offered', () => {
  test('in no way before the server has answered', () => expect(commonWays([])).toEqual([]))

  test('only in the ways that every session allows', () => {
    expect(commonWays([ending(1, way('login'), way('ip')), ending(2, way('ip'))])).toEqual([way('ip')])
    expect(commonWays([ending(1, way('login'), way('ip')), ending(2)])).toEqual([])
  })
})

test('of several removals, each way that any of them has is offered', () => {
  expect(anyWays([[way('login')], [way('login'), way('ip')], []])).toEqual([way('login'), way('ip')])
})

describe('who would be cut as well', () => {
  const anna = { login: 'anna', ip: '192.0.2.1' }
  const stranger = { login: null, ip: '192.0.2.9' }

  test('is named once, for the chosen way alone', () => {
    const both = commonWays([
      ending(1, way('login', [anna]), way('ip', [stranger])),
      ending(2, way('login', [anna]), way('ip')),
    ])
    expect(cutToo(both, 'login')).toEqual({ who: ['anna · 192.0.2.1'], more: false })
    expect(cutToo(both, 'ip')).toEqual({ who: ['192.0.2.9'], more: false })
  })

  test('is not all of them where the server says that there are more', () => {
    expect(cutToo([way('login', [anna], 40)], 'login').more).toBe(true)
  })
})
