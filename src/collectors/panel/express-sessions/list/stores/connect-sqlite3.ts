import { called } from '../../store-calls.js'
import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface SQLiteStore {
  db: { all(sql: string, values: unknown[], callback: (error: unknown, rows?: Row[]) => void): void }
  table: string
}

interface Row {
  sid: string
  sess: string
  /** ms since 1970. */
  expired: number
}

/**
 * connect-sqlite3 lists without ids, calls back twice on an error and throws beside it: reads its table, on its own
 * connection.
 */
export const connectSqlite3: KnownStore = {
  is: (store) => hasShape(store, { db: { all: 'function' }, table: 'string' }),

  reader(store, unguarded) {
    const { db, table } = store as unknown as SQLiteStore
    // The store does not quote its table's name either.
    const rows = async (condition: string, values: unknown[], signal: AbortSignal) =>
      (await called<Row[]>((callback) => {
        db.all(`SELECT sid, sess, expired FROM ${table} WHERE ${condition}`, values, callback)
      }, signal)) ?? []
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const condition = `sid > ? AND ? <= expired ORDER BY sid LIMIT ${pageSize}`
          return (await rows(condition, [after, Date.now()], signal)).map(({ sid, sess, expired }) => ({
            ...{ sid, expiresAt: dateOf(expired) },
            session: parsed(sess),
          }))
        }),
      has: async (sid, signal) => (await rows('sid = ? AND ? <= expired', [sid, Date.now()], signal)).length > 0,
      destroy: byItsOwn(unguarded),
    }
  },
}
