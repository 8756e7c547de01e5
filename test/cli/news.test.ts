import { expect, jest, test } from '@jest/globals'
import { News } from '../../src/timing/wakeable-pause.js'

const month = 2 ** 31 - 1

test('news end the wait, whether they come meanwhile or came before', async () => {
  const news = new News(new AbortController().signal)
  const waiting = news.wait(1, month)
  news.arrive()
  await waiting
  news.arrive()
  await news.wait(1, month)
  // They are told once.
  jest.useFakeTimers()
  try {
    let over = false
    const next = news.wait(1, month).then(() => (over = true))
    await jest.advanceTimersByTimeAsync(month - 1)
    expect(over).toBe(false)
    news.arrive()
    await next
  } finally {
    jest.useRealTimers()
  }
})

test('the signal ends the wait', async () => {
  const stopping = new AbortController()
  const waiting = new News(stopping.signal).wait(month, month)
  stopping.abort()
  await waiting
  await new News(stopping.signal).wait(month, month)
})
