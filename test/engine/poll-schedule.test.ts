import { expect, test } from '@jest/globals'
import { PollSchedule } from '../../src/collectors/engine/poll-schedule.js'

/** A schedule whose polls end when the test says so. */
function schedule() {
  const stopping = new AbortController()
  const ends: (() => void)[] = []
  let atOnce = 0
  let most = 0
  const polls = new PollSchedule(
    60_000,
    async () => {
      most = Math.max(most, ++atOnce)
      await new Promise<void>((resolve) => ends.push(resolve))
      atOnce--
      return ends.length
    },
    stopping.signal,
  )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { polls, stopping, ends, turn, most: () => most }
}

test('whoever asks while a poll runs gets one that begins afterwards, and all of them the same', async () => {
  const { polls, ends, turn } = schedule()
  const first = polls.poll()
  const [second, third] = [polls.poll(), polls.poll()]
  ends[0]!()
  expect(await first).toBe(1)
  await turn()
  expect(ends).toHaveLength(2)
  ends[1]!()
  expect(await Promise.all([second, third])).toEqual([2, 2])
})

test('two polls never run at once, not even for whoever asks just when one ends', async () => {
  const { polls, ends, turn, most } = schedule()
  const first = polls.poll()
  // In the same turn as the one that waits begins, and before it.
  const asked = first.then(() => polls.poll())
  const waiting = polls.poll()
  ends[0]!()
  await turn()
  expect(ends).toHaveLength(2)
  ends[1]!()
  await Promise.all([asked, waiting])
  expect(most()).toBe(1)
})

test('a hint brings the next poll, and its signal ends it all', async () => {
  const { polls, stopping, ends, turn } = schedule()
  const over = polls.run()
  await turn()
  ends[0]!()
  await turn()
  polls.hint()
  while (ends.length < 2) await turn()
  stopping.abort()
  ends[1]!()
  await over
  expect(ends).toHaveLength(2)
})
