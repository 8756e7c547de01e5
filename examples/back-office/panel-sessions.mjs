import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import session from 'express-session'
import sqlite3 from 'sqlite3'
import { dataDirectory } from './installation.mjs'

// Outlives a restart, is well kept, and needs no more than the sqlite3 that is here anyway. The database is handed over
// open: connect-sqlite3 would open it with a sqlite3 of its own, which is older.
const SQLiteStore = createRequire(import.meta.url)('connect-sqlite3')(session)

export function openStore() {
  const database = new sqlite3.Database(join(dataDirectory, 'panel-sessions.sqlite'))
  return { store: new SQLiteStore({ db: database }), close: promisify(database.close.bind(database)) }
}

/** Options of express-session. `secret` and `name` are AdminJS's to give. */
export const sessionOptions = (store) => ({
  store,
  // A request that has changed nothing must not write the session back after it has been ended.
  resave: false,
  saveUninitialized: false,
  rolling: true,
  // lax: another site's page cannot post with this cookie.
  cookie: { httpOnly: true, sameSite: 'lax', maxAge: 8 * 60 * 60 * 1000 },
})
