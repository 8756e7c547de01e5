import { expect, test } from '@jest/globals'
import { steadied } from '../../../src/components/list/steady-rows.js'

const row = (id: string, idle = 0) => ({ id, params: { idle } }) as never

test('what is shown keeps its place and is brought up to date; what is new waits; what has left stays, as it was', () => {
  const { records, left, waiting } = steadied(
    [row('a'), row('b'), row('c')],
    [row('new'), row('c', 7), row('a', 5), row('newer')],
  )
  expect(records).toEqual([row('a', 5), row('b'), row('c', 7)])
  expect([...left]).toEqual(['b'])
  expect(waiting).toBe(2)
})
