import { In, type FindOptionsWhere, type ObjectLiteral, type Repository } from 'typeorm'
import { inGroups } from '../timing/event-loop.js'

/** An id is drawn before its row can be seen, and another process's later one may be seen first: by so many ids. */
const outOfOrder = 2_000
export const idsPerQuestion = 500

/** The rows of a table that have come since the last look. */
export class NewRows<Row extends ObjectLiteral & { id: number }> {
  /** Those of the last ids that were seen. */
  private readonly seen = new Set<number>()
  private last: number | undefined

  constructor(private readonly repository: Repository<Row>) {}

  /** None at the first look: what is there then is not new. */
  async look(): Promise<Row[]> {
    const isFirst = this.last === undefined
    this.last ??= (await this.query().select('MAX(row.id)', 'id').getRawOne<{ id: number | null }>())?.id ?? 0
    const ids = (
      await this.query()
        .select('row.id', 'id')
        .where('row.id > :from', { from: this.last - outOfOrder })
        .orderBy('row.id')
        .getRawMany<{ id: number }>()
    ).flatMap(({ id }) => (this.seen.has(id) ? [] : id))
    this.last = Math.max(this.last, ids.at(-1) ?? 0)
    for (const id of ids) this.seen.add(id)
    for (const id of this.seen) if (id <= this.last - outOfOrder) this.seen.delete(id)
    if (isFirst) return []
    const rows: Row[] = []
    for await (const some of inGroups(ids, idsPerQuestion)) {
      rows.push(...(await this.repository.findBy({ id: In(some) } as FindOptionsWhere<Row>)))
    }
    return rows.sort((a, b) => a.id - b.id)
  }

  private query() {
    return (this.repository as Repository<ObjectLiteral>).createQueryBuilder('row')
  }
}
