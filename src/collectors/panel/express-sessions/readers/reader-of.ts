import type { Store } from 'express-session'
import { ownFunctions } from './own-functions.js'
import { classOf, type Reader, type Unguarded } from './reader.js'

type ReaderOf = (store: Store, unguarded: Unguarded) => Reader

/** Stores that list without ids or not at all, or do worse: read where they keep their sessions. By class name. */
const readers: Record<string, ReaderOf> = {}

/** Stores whose `all()` gives no ids, and for which there is no reader. */
const withoutIds = ['MongoStore']

/**
 * The reader for a store.
 *
 * @throws TypeError where its sessions can't be listed with their ids
 */
export function readerOf(store: Store, unguarded: Unguarded): Reader {
  const name = classOf(store)
  const own = Object.hasOwn(readers, name) ? readers[name]!(store, unguarded) : undefined
  if (own) return own
  const instead = 'Use a store that can, for instance connect-redis or connect-pg-simple; see docs/stores.md.'
  if (!unguarded.all) throw new TypeError(`${name} has no all(), so its sessions can't be listed. ${instead}`)
  if (withoutIds.includes(name)) {
    throw new TypeError(`${name} lists sessions without their ids, so they can't be ended. ${instead}`)
  }
  return ownFunctions(store, unguarded)
}
