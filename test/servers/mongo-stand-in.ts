import { BSON, type Document } from 'mongodb'

/**
 * As much of a MongoClient as connect-mongo and its reader use, over documents in memory: MongoDB is not in Debian. What is
 * kept has been through the real BSON; filters are those of https://www.mongodb.com/docs/manual/reference/operator/query/
 * that the two ask with, and any other is an error.
 */
export function mongoStandIn(documents = new Map<string, Uint8Array>()) {
  /** By an id, the others need not be unpacked: what is stored one by one would take the square of their number. */
  const candidates = ({ _id }: Document) => (typeof _id === 'string' ? [documents.get(_id)] : [...documents.values()])
  const matching = (filter: Document) =>
    candidates(filter).flatMap((bytes) => {
      const document = bytes && BSON.deserialize(bytes)
      return document && matches(document, filter) ? [document] : []
    })
  const put = (document: Document) => documents.set(document._id as string, BSON.serialize(document))
  const remove = (found: Document[]) => {
    for (const { _id } of found) documents.delete(_id as string)
    return { deletedCount: found.length }
  }
  const collection = {
    createIndex: async () => 'expires_1',
    findOne: async (filter: Document) => matching(filter)[0] ?? null,
    countDocuments: async (filter: Document) => matching(filter).length,
    find: (filter: Document) => ({
      sort: (by: { _id: 1 }) => ({
        limit: (most: number) => ({
          async toArray() {
            if (by._id !== 1) throw new Error('The stand-in sorts by _id only.')
            return matching(filter)
              .sort((a, b) => (a._id < b._id ? -1 : 1))
              .slice(0, most)
          },
        }),
      }),
    }),
    async updateOne(filter: Document, { $set }: { $set: Document }, { upsert = false } = {}) {
      const [found] = matching(filter)
      if (!found && !upsert) return { matchedCount: 0, upsertedCount: 0 }
      put({ ...found, ...filter, ...$set })
      return { matchedCount: found ? 1 : 0, upsertedCount: found ? 0 : 1 }
    },
    deleteOne: async (filter: Document) => remove(matching(filter).slice(0, 1)),
    deleteMany: async (filter: Document) => remove(matching(filter)),
  }
  return { client: { db: () => ({ collection: () => collection }) }, ids: () => [...documents.keys()], put }
}

function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([field, expected]) => {
    if (field === '$or') return (expected as Document[]).some((one) => matches(document, one))
    const value: unknown = document[field]
    if (typeof expected !== 'object' || expected === null) return value === expected
    return Object.entries(expected as Document).every(([operator, operand]) => {
      if (operator === '$exists') return (value !== undefined) === operand
      if (operator === '$gt') return value !== undefined && (value as string) > (operand as string)
      if (operator === '$lt') return value !== undefined && (value as string) < (operand as string)
      throw new Error(`The stand-in does not know ${operator}.`)
    })
  })
}
