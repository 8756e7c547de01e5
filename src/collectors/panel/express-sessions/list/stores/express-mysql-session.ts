import { called } from '../../store-calls.js'
import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface MySQLStore {
  options: { schema: { tableName: string; columnNames: { session_id: string; expires: string; data: string } } }
  /** The rows and what their columns are. Runs on the host's own connection or pool, of mysql or mysql2. */
  query(sql: string, values: unknown[]): Promise<[Row[], unknown]>
}

interface Row {
  sid: string
  data: unknown
  /** Seconds since 1970. */
  expires: number
}

/** express-mysql-session's `all()` knows no column by another name than its own: reads its table, on its own connection. */
export const expressMysqlSession: KnownStore = {
  is: (store) =>
    hasShape(store, { query: 'function', onReady: 'function', connection: 'object' }) &&
    hasShape(store, { options: { schema: { tableName: 'string', columnNames: { session_id: 'string' } } } }),

  reader(store, unguarded) {
    const { options } = store as unknown as MySQLStore
    const { tableName, columnNames } = options.schema
    const { session_id, expires, data } = columnNames
    /** Not expired: the store's own condition, seconds and all. */
    const rows = async (condition: string, values: unknown[], signal: AbortSignal) => {
      const sql = `SELECT ?? AS sid, ?? AS data, ?? AS expires FROM ?? WHERE ?? >= ? AND ${condition}`
      const now = Math.round(Date.now() / 1000)
      const query = () =>
        (store as unknown as MySQLStore).query(sql, [session_id, data, expires, tableName, expires, now, ...values])
      const [found] = (await called<[Row[], unknown]>(query, signal))!
      return found
    }
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const page = await rows(`?? > ? ORDER BY ?? LIMIT ${pageSize}`, [session_id, after, session_id], signal)
          return page.map((row) => ({
            ...{ sid: row.sid, expiresAt: dateOf(row.expires * 1000) },
            session: parsed(row.data),
          }))
        }),
      has: async (sid, signal) => (await rows('?? = ?', [session_id, sid], signal)).length > 0,
      destroy: byItsOwn(unguarded),
    }
  },
}
