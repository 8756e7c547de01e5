import { expect, jest, test } from '@jest/globals'
import type { Difference } from '../../src/database/session-rows.js'
import { KeptRows } from '../../src/collectors/engine/kept-rows.js'
import { pausesDuring } from '../turns.js'

test('rows that are forgotten while they are compared are compared all the same, and read again for the next list', async () => {
  const load = jest.fn(async () => new Map())
  const rows = new KeptRows({ load }, 'panel', ({ login }) => login)
  const meet = async () => new Map()
  const listed = [{ key: 'a', login: 'alice' }]
  const { written } = await rows.compare(listed, meet, async () => rows.forget())
  expect([...written.keys()]).toEqual(['a'])
  await rows.wrote({ written, gone: [] })
  expect(rows.size).toBe(0)
  await rows.compare(listed, meet)
  expect(load).toHaveBeenCalledTimes(2)
})

test('the event loop can be let go where sessions are looked for in the rows, compared and kept, and where all have gone', async () => {
  const rows = new KeptRows({ load: async () => new Map() }, 'panel', ({ login }) => login)
  const listed = Array.from({ length: 10_000 }, (_, i) => ({ key: `k${i}`, login: `u${i}` }))
  const none = async () => new Map()
  let found: Difference | undefined
  expect(await pausesDuring(async () => (found = await rows.compare(listed, none)))).toBeGreaterThanOrEqual(200)
  expect(await pausesDuring(() => rows.wrote(found!))).toBeGreaterThanOrEqual(100)
  expect(rows.size).toBe(10_000)
  const gone = listed.map(({ key }) => key)
  expect(await pausesDuring(() => rows.wrote({ written: [], gone }))).toBeGreaterThanOrEqual(100)
  expect(rows.size).toBe(0)
})

test('a row that another process has written is met once, and is no change', async () => {
  const ofAnother = new KeptRows({ load: async () => new Map() }, 'panel', ({ login }) => login)
  const listed = [{ key: 'a', login: 'alice' }]
  const { written } = await ofAnother.compare(listed, async () => new Map())
  const rows = new KeptRows({ load: async () => new Map() }, 'panel', ({ login }) => login)
  const meet = jest.fn(async (keys: string[]) => new Map(keys.map((key) => [key, { ...written.get(key)!, id: 7 }])))
  for (let look = 0; look < 2; look++) expect((await rows.compare(listed, meet)).written.size).toBe(0)
  expect(meet.mock.calls).toEqual([[['a']], [[]]])
  expect((await rows.compare([], meet)).gone).toEqual(['a'])
})
