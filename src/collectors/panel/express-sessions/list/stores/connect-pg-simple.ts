import { called } from '../../store-calls.js'
import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface PGStore {
  /** Its first row only. Runs on the host's own pool, or pg-promise. */
  query(query: string, values: unknown[], callback: (error: unknown, row?: Record<string, unknown>) => void): void
  quotedTable(): string
}

/** Not expired: the store's own condition, seconds and all. */
const alive = 'expire >= to_timestamp($2)'
const nowSeconds = () => Math.ceil(Date.now() / 1000)

/** connect-pg-simple has no `all()`: reads its table, through its own connection. */
export const connectPgSimple: KnownStore = {
  is: (store) => hasShape(store, { query: 'function', quotedTable: 'function' }),

  reader(store, unguarded) {
    const { query, quotedTable } = store as unknown as PGStore
    const firstRow = (sql: string, values: unknown[], signal: AbortSignal) =>
      called<Record<string, unknown>>((callback) => query.call(store, sql, values, callback), signal)
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const row = await firstRow(
            // `expire` has no time zone: it is what to_timestamp() was in the connection's.
            `SELECT coalesce(json_agg(page), '[]') AS page FROM (
               SELECT sid, sess, extract(epoch FROM expire::timestamptz) * 1000 AS expires FROM ${quotedTable.call(store)}
               WHERE sid > $1 AND ${alive} ORDER BY sid LIMIT ${pageSize}) AS page`,
            [after, nowSeconds()],
            signal,
          )
          return (row!.page as { sid: string; sess: unknown; expires: number }[]).map(({ sid, sess, expires }) => ({
            ...{ sid, expiresAt: dateOf(expires) },
            session: parsed(sess),
          }))
        }),
      async has(sid, signal) {
        const sql = `SELECT 1 AS found FROM ${quotedTable.call(store)} WHERE sid = $1 AND ${alive}`
        return (await firstRow(sql, [sid, nowSeconds()], signal)) !== undefined
      },
      destroy: byItsOwn(unguarded),
    }
  },
}
