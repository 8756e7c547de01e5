import type { SessionData, Store } from 'express-session'
import { called } from '../called.js'
import { storedSessions } from './listed-shapes.js'
import { classOf, type Reader, type Unguarded } from './reader.js'

/** Stores whose cookie in the session is brought up to date by each `touch`; elsewhere only a column or a TTL is. */
const keepsCookieFresh = ['MemoryStore']

/** Reads a store through its own `all`, `get` and `destroy`. */
export function ownFunctions(store: Store, unguarded: Unguarded): Reader {
  const name = classOf(store)
  return {
    async all(signal) {
      const all = unguarded.all!
      const listed = await called<unknown>((callback) => all(callback as Parameters<typeof all>[0]), signal)
      return storedSessions(listed, name, keepsCookieFresh.includes(name))
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
