import { Refusal } from '../refusal.js'

/** A session as it is just now, in a place where others may write it at any time. */
export interface Found {
  /** Whose it is now; undefined where nobody is logged in to it any more. */
  login: string | null | undefined
  /** Removes it if it still is what was found. False where it has been written since. */
  remove(): Promise<boolean>
}

/** A session that each request writes may have changed between the reading and the removal: so often it is read anew. */
const tries = 10

/**
 * Ends a session that still is of whom it was listed as.
 *
 * @param find reads it; null where it is not there
 * @throws RemovalRefused where it is another login's now
 */
export async function endUnlessChanged(
  login: string | null | undefined,
  signal: AbortSignal,
  find: () => Promise<Found | null>,
): Promise<'asked' | 'already-gone'> {
  for (let i = 0; i < tries; i++) {
    signal.throwIfAborted()
    const found = await find()
    if (found === null || found.login === undefined) return 'already-gone'
    if (found.login !== login) {
      throw new Refusal('anotherLogin')
    }
    signal.throwIfAborted()
    if (await found.remove()) return 'asked'
  }
  throw new Error(`The session was written anew each time that it was about to be ended, ${tries} times. Try again.`)
}
