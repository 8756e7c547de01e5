import { expect, test } from '@jest/globals'
import { ReturnWatch } from '../../src/collectors/engine/return-watch.js'
import type { RemovalRecords } from '../../src/database/removal-records.js'
import type { SessionRemovalRow } from '../../src/database/rows.js'
import { turnsDuring } from '../turns.js'

const whose = { host: 'here', kind: 'ftp', source: 'fake' } as const
const now = new Date()
const arrivals = Array.from({ length: 5000 }, (_, i) => ({ login: `u${i}`, ip: '192.0.2.1', startedAt: now }))
const removed = (login: string) => ({ login, ip: '192.0.2.1', startedAt: now }) as SessionRemovalRow

function watch(ended: SessionRemovalRow[]): { watch: ReturnWatch; back: string[] } {
  const back: string[] = []
  const records: Partial<RemovalRecords> = {
    endedSince: async () => ended,
    cameBack: async (_, { login }) => void back.push(login),
  }
  return { watch: new ReturnWatch(records as RemovalRecords, whose, async () => []), back }
}

test('of thousands that have come, whoever was ended is noted, and the event loop is let go meanwhile', async () => {
  const { watch: returns, back } = watch([removed('u4999'), removed('u7')])
  expect(await turnsDuring(() => returns.seen(arrivals))).toBeGreaterThanOrEqual(5)
  expect(back).toEqual(['u7', 'u4999'])
})

test('where nobody was ended nobody is looked at', async () => {
  const { watch: returns } = watch([])
  const looked: string[] = []
  await returns.seen(
    (function* () {
      for (const arrival of arrivals) {
        looked.push(arrival.login)
        yield arrival
      }
    })(),
  )
  expect(looked).toEqual([])
})
