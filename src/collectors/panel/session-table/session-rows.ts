import { pageSize } from '../by-pages.js'
import { dialects } from './dialects.js'

/** As much of TypeORM's `DataSource` as is needed here. */
export interface TableConnection {
  readonly options: { readonly type: string }
  readonly isInitialized: boolean
  /** A connection of the pool, until it is released. */
  createQueryRunner(): {
    // What it answers is the engine's own, or with `structured` what it has changed.
    /** Runs one statement; `structured` gives how many rows it has changed as well. */
    query(sql: string, values?: unknown[], structured?: boolean): Promise<unknown>
    /** Gives it back. */
    release(): Promise<void>
  }
}

/** A row as it is read: the columns that the host's functions read, and as text those that are shown by name. */
export type StoredRow = Record<string, unknown>

/** A row, and what each of its columns was when it was read, exactly. */
export interface ExactRow {
  row: StoredRow
  exact: unknown[]
}

interface Columns {
  /** By the fields that they show; `id` is among them. */
  byName: Map<string, string>
  /** What the host's functions read beside them; null: all of the table. */
  read: string[] | null
}

const prefix = 'adminjs_sessions_'
/** The value of a row's column that is shown by name: a text, or null. */
export const shownAs = (row: StoredRow, field: string) => row[prefix + field] as string | null

/** The sessions in a table: read in transactions of a page each that can't write, and deleted by a statement each. */
export class SessionRows {
  private readonly dialect
  private readonly table: string
  private readonly id: string
  private readonly selected: string
  /** The columns of a row, as far as they are read. */
  private names: string[]

  constructor(
    private readonly connection: TableConnection,
    table: string,
    private readonly columns: Columns,
  ) {
    this.dialect = dialects[connection.options.type]!
    this.table = table.split('.').map(this.dialect.quoted).join('.')
    this.id = this.dialect.quoted(columns.byName.get('id')!)
    const { byName, read } = columns
    this.names = [...new Set([...byName.values(), ...(read ?? [])])]
    this.selected = [
      ...(read === null ? ['s.*'] : read.map((name) => `s.${this.dialect.quoted(name)}`)),
      ...[...byName].map(
        ([field, name]) => `${this.dialect.text(this.of(name))} AS ${this.dialect.quoted(prefix + field)}`,
      ),
    ].join(', ')
  }

  /** At most `pageSize` rows whose ids come after this one, in their order. */
  async after(id: string, signal: AbortSignal): Promise<StoredRow[]> {
    const beyond = id === '' ? '' : `AND s.${this.id} > ${this.dialect.parameter(1)}`
    const rows = await this.select(
      `SELECT ${this.selected} FROM ${this.table} s WHERE s.${this.id} IS NOT NULL ${beyond} ORDER BY s.${this.id} LIMIT ${pageSize}`,
      id === '' ? [] : [id],
      signal,
    )
    if (this.columns.read === null && rows.length > 0) {
      this.names = Object.keys(rows[0]!).filter((name) => !name.startsWith(prefix))
    }
    return rows
  }

  /** The row of this id; null where there is none. */
  async find(id: string, signal: AbortSignal): Promise<ExactRow | null> {
    const exact = this.names.map((name, i) => `${this.dialect.exact(this.of(name))} AS ${prefix}exact_${i}`)
    const [row] = await this.select(
      `SELECT ${[this.selected, ...exact].join(', ')} FROM ${this.table} s WHERE s.${this.id} = ${this.dialect.parameter(1)}`,
      [id],
      signal,
    )
    return row ? { row, exact: this.names.map((_, i) => row[`${prefix}exact_${i}`]) } : null
  }

  /** Deletes the row of this id if all that was read of it is as it was. False where it is not. */
  async delete(id: string, { exact }: ExactRow, signal: AbortSignal): Promise<boolean> {
    const { quoted, parameter, exact: exactly, same } = this.dialect
    const unchanged = this.names.map((name, i) => `${exactly(quoted(name))} ${same} ${parameter(i + 2)}`)
    const sql = `DELETE FROM ${this.table} WHERE ${[`${this.id} = ${parameter(1)}`, ...unchanged].join(' AND ')}`
    const { affected } = (await this.run(async (query) => query(sql, [id, ...exact], true), signal)) as {
      affected?: number
    }
    return affected === 1
  }

  /** The largest value of a column, as text. */
  async largest(column: string, signal: AbortSignal): Promise<unknown> {
    const largest = this.dialect.text(`MAX(${this.of(column)})`)
    const [row] = await this.select(`SELECT ${largest} AS largest FROM ${this.table} s`, [], signal)
    return row?.largest
  }

  /** SQLite takes a quoted name that no column has for a text, but not behind a table's. */
  private of(name: string): string {
    return `s.${this.dialect.quoted(name)}`
  }

  private select(sql: string, values: unknown[], signal: AbortSignal): Promise<StoredRow[]> {
    const { readOnly } = this.dialect
    return this.run(async (query) => {
      if (readOnly === null) return (await query(sql, values)) as StoredRow[]
      await query(readOnly)
      try {
        return (await query(sql, values)) as StoredRow[]
      } finally {
        await query('COMMIT')
      }
    }, signal)
  }

  /** On a connection of the host's pool. Whoever waits stops waiting at the signal; the connection goes back when it is free. */
  private async run<T>(work: (query: Query) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    if (!this.connection.isInitialized) {
      throw new Error('the DataSource is not open: await its initialize() before createSessions.')
    }
    const runner = this.connection.createQueryRunner()
    const query: Query = (...args) => runner.query(...args)
    const running = work(query).finally(() => runner.release())
    let give!: () => void
    const given = new Promise<never>((_, reject) => {
      give = () => reject(signal.reason as Error)
      signal.addEventListener('abort', give, { once: true })
    })
    return Promise.race([running, given]).finally(() => signal.removeEventListener('abort', give))
  }
}

type Query = ReturnType<TableConnection['createQueryRunner']>['query']
