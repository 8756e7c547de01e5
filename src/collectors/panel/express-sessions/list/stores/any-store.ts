import type { SessionData, Store } from 'express-session'
import { called } from '../../store-calls.js'
import { storedSessions } from './listed-shapes.js'
import { byItsOwn, classOf, type Reader, type Unguarded } from './store-reader.js'

/**
 * Reads a store through its own `all`, `get` and `destroy`.
 *
 * @param cookieIsFresh whether the store keeps the expiry in the session's cookie up to date
 * @throws TypeError where it has no `all`
 */
export function ownFunctions(store: Store, unguarded: Unguarded, cookieIsFresh = false): Reader {
  const name = classOf(store)
  const { all } = unguarded
  if (!all) {
    throw new TypeError(
      `${name} has no all(), so its sessions can't be listed. Use a store that can, for instance connect-redis or ` +
        'connect-pg-simple; see docs/stores.md.',
    )
  }
  return {
    async all(signal) {
      const listed = await called<unknown>((callback) => all(callback as Parameters<typeof all>[0]), signal)
      return storedSessions(listed, name, cookieIsFresh)
    },
    async has(sid, signal) {
      const session = await called<SessionData | null>((callback) => unguarded.get(sid, callback), signal)
      return Boolean(session)
    },
    destroy: byItsOwn(unguarded),
  }
}
