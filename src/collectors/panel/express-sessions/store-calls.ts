/** The last argument of a store's function: Node's (error, value) convention. */
export type Callback<T = unknown> = (error?: unknown, value?: T) => void

/**
 * Calls a store's function and gives its answer as a promise, however it answers: by its callback, twice (the first
 * counts), by throwing at once, or by a promise that rejects without calling back (connect-session-knex's `touch`).
 *
 * @param call hands the callback to the function and gives what the function returned
 * @param signal rejects with its reason where the function does not answer in time
 */
export function called<T>(call: (callback: Callback<T>) => unknown, signal?: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal!.reason as Error)
    if (signal?.aborted) return give()
    signal?.addEventListener('abort', give, { once: true })
    const settled = (error: unknown, value?: T) => {
      signal?.removeEventListener('abort', give)
      if (error) reject(error as Error)
      else resolve(value)
    }
    try {
      const returned = call(settled)
      if (isPromise(returned)) {
        // What a promise resolves to counts as an answer only where there is one: some resolve before they call back.
        returned.then((value) => value !== undefined && settled(null, value as T), settled)
      }
    } catch (error) {
      settled(error)
    }
  })
}

/** Answers like a store's function: by the callback, or by the promise where there is none. */
export function answer<T>(promise: Promise<T>, callback: Callback<T> | undefined): Promise<T> | undefined {
  if (typeof callback !== 'function') {
    // As with most stores, nobody has to listen.
    promise.catch(() => {})
    return promise
  }
  // Out of the promise's reach: what the callback throws is the host's and must not look like a rejection of ours.
  promise.then(
    (value) => process.nextTick(callback, null, value),
    (error: unknown) => process.nextTick(callback, error),
  )
  return undefined
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function'
}
