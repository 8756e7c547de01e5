import type { SessionData } from 'express-session'
import { keyOf } from '../session-id.js'

/** The ids and keys of sessions that requests have come with. */
export type Used = ReadonlyMap<string, string>

/**
 * Tells a list that lacks sessions which its store has: whoever was let in a moment ago is the probe. A client with a key
 * prefix that only `get` knows of, or an `all()` that gives nothing, would look like a panel that nobody is logged in to.
 */
export class Unlisted {
  private suspects: Used = new Map()

  /**
   * @param store the name of its class
   * @param find what the store has under an id, past its list
   */
  constructor(
    private readonly store: string,
    private readonly find: (sid: string, signal: AbortSignal) => Promise<SessionData | null | undefined>,
  ) {}

  /**
   * Compares a list with what requests had come with before it was begun.
   *
   * @param present the keys of all that is in the store, by its list
   * @returns whether a session is missed that may have come and gone meanwhile: the next list will tell
   * @throws where one is missed for the second time
   */
  async check(used: Used, present: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
    const missed = new Map<string, string>()
    for (const [sid, key] of [...this.suspects, ...used]) {
      if (present.has(key)) continue
      const session = await this.find(sid, signal).catch(() => null)
      if (session && !present.has(keyOf(sid, session))) missed.set(sid, key)
    }
    const again = [...missed.keys()].some((sid) => this.suspects.has(sid))
    this.suspects = missed
    if (!again) return missed.size > 0
    throw new Error(
      `${this.store} lists ${present.size === 0 ? 'no sessions' : 'its sessions without some that it has'}: somebody who ` +
        'is logged in was let in by it a moment ago, and is not in the list. Check that its all() reads what its get() ' +
        'reads: a key prefix of the client itself (ioredis: keyPrefix) is not in effect when keys are listed; set the ' +
        "store's own prefix instead. See docs/stores.md.",
    )
  }
}
