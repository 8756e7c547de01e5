import { byPages, pageSize } from '../../../by-pages.js'
import { dateOf, decodedBy } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore } from './store-reader.js'

interface MongoStore {
  collectionP: Promise<Collection>
  options: { transformId?: unknown }
  /** Decrypts the session in a document, where the store encrypts. */
  decryptSession(document: Document): Promise<void>
  transformFunctions: { unserialize(stored: unknown): unknown }
}

/** As much of MongoDB's collection as is needed here. */
interface Collection {
  find(filter: object): {
    sort(by: object): { limit(documents: number): { toArray(): Promise<Document[]> } }
  }
  countDocuments(filter: object): Promise<number>
}

interface Document {
  _id: string
  session: unknown
  expires?: Date
}

/** connect-mongo's `all()` gives no ids, and fails for one session that can't be decoded: reads its collection, through its own client. */
export const connectMongo: KnownStore = {
  is: (store) =>
    hasShape(store, {
      collectionP: 'object',
      decryptSession: 'function',
      transformFunctions: { unserialize: 'function' },
    }),

  reader(store, unguarded) {
    const mongo = store as unknown as MongoStore
    if (mongo.options.transformId) {
      throw new TypeError(
        'connect-mongo keeps its sessions under other ids than they have, so they cannot be listed. Leave out its ' +
          'option transformId.',
      )
    }
    /** Not expired: the store's own condition. */
    const alive = () => ({ $or: [{ expires: { $exists: false } }, { expires: { $gt: new Date() } }] })
    const sessionOf = (document: Document) =>
      decodedBy("a document that can't be decrypted or decoded", async () => {
        const copy = { ...document }
        await mongo.decryptSession(copy)
        return mongo.transformFunctions.unserialize(copy.session)
      })
    return {
      all: (signal) =>
        byPages(signal, async (after) => {
          const query = (await mongo.collectionP).find({ _id: { $gt: after }, ...alive() })
          const page = await query.sort({ _id: 1 }).limit(pageSize).toArray()
          return await Promise.all(
            page.map(async (document) => ({
              ...{ sid: document._id, expiresAt: dateOf(document.expires) },
              session: await sessionOf(document),
            })),
          )
        }),
      has: async (sid) => (await (await mongo.collectionP).countDocuments({ _id: sid, ...alive() })) > 0,
      destroy: byItsOwn(unguarded),
    }
  },
}
