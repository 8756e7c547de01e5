/** The last argument of a store's function: Node's (error, value) convention. */
export type Callback<T = unknown> = (error?: unknown, value?: T) => void

/**
 * Calls a store's function and hands on its answer, however it answers: by its callback, twice (the first counts), by
 * throwing at once, or by a promise that rejects without calling back (connect-session-knex's `touch`).
 *
 * @param call hands the callback to the function and gives what the function returned
 */
export function ask<T>(call: (callback: Callback<T>) => unknown, done: Callback<T>): void {
  let answered = false
  const settled = (error?: unknown, value?: T) => {
    if (answered) return
    answered = true
    done(error, value)
  }
  let returned
  try {
    returned = call(settled)
  } catch (error) {
    settled(error)
    return
  }
  // What a promise resolves to counts as an answer only where there is one: some resolve before they call back.
  if (isPromise(returned)) returned.then((value) => value !== undefined && settled(null, value as T), settled)
}

/** The same as a promise. @param signal rejects with its reason where the function does not answer in time */
export function called<T>(call: (callback: Callback<T>) => unknown, signal?: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal!.reason as Error)
    if (signal?.aborted) return give()
    signal?.addEventListener('abort', give, { once: true })
    ask(call, (error, value) => {
      signal?.removeEventListener('abort', give)
      if (error) reject(error as Error)
      else resolve(value)
    })
  })
}

/**
 * Answers like a store's function: by the callback, or by a promise where there is none.
 *
 * @param isBusy whether whoever is called back now would be taken for somebody else; then the callback waits for the next
 *   tick, as it does until this has returned. Else not, as a turn of its own is a good part of what the guard costs
 */
export function answer<T>(
  callback: Callback<T> | undefined,
  run: (done: Callback<T>) => void,
  isBusy: () => boolean,
): Promise<T> | undefined {
  if (typeof callback === 'function') {
    let returned = false
    const done: Callback<T> = (error, value) => {
      if (!returned || isBusy()) return process.nextTick(callback, error ?? null, value)
      try {
        callback(error ?? null, value)
      } catch (thrown) {
        // What the callback throws is the host's and must not look like an error of the store.
        process.nextTick(() => {
          throw thrown
        })
      }
    }
    try {
      run(done)
    } catch (error) {
      done(error)
    }
    returned = true
    return undefined
  }
  const promise = new Promise<T>((resolve, reject) =>
    run((error, value) => (error ? reject(error as Error) : resolve(value as T))),
  )
  // As with most stores, nobody has to listen.
  promise.catch(() => {})
  return promise
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function'
}
