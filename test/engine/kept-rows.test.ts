import { expect, jest, test } from '@jest/globals'
import { KeptRows } from '../../src/collectors/engine/kept-rows.js'

test('rows that are forgotten while they are compared are compared all the same, and read again for the next list', async () => {
  const load = jest.fn(async () => new Map())
  const rows = new KeptRows({ load }, 'panel', ({ login }) => login)
  const meet = async () => new Map()
  const listed = [{ key: 'a', login: 'alice' }]
  const { written } = await rows.compare(listed, meet, async () => rows.forget())
  expect([...written.keys()]).toEqual(['a'])
  rows.wrote({ written, gone: [] })
  expect(rows.size).toBe(0)
  await rows.compare(listed, meet)
  expect(load).toHaveBeenCalledTimes(2)
})
