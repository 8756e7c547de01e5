import { describe, expect, test } from '@jest/globals'
import { lettingGo } from '../../src/timing/event-loop.js'

/** How often the event loop goes round during work of several steps that take their time. */
async function turnsDuring(steps: number, ms: number): Promise<number> {
  let turns = 0
  const turn = () => {
    turns++
    turning = setImmediate(turn)
  }
  let turning = setImmediate(turn)
  await lettingGo(busy(steps, ms))
  clearImmediate(turning)
  return turns
}

function* busy(steps: number, ms: number): Generator<void, void> {
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    yield
  }
}

describe('work that lets the event loop go', () => {
  test('does so at the first pause after 5 ms', async () => {
    expect(await turnsDuring(10, 6)).toBeGreaterThanOrEqual(10)
  })

  test('goes on at pauses that come sooner', async () => {
    expect(await turnsDuring(10_000, 0)).toBeLessThan(5000)
  })

  test('gives what the work gives, and fails as it fails', async () => {
    expect(await lettingGo((function* () { yield; return 7 })())).toBe(7) // prettier-ignore
    await expect(lettingGo((function* () { yield; throw new Error('no') })())).rejects.toThrow('no') // prettier-ignore
  })
})
