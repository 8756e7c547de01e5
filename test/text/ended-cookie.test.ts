import { expect, test } from '@jest/globals'
import { endedCookie, endedSentences } from '../../src/text/ended-cookie.js'

test('sentences come out of a cookie, and nothing else does', () => {
  const cookie = (value: string) => `a=b; ${endedCookie}=${encodeURIComponent(value)}; c=d`
  expect(endedSentences(cookie('["x; y", 1, "z"]'))).toEqual(['x; y', 'z'])
  for (const wrong of ['{"a":1}', 'junk', '', '"x"']) expect(endedSentences(cookie(wrong))).toEqual([])
  expect(endedSentences(`not-${endedCookie}=[]`)).toEqual([])
  expect(endedSentences(`${endedCookie}=%`)).toEqual([])
})
