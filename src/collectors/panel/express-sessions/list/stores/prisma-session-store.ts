import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, decoded } from './listed-shapes.js'
import { hasShape, type KnownStore } from './store-reader.js'

interface PrismaSessionStore {
  prisma: Record<string, Model>
  sessionModelName: string
  serializer: { parse(text: string): unknown }
}

/** As much of a Prisma model as is needed here. */
interface Model {
  findMany(query: object): Promise<Row[]>
  deleteMany(query: object): Promise<unknown>
}

interface Row {
  sid: string
  data: string | null
  expiresAt: Date
}

/**
 * \@quixo3/prisma-session-store: one session that can't be decoded fails its `all()`, expired ones are in it, and while
 * the database is away it lists nothing and says that it has destroyed. Reads and deletes its rows through its own client.
 */
export const prismaSessionStore: KnownStore = {
  is: (store) =>
    hasShape(store, {
      prisma: 'object',
      sessionModelName: 'string',
      serializer: 'object',
      validateConnection: 'function',
    }),

  reader(store) {
    const { prisma, sessionModelName, serializer } = store as unknown as PrismaSessionStore
    // Prisma makes its models when they are asked for.
    const model = () => prisma[sessionModelName]!
    /** Not expired: the store's own rule. */
    const alive = () => ({ expiresAt: { gt: new Date() } })
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const where = { sid: { gt: after }, ...alive() }
          const rows = await model().findMany({ where, orderBy: { sid: 'asc' }, take: pageSize })
          return rows.map(({ sid, data, expiresAt }) => ({
            ...{ sid, expiresAt: dateOf(expiresAt) },
            session: decoded(data ?? '{}', (text) => serializer.parse(text)),
          }))
        }),
      has: async (sid) => (await model().findMany({ where: { sid, ...alive() } })).length > 0,
      async destroy(sid) {
        await model().deleteMany({ where: { sid } })
      },
    }
  },
}
