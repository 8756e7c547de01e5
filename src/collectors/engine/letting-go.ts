import { setImmediate } from 'node:timers/promises'

/** Drives a generator to its end and lets the event loop go at each of its pauses. */
export async function lettingGo<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await setImmediate()
  }
}

/** The items in groups of at most `size`; the event loop is let go after each. */
export async function* inGroups<T>(items: readonly T[], size: number): AsyncGenerator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size)
    await setImmediate()
  }
}
