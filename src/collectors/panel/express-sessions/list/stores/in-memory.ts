import { ownFunctions } from './any-store.js'
import { hasShape, type KnownStore } from './store-reader.js'

/**
 * express-session's own and memorystore's: each `touch` brings the cookie in the session up to date. Elsewhere only a
 * column or a TTL is.
 */
export const inMemory: KnownStore = {
  is: (store) => isMemoryStore(store) || isMemorystore(store),
  reader: (store, unguarded) => ({ ...ownFunctions(store, unguarded, true), cookieIsFresh: true }),
}

function isMemoryStore(store: object): boolean {
  const { sessions } = store as { sessions?: unknown }
  return typeof sessions === 'object' && sessions !== null && Object.getPrototypeOf(sessions) === null
}

const isMemorystore = (store: object) =>
  hasShape(store, { store: 'object', options: 'object', startInterval: 'function', stopInterval: 'function' })
