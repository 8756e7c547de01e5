import { jest } from '@jest/globals'
import { performance } from 'node:perf_hooks'

/** How often the event loop goes round while something runs. */
export async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
  let turns = 0
  const turn = () => {
    turns++
    turning = setImmediate(turn)
  }
  let turning = setImmediate(turn)
  await run()
  clearImmediate(turning)
  return turns
}

/**
 * As `turnsDuring`, by a clock on which 3 ms go by from each look at it to the next: work that may go on for 5 ms lets the
 * event loop go at every other of its pauses, however fast the machine is.
 */
export async function turnsOfSlowWork(run: () => Promise<unknown>): Promise<number> {
  let ms = performance.now()
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (ms += 3))
  try {
    return await turnsDuring(run)
  } finally {
    clock.mockRestore()
  }
}
