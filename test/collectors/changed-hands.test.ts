import { expect, test } from '@jest/globals'
import { changedHands } from '../../src/collectors/changed-hands.js'

const alice = { login: 'alice', ip: '192.0.2.1' }
const mallory = { login: 'mallory', ip: '203.0.113.9' }

test.each([
  ['somebody else’s', alice, mallory, 'somebodyElses'],
  ['nobody’s', alice, { ...alice, login: null }, 'nobodysNow'],
  ['somebody’s, and was nobody’s', { ...alice, login: null }, mallory, 'somebodysNow'],
  ['from elsewhere', alice, { ...alice, ip: mallory.ip }, 'elsewhere'],
  ['from elsewhere than was not known', { ...alice, ip: null }, alice, 'elsewhereThanUnknown'],
])('a session that is %s is refused, and whose it is now is not said', (_, listed, now, key) => {
  const refusal = changedHands(listed, now)!
  expect(refusal.said.key).toBe(key)
  expect(JSON.stringify([refusal.message, refusal.said])).not.toMatch(/mallory|203\.0\.113\.9/)
})

test('one that is as it was listed is not', () => {
  expect(changedHands(alice, { ...alice })).toBeNull()
  expect(changedHands({ login: null }, { login: null })).toBeNull()
})
