import { In, type EntityMetadata, type ObjectLiteral, type Repository } from 'typeorm'
import type { FtpSessionRow, GoneRow, PanelSessionRow } from '../../resources/rows.js'
import type { Arrival } from './came-back.js'
import { inGroups } from './letting-go.js'
import { isSame, type Difference, type Kept, type Value } from './reconcile.js'

/** Upserts of more than a hundred rows and deletes of more than 500 hold the event loop too long, measured on both engines. */
const rowsPerUpsert = 100
const rowsPerDelete = 500
/** A driver hands over all rows of a read in one piece. */
const rowsPerRead = 250

/** The rows of one source in its table. Single statements, no transaction held open: each is whole or not there. */
export class SessionTable {
  private readonly columns: EntityMetadata['columns']

  constructor(
    private readonly repository: Repository<PanelSessionRow> | Repository<FtpSessionRow>,
    private readonly gone: Repository<GoneRow>,
    private readonly whose: Pick<GoneRow, 'kind' | 'host' | 'source'>,
    readonly fields: readonly string[],
  ) {
    this.columns = fields.map((field) => repository.metadata.findColumnWithPropertyName(field)!)
  }

  /**
   * What the rows hold, by key.
   *
   * @param known what they held as far as is known: the very same objects come back where they still do
   */
  async load(known: ReadonlyMap<string, Kept> = new Map()): Promise<Map<string, Kept>> {
    const kept = new Map<string, Kept>()
    for (let last = ''; ;) {
      const rows = await this.rowsAfter(last)
      for (const row of rows) kept.set(row.key, this.asKnown(known.get(row.key), row))
      if (rows.length < rowsPerRead) return kept
      last = rows[rows.length - 1].key
    }
  }

  /** The next rows as the driver gives them: entities made of them take several times as long, with nobody to use them. */
  private rowsAfter(lastKey: string): Promise<({ key: string } & Record<string, unknown>)[]> {
    const query = (this.repository as Repository<ObjectLiteral>)
      .createQueryBuilder('session')
      .select('session.key', 'key')
      .where('session.host = :host AND session.source = :source AND session.key > :lastKey', {
        host: this.whose.host,
        source: this.whose.source,
        lastKey,
      })
      .orderBy('session.key')
      .limit(rowsPerRead)
    for (const field of this.fields) query.addSelect(`session.${field}`, field)
    return query.getRawMany()
  }

  private asKnown(known: Kept | undefined, row: Record<string, unknown>): Kept {
    const { driver } = this.repository.manager.connection
    const values = this.columns.map((column) => driver.prepareHydratedValue(row[column.propertyName], column) as Value)
    if (known?.values.every((value, f) => isSame(value, values[f]))) return known
    return { values, look: 0, sample: known?.sample }
  }

  /** The sessions of these logins, as far as somebody's return is concerned. */
  async arrivalsOf(logins: string[]): Promise<Arrival[]> {
    const rows = await (this.repository as Repository<ObjectLiteral>).findBy({
      host: this.whose.host,
      source: this.whose.source,
      login: In(logins),
    })
    return this.arrivals(rows.map((row) => ({ values: this.fields.map((field) => row[field] as Value) })))
  }

  arrivals(rows: Iterable<Pick<Kept, 'values'>>): Arrival[] {
    const [login, ip] = [this.fields.indexOf('login'), this.fields.indexOf('ip')]
    const startedAt = Math.max(this.fields.indexOf('loggedInAt'), this.fields.indexOf('connectedAt'))
    return Array.from(rows, ({ values }) => ({
      login: values[login] as string | null,
      ip: values[ip] as string | null,
      startedAt: values[startedAt] as Date | null,
    }))
  }

  /** Of these keys, those whose sessions are moving a file just now, as far as their rows know. */
  async movingFiles(keys: string[]): Promise<Set<string>> {
    if (keys.length === 0 || !this.fields.includes('status')) return new Set()
    const rows = await (this.repository as Repository<ObjectLiteral>).findBy({
      host: this.whose.host, source: this.whose.source, key: In(keys), status: In(['uploading', 'downloading']),
    }) // prettier-ignore
    return new Set(rows.map((row) => row.key as string))
  }

  async write({ written, gone }: Pick<Difference, 'written' | 'gone'>): Promise<void> {
    for await (const group of inGroups([...written], rowsPerUpsert)) {
      await (this.repository as Repository<ObjectLiteral>)
        .createQueryBuilder()
        .insert()
        .values(group.map(([key, kept]) => this.row(key, kept)))
        .orUpdate([...this.fields], ['host', 'source', 'key'])
        .updateEntity(false)
        .execute()
    }
    for await (const keys of inGroups(gone, rowsPerDelete)) await this.drop(keys)
  }

  /** Deletes rows, and keeps for a while what they were: a page that still shows one may ask for its session's end. */
  private async drop(keys: string[]): Promise<void> {
    const repository = this.repository as Repository<ObjectLiteral>
    const { host, source } = this.whose
    const rows = (await repository.findBy({ host, source, key: In(keys) })) as (PanelSessionRow | FtpSessionRow)[]
    const goneAt = new Date()
    for await (const group of inGroups(rows, rowsPerUpsert)) {
      await this.gone
        .createQueryBuilder()
        .insert()
        .values(group.map((row) => ({ ...this.whose, rowId: row.id, key: row.key, goneAt, session: { ...row } })))
        .orIgnore()
        .updateEntity(false)
        .execute()
    }
    await repository.delete({ host, source, key: In(keys) })
  }

  private row(key: string, kept: Kept): ObjectLiteral {
    const row: ObjectLiteral = { host: this.whose.host, source: this.whose.source, key }
    this.fields.forEach((field, f) => (row[field] = kept.values[f]))
    return row
  }
}
