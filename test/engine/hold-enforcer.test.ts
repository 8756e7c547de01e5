import { expect, test } from '@jest/globals'
import type { Ends } from '../../src/collectors/engine/ends.js'
import { HoldEnforcer } from '../../src/collectors/engine/hold-enforcer.js'
import type { Holds } from '../../src/database/holds.js'
import { pausesDuring } from '../turns.js'

test('of many sessions those that are held are ended again, and the event loop can be let go between them', async () => {
  const ended: string[] = []
  const holds: Partial<Holds> = {
    of: async () => [{}] as never,
    remembers: (_, by, value) => (by === 'session' ? value === 'k7' : value === 'u99'),
  }
  const ends = { end: async ({ key }: { key: string }) => void ended.push(key) } as unknown as Ends
  const enforcer = new HoldEnforcer({ name: 'fake', kind: 'panel' }, holds as Holds, ends)
  const listed = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, login: `u${i}` }))
  const { signal } = new AbortController()
  expect(await pausesDuring(() => enforcer.endAgain(listed, signal))).toBeGreaterThanOrEqual(100)
  expect(ended).toEqual(['k7', 'k99'])
})
