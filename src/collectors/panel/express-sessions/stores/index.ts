import type { Store } from 'express-session'
import { knex } from './connect-session-knex.js'
import { ownFunctions } from './any-store.js'
import { pgSimple } from './connect-pg-simple.js'
import { classesOf, classOf, type Reader, type Unguarded } from './store-reader.js'
import { sessionFiles } from './session-file-store.js'
import { sqlite3 } from './connect-sqlite3.js'
import { typeorm } from './connect-typeorm.js'

type ReaderOf = (store: Store, unguarded: Unguarded) => Reader

/** Stores that list without ids or not at all, or do worse: read where they keep their sessions. By class name. */
const readers: Record<string, ReaderOf> = {
  ConnectSessionKnexStore: knex,
  FileStore: sessionFiles,
  PGStore: pgSimple,
  SQLiteStore: sqlite3,
  TypeormStore: typeorm,
}

/** Stores whose `all()` gives no ids, and for which there is no reader. */
const withoutIds = ['MongoStore']

/**
 * The reader for a store.
 *
 * @throws TypeError where its sessions can't be listed with their ids
 */
export function readerOf(store: Store, unguarded: Unguarded): Reader {
  const name = classOf(store)
  const classes = classesOf(store)
  const known = classes.find((each) => Object.hasOwn(readers, each))
  if (known) return readers[known]!(store, unguarded)
  const instead = 'Use a store that can, for instance connect-redis or connect-pg-simple; see docs/stores.md.'
  if (!unguarded.all) throw new TypeError(`${name} has no all(), so its sessions can't be listed. ${instead}`)
  if (classes.some((each) => withoutIds.includes(each))) {
    throw new TypeError(`${name} lists sessions without their ids, so they can't be ended. ${instead}`)
  }
  return ownFunctions(store, unguarded)
}
