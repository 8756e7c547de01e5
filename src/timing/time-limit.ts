/** Thrown where something did not settle in time. */
export class TimeLimitReached extends Error {
  override readonly name = 'TimeLimitReached'
}

/**
 * Runs something that takes a signal for at most `ms` milliseconds. It is told to stop by its signal; if it does not
 * listen, its late answer is dropped.
 *
 * @param what names it in the error: 'the list of proftpd'
 */
export async function withTimeLimit<T>(
  ms: number,
  what: string,
  stopping: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stopping.throwIfAborted()
  const limit = new AbortController()
  const stop = () => limit.abort(stopping.reason)
  const timer = setTimeout(() => limit.abort(new TimeLimitReached(`${what} did not come within ${ms / 1000} s.`)), ms)
  stopping.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<T>((resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason as Error), { once: true })
      // `run` may throw before it gives a promise.
      Promise.resolve()
        .then(() => run(limit.signal))
        .then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    stopping.removeEventListener('abort', stop)
  }
}
