import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface SequelizeStore {
  options: { db: { Sequelize: { Op: { gt: symbol } } } }
  sessionModel: Model
}

/** As much of Sequelize's model as is needed here. */
interface Model {
  findAll(query: object): Promise<{ sid: string; data: unknown; expires: unknown }[]>
  count(query: object): Promise<number>
}

/**
 * connect-session-sequelize has no `all()`: reads its table, through its own model. Its `get` takes a session whose time
 * is up for as long as it has not been swept (every 15 minutes), so that one is still listed.
 */
export const connectSessionSequelize: KnownStore = {
  is: (store) =>
    hasShape(store, { sessionModel: 'function', clearExpiredSessions: 'function', options: { db: 'object' } }),

  reader(store, unguarded) {
    const { options, sessionModel } = store as unknown as SequelizeStore
    const { gt } = options.db.Sequelize.Op
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const query = { where: { sid: { [gt]: after } }, order: [['sid', 'ASC']], limit: pageSize }
          return (await sessionModel.findAll(query)).map(({ sid, data, expires }) => ({
            ...{ sid, expiresAt: dateOf(expires) },
            session: parsed(data),
          }))
        }),
      has: async (sid) => (await sessionModel.count({ where: { sid } })) > 0,
      destroy: byItsOwn(unguarded),
    }
  },
}
