import { describe, expect, test } from '@jest/globals'
import { inGroups, inSlices, lettingGo } from '../../src/timing/event-loop.js'
import { pausesDuring, turnsDuring } from '../turns.js'

function* busy(steps: number, ms: number): Generator<void, void> {
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    yield
  }
}

describe('work that lets the event loop go', () => {
  test('does so at the first pause after 2 ms', async () => {
    expect(await turnsDuring(() => lettingGo(busy(10, 3)))).toBeGreaterThanOrEqual(10)
  })

  test('goes on at pauses that come sooner', async () => {
    expect(await turnsDuring(() => lettingGo(busy(10_000, 0)))).toBeLessThan(5000)
  })

  test('gives what the work gives, and fails as it fails', async () => {
    expect(await lettingGo((function* () { yield; return 7 })())).toBe(7) // prettier-ignore
    await expect(lettingGo((function* () { yield; throw new Error('no') })())).rejects.toThrow('no') // prettier-ignore
  })
})

describe('work on each of many items', () => {
  const items = Array.from({ length: 100 }, (_, i) => i)

  test('is done in their order, with a pause after each', async () => {
    const done: number[] = []
    const { signal } = new AbortController()
    expect(await pausesDuring(() => inSlices(items, signal, (item) => done.push(item)))).toBeGreaterThanOrEqual(100)
    expect(done).toEqual(items)
  })

  test('ends at the signal', async () => {
    const stop = new AbortController()
    const done: number[] = []
    const work = (item: number) => {
      done.push(item)
      if (item === 5) stop.abort(new Error('Stop.'))
    }
    await expect(inSlices(items, stop.signal, work)).rejects.toThrow('Stop.')
    expect(done).toEqual([0, 1, 2, 3, 4, 5])
  })
})

test.each([0, 1, 9, 10, 11, 20])(
  'of %i items, groups of ten, with a turn of the event loop after each',
  async (count) => {
    const items = new Set(Array.from({ length: count }, (_, i) => i))
    const groups: number[][] = []
    const turns = await turnsDuring(async () => {
      for await (const group of inGroups(items, 10)) groups.push(group)
    })
    expect(groups.flat()).toEqual([...items])
    expect(groups.map(({ length }) => length).slice(0, -1)).toEqual(groups.slice(1).map(() => 10))
    expect(turns).toBeGreaterThanOrEqual(groups.length)
  },
)
