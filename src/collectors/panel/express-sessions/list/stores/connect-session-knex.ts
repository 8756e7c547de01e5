import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface ConnectSessionKnexStore {
  options: { knex: Knex; tableName: string; sidFieldName: string }
  /** Its table exists. */
  ready: Promise<void>
}

/** As much of knex as is needed here. */
interface Knex {
  (table: string): Query
  client: { dialect?: string }
}

interface Query extends PromiseLike<Row[]> {
  select(columns: Record<string, string>): Query
  where(column: string, operator: string, value: unknown): Query
  orderBy(column: string): Query
  limit(rows: number): Query
}

interface Row {
  sid: string
  sess: unknown
  expired: unknown
}

/** Where the column's time comes back as it was stored; MySQL's and others' have no time zone. */
const dialectsWithInstants = ['sqlite3', 'better-sqlite3', 'postgresql']

/** connect-session-knex lists without ids: reads its table, through its own knex. */
export const connectSessionKnex: KnownStore = {
  is: (store) =>
    hasShape(store, { ready: 'object', options: { knex: 'function', tableName: 'string', sidFieldName: 'string' } }),

  reader(store, unguarded) {
    const { options, ready } = store as unknown as ConnectSessionKnexStore
    const { tableName, sidFieldName } = options
    const hasInstants = dialectsWithInstants.includes(options.knex.client.dialect ?? '')
    const rows = () => options.knex(tableName).select({ sid: sidFieldName, sess: 'sess', expired: 'expired' })
    const inTime = (expiresAt: Date | null) => !expiresAt || expiresAt.getTime() > Date.now()
    const expiryOf = (row: Row) => (hasInstants ? dateOf(row.expired) : null)
    return {
      async all(signal) {
        await ready
        const sessions = await byPages(signal, async (after) => {
          const page = await rows().where(sidFieldName, '>', after).orderBy(sidFieldName).limit(pageSize)
          return page.map((row) => ({
            ...{ sid: row.sid, expiresAt: expiryOf(row) },
            session: parsed(row.sess),
          }))
        })
        return sessions.filter(({ expiresAt }) => inTime(expiresAt))
      },
      async has(sid) {
        await ready
        return (await rows().where(sidFieldName, '=', sid)).some((row) => inTime(expiryOf(row)))
      },
      destroy: byItsOwn(unguarded),
    }
  },
}
