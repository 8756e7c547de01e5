import type { ObjectLiteral } from 'typeorm'
import type { Database } from './open-database.js'

/**
 * That a lease is still held, said in the statement that writes: whoever was stopped for a minute and goes on in the
 * middle of a write changes nothing. The lease's row is locked until the statement is over, so that whoever takes it over
 * finds all that was written before.
 *
 * @see https://www.postgresql.org/docs/current/sql-select.html (The Locking Clause)
 */
export class Fence {
  /** What its SQL refers to. */
  readonly parameters: ObjectLiteral
  private readonly lease: string

  constructor(
    { leases, engine }: Pick<Database, 'leases' | 'engine'>,
    place: { host: string; source: string },
    readonly epoch: number,
  ) {
    const { driver } = leases.manager.connection
    const table = leases.metadata.tablePath.split('.').map((name) => driver.escape(name)).join('.') // prettier-ignore
    const [host, source, itsEpoch] = ['host', 'source', 'epoch'].map((name) => driver.escape(name))
    this.parameters = { fenceHost: place.host, fenceSource: place.source, fenceEpoch: epoch }
    // One SQLite statement writes at a time, and one that has read before another wrote is refused.
    const lock = engine === 'postgres' ? ' FOR SHARE' : ''
    this.lease =
      `SELECT ${host} FROM ${table} WHERE ${host} = :fenceHost AND ${source} = :fenceSource ` +
      `AND ${itsEpoch} = :fenceEpoch${lock}`
  }

  /** The condition of a statement that changes or deletes. */
  get isHeld(): string {
    return `EXISTS (${this.lease})`
  }

  /** The host in the first row of a statement that inserts: null where the lease has gone, which its column refuses. */
  readonly host = () => `(${this.lease})`
}
