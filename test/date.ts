import { jest } from '@jest/globals'

/** From now on `Date` can be moved on. It goes on by itself as well, and timers go by the real time as ever. */
export function takeDate(): void {
  const doNotFake = [
    ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
    ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
  ]
  jest.useFakeTimers({ doNotFake, advanceTimers: true })
}

export function moveDateOn(ms: number): void {
  jest.setSystemTime(Date.now() + ms)
}

export function giveDateBack(): void {
  jest.useRealTimers()
}
