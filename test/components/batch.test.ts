import { webcrypto } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { newBatch } from '../../src/components/remove/batch.js'

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a uuid where the browser makes one', () => expect(newBatch(webcrypto as Crypto)).toMatch(uuid4))

test('a uuid where it does not: a page opened by plain http under a name', () => {
  const getRandomValues = webcrypto.getRandomValues.bind(webcrypto) as Crypto['getRandomValues']
  const batches = Array.from({ length: 200 }, () => newBatch({ getRandomValues }))
  for (const batch of batches) expect(batch).toMatch(uuid4)
  expect(new Set(batches).size).toBe(200)
})
