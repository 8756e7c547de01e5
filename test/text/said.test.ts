import { expect, test } from '@jest/globals'
import { filledIn, inEnglish } from '../../src/text/said.js'

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

test('a name that looks like a place to fill in, or like a key, is not read again', () => {
  const values: Record<string, string> = { login: '{{ip}} $t(own)', ip: '192.0.2.1' }
  expect(filledIn('{{login}} from {{ip}}', (name) => values[name]!)).toBe('{{ip}} $t(own) from 192.0.2.1')
})

test('what is said is put together in English, with a server’s own words as they are', () => {
  const twins = { key: 'logTwins', values: { login: { key: 'somebody' }, ip: '{{login}}' } } as const
  expect(inEnglish([twins, '550 {{no}}'])).toBe(
    'Somebody has several sessions from {{login}}, and the log does not tell them apart: none is ended, as it may be the ' +
      'wrong one. 550 {{no}}',
  )
})
