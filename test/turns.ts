import { jest } from '@jest/globals'
import { performance } from 'node:perf_hooks'

/** How often the event loop goes round while something runs that waits for nothing. */
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

/** How often something that runs could let the event loop go, had it taken its time: at each of its pauses it looks at the clock. */
export async function pausesDuring(run: () => Promise<unknown>): Promise<number> {
  const clock = jest.spyOn(performance, 'now')
  try {
    await run()
    return clock.mock.calls.length
  } finally {
    clock.mockRestore()
  }
}
