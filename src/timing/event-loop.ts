import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

/** For so long work goes on before the event loop is let go, in ms. */
const atOnce = 2

/** Drives a generator to its end. The event loop is let go at the first of its pauses after every 2 ms of work. */
export async function lettingGo<T>(work: Generator<void, T>): Promise<T> {
  for (let since = performance.now(); ;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - since < atOnce) continue
    await setImmediate()
    since = performance.now()
  }
}

/**
 * Does `work` for each item, and lets the event loop go after every 2 ms of it.
 * @throws the signal's reason when it is aborted meanwhile
 */
export function inSlices<Item>(items: Iterable<Item>, signal: AbortSignal, work: (item: Item) => void): Promise<void> {
  return lettingGo(
    (function* () {
      for (const item of items) {
        work(item)
        yield
        signal.throwIfAborted()
      }
    })(),
  )
}

/**
 * Does `work`, which takes its time, for each item, sixteen at a time.
 * @throws the signal's reason when it is aborted meanwhile
 */
export async function inBatches<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for await (const group of inGroups(items, 16)) {
    await Promise.all(group.map(work))
    signal.throwIfAborted()
  }
}

/** The items in groups of at most `size`; the event loop is let go after each. */
export async function* inGroups<T>(items: Iterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = []
  for (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    await setImmediate()
    group = []
  }
  if (group.length === 0) return
  yield group
  await setImmediate()
}
