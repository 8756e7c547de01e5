import { In, type ObjectLiteral, type Repository } from 'typeorm'
import type { FtpSessionRow, PanelSessionRow } from '../../resources/rows.js'
import { inGroups } from './letting-go.js'
import type { Difference, Kept, Value } from './reconcile.js'

/** Upserts of more than a hundred rows and deletes of more than 500 hold the event loop too long, measured on both engines. */
const rowsPerUpsert = 100
const rowsPerDelete = 500

/** The rows of one source in its table. Single statements, no transaction held open: each is whole or not there. */
export class SessionTable {
  constructor(
    private readonly repository: Repository<PanelSessionRow> | Repository<FtpSessionRow>,
    private readonly host: string,
    private readonly source: string,
    readonly fields: readonly string[],
  ) {}

  /** What the rows hold, by key. */
  async load(): Promise<Map<string, Kept>> {
    const kept = new Map<string, Kept>()
    const repository = this.repository as Repository<ObjectLiteral>
    for (let lastId = 0; ; ) {
      const rows = await repository
        .createQueryBuilder('session')
        .where('session.host = :host AND session.source = :source AND session.id > :lastId', {
          host: this.host,
          source: this.source,
          lastId,
        })
        .orderBy('session.id')
        .limit(1000)
        .getMany()
      for (const row of rows) kept.set(row.key as string, { values: this.fields.map((field) => row[field] as Value) })
      if (rows.length < 1000) return kept
      lastId = rows[rows.length - 1].id as number
    }
  }

  async write({ written, gone }: Difference): Promise<void> {
    for await (const group of inGroups([...written], rowsPerUpsert)) {
      await (this.repository as Repository<ObjectLiteral>)
        .createQueryBuilder()
        .insert()
        .values(group.map(([key, kept]) => this.row(key, kept)))
        .orUpdate([...this.fields], ['host', 'source', 'key'])
        .updateEntity(false)
        .execute()
    }
    for await (const keys of inGroups(gone, rowsPerDelete)) {
      await (this.repository as Repository<ObjectLiteral>).delete({ host: this.host, source: this.source, key: In(keys) })
    }
  }

  private row(key: string, kept: Kept): ObjectLiteral {
    const row: ObjectLiteral = { host: this.host, source: this.source, key }
    this.fields.forEach((field, f) => (row[field] = kept.values[f]))
    return row
  }
}
