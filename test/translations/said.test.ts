import { expect, test } from '@jest/globals'
import { inEnglish } from '../../src/text/said.js'

test('sentences are put together, with a server’s own words among them', () => {
  expect(
    inEnglish([
      { key: 'stillThere', values: { seconds: 5 } },
      'No such session.',
      { key: 'askedFor', values: { count: 3 } },
    ]),
  ).toBe('Asked to end, but still there after 5 s. No such session. Asked for: 3.')
})

test('what is filled in is not read again', () => {
  expect(inEnglish([{ key: 'noForce', values: { source: '{{source}} $& {{login}}' } }])).toBe(
    '{{source}} $& {{login}} cannot end a session by force.',
  )
})
