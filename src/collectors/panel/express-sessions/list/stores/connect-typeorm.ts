import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, parsed } from './listed-shapes.js'
import { hasShape, type KnownStore } from './store-reader.js'

interface TypeormStore {
  /** Set by its `connect()`. */
  repository?: Repository
}

/** As much of TypeORM's repository as is needed here. */
interface Repository {
  createQueryBuilder(alias: string): Query
  softDelete(criteria: { id: string }): Promise<unknown>
}

interface Query {
  where(condition: string, values: object): Query
  andWhere(condition: string, values: object): Query
  orderBy(column: string): Query
  limit(rows: number): Query
  /** Without the rows that `destroy` has marked. */
  getMany(): Promise<{ id: string; json: string; expiredAt: number | string }[]>
}

/**
 * connect-typeorm: `all()` tells express-session that the store is gone when one session is damaged, and `destroy()`
 * calls back before it has tried and lets a failure kill the process. Reads and marks its rows through its own
 * repository.
 */
export const connectTypeorm: KnownStore = {
  is: (store) => hasShape(store, { connect: 'function', createQueryBuilder: 'function', limitSubquery: 'boolean' }),

  reader(store) {
    const repository = () => {
      const { repository } = store as unknown as TypeormStore
      if (repository) return repository
      throw new Error('TypeormStore has no repository yet. Call its connect() before the back office starts.')
    }
    const alive = () =>
      repository().createQueryBuilder('session').where('session.expiredAt > :now', { now: Date.now() })
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const rows = await alive()
            .andWhere('session.id > :after', { after })
            .orderBy('session.id')
            .limit(pageSize)
            .getMany()
          return rows.map(({ id, json, expiredAt }) => ({
            ...{ sid: id, expiresAt: dateOf(Number(expiredAt)) },
            session: parsed(json),
          }))
        }),
      has: async (sid) => (await alive().andWhere('session.id = :sid', { sid }).getMany()).length > 0,
      async destroy(sid) {
        await repository().softDelete({ id: sid })
      },
    }
  },
}
