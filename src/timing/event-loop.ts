import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

/** For so long work goes on before the event loop is let go, in ms. */
const atOnce = 5

/** Drives a generator to its end. The event loop is let go at the first of its pauses after every 5 ms of work. */
export async function lettingGo<T>(work: Generator<void, T>): Promise<T> {
  for (let since = performance.now(); ;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - since < atOnce) continue
    await setImmediate()
    since = performance.now()
  }
}

/** The items in groups of at most `size`; the event loop is let go after each. */
export async function* inGroups<T>(items: readonly T[], size: number): AsyncGenerator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size)
    await setImmediate()
  }
}
