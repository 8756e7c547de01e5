import type { SessionData, Store } from 'express-session'
import { called } from '../store-calls.js'
import { storedSessions } from './listed-shapes.js'
import { classesOf, classOf, type Reader, type Unguarded } from './store-reader.js'

/**
 * express-session's own and memorystore's: each `touch` brings the cookie in the session up to date. Elsewhere only a
 * column or a TTL is.
 */
const keepsCookieFresh = 'MemoryStore'

/** Reads a store through its own `all`, `get` and `destroy`. */
export function ownFunctions(store: Store, unguarded: Unguarded): Reader {
  const name = classOf(store)
  const cookieIsFresh = classesOf(store).includes(keepsCookieFresh)
  return {
    cookieIsFresh,
    async all(signal) {
      const all = unguarded.all!
      const listed = await called<unknown>((callback) => all(callback as Parameters<typeof all>[0]), signal)
      return storedSessions(listed, name, cookieIsFresh)
    },
    async has(sid, signal) {
      const session = await called<SessionData | null>((callback) => unguarded.get(sid, callback), signal)
      return Boolean(session)
    },
    async destroy(sid, signal) {
      await called((callback) => unguarded.destroy(sid, callback), signal)
    },
  }
}
