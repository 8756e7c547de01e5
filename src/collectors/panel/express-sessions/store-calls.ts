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

/** Whoever has called a function of a store, until he is answered: no closure, as each request of the host makes two. */
export class Caller {
  private hasReturned = false

  /**
   * @param isBusy whether whoever is called back now would be taken for somebody else; then the callback waits for the next
   *   tick, as it does until the function has returned. Else not, as a turn of its own is a good part of what the guard costs
   */
  constructor(
    private readonly callback: Callback,
    private readonly isBusy: () => boolean,
  ) {}

  answer(error?: unknown, value?: unknown): void {
    const { callback } = this
    if (!this.hasReturned || this.isBusy()) {
      process.nextTick(callback, error ?? null, value)
      return
    }
    try {
      callback(error ?? null, value)
    } catch (thrown) {
      // What the callback throws is the host's and must not look like an error of the store.
      process.nextTick(() => {
        throw thrown
      })
    }
  }

  /** The function has returned. */
  returned(): void {
    this.hasReturned = true
  }
}

/** Answers by a promise, where there is no callback. As with most stores, nobody has to listen. */
export function promised<T>(run: (callback: Callback<T>) => void): Promise<T> {
  const promise = new Promise<T>((resolve, reject) =>
    run((error, value) => (error ? reject(error as Error) : resolve(value as T))),
  )
  promise.catch(() => {})
  return promise
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function'
}
