import type { Store } from 'express-session'
import { ownFunctions } from './any-store.js'
import { connectMongo } from './connect-mongo.js'
import { connectPgSimple } from './connect-pg-simple.js'
import { connectRedis } from './connect-redis.js'
import { connectSessionKnex } from './connect-session-knex.js'
import { connectSessionSequelize } from './connect-session-sequelize.js'
import { connectSqlite3 } from './connect-sqlite3.js'
import { connectTypeorm } from './connect-typeorm.js'
import { expressMysqlSession } from './express-mysql-session.js'
import { inMemory } from './in-memory.js'
import { prismaSessionStore } from './prisma-session-store.js'
import { sessionFileStore } from './session-file-store.js'
import type { KnownStore, Reader, Unguarded } from './store-reader.js'

const knownStores: KnownStore[] = [
  ...[connectMongo, connectPgSimple, connectRedis, connectSessionKnex, connectSessionSequelize, connectSqlite3],
  ...[connectTypeorm, expressMysqlSession, inMemory, prismaSessionStore, sessionFileStore],
]

/**
 * The reader for a store.
 *
 * @throws TypeError where its sessions can't be listed with their ids
 */
export function readerOf(store: Store, unguarded: Unguarded): Reader {
  const known = knownStores.find(({ is }) => is(store))
  return known ? known.reader(store, unguarded) : ownFunctions(store, unguarded)
}
