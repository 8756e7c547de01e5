interface Row {
  id: string
  sid: string
  data: string
  expiresAt: Date
}

interface Query {
  where?: Record<string, unknown>
  orderBy?: { sid: 'asc' }
  take?: number
  data?: Partial<Row>
  create?: Row
  update?: Partial<Row>
}

/**
 * As much of a Prisma client with the model `session` as @quixo3/prisma-session-store and its reader use, over rows in
 * memory: a real one is generated for its schema. By https://www.prisma.io/docs/orm/reference/prisma-client-reference.
 */
export function prismaStandIn(rows = new Map<string, Row>()) {
  const matching = ({ where = {} }: Query) => [...rows.values()].filter((row) => matches(row, where))
  const one = (query: Query) => {
    const [row] = matching(query)
    if (row) return row
    throw Object.assign(new Error('An operation failed because it depends on one or more records that were required but not found.'), { code: 'P2025' }) // prettier-ignore
  }
  const put = (row: Row) => {
    rows.set(row.sid, row)
    return row
  }
  const session = {
    findUnique: async (query: Query) => matching(query)[0] ?? null,
    async findMany(query: Query = {}) {
      const found = matching(query)
      if (query.orderBy) found.sort((a, b) => (a.sid < b.sid ? -1 : 1))
      return found.slice(0, query.take)
    },
    create: async ({ data }: Query) => put(data as Row),
    update: async (query: Query) => put({ ...one(query), ...query.data }),
    upsert: async (query: Query) => put(matching(query)[0] ? { ...one(query), ...query.update } : query.create!),
    delete: async (query: Query) => rows.delete(one(query).sid),
    deleteMany: async (query: Query = {}) => ({ count: matching(query).filter(({ sid }) => rows.delete(sid)).length }),
  }
  return {
    client: { session, $connect: async () => {}, $disconnect: async () => {} },
    ids: () => [...rows.keys()],
    put,
  }
}

function matches(row: Row, where: Record<string, unknown>): boolean {
  return Object.entries(where).every(([field, expected]) => {
    const value = row[field as keyof Row]
    if (typeof expected !== 'object' || expected === null) return value === expected
    return Object.entries(expected).every(([operator, operand]) => {
      if (operator === 'gt') return value > (operand as Date)
      throw new Error(`The stand-in does not know ${operator}.`)
    })
  })
}
