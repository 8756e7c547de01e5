import { In, type ObjectLiteral, type Repository } from 'typeorm'
import { inGroups } from '../timing/event-loop.js'
import type { Fence } from './fence.js'
import type { Database } from './open-database.js'
import type { FtpSessionRow, GoneRow, HistoryRow, PanelSessionRow } from './rows.js'

const keysPerQuestion = 500

type Whose = Pick<GoneRow, 'kind' | 'host' | 'source'>

/** Whose person was seen to log out, by keys. */
export type LoggedOut = ReadonlySet<string>

/** What a line has of its session's row. */
const fields = {
  panel: ['host', 'source', 'key', 'login', 'person', 'type', 'ip', 'lastActiveAt', 'logonIp', 'userAgent'],
  ftp: ['host', 'source', 'key', 'login', 'person', 'type', 'ip', 'lastActiveAt', 'domain', 'protocol', 'movedBytes'],
}
const began = { panel: 'loggedInAt', ftp: 'connectedAt' }

/**
 * The history of one source's sessions, and with `nameRemoved` the only place that writes it. Several processes may find
 * one session gone: there is one line of each, and what any of them knows of its end stands.
 */
export class SessionHistory {
  constructor(
    private readonly database: Pick<Database, 'history' | 'removals' | 'engine' | 'changes'>,
    private readonly rows: Repository<PanelSessionRow> | Repository<FtpSessionRow>,
    private readonly whose: Whose,
  ) {}

  /** The rows with these keys are about to be deleted, or another process has just done that. */
  async ended(keys: readonly string[], loggedOut: LoggedOut, fence?: Fence): Promise<void> {
    const expires = this.column('expiresAt')
    const either = (then: string, otherwise: string) =>
      this.whose.kind === 'ftp' ? otherwise : `CASE WHEN ${expires} <= :at THEN ${then} ELSE ${otherwise} END`
    await this.write(keys, new Date(), either(`'expired'`, `'unknown'`), either(expires, ':at'), fence)
    await this.loggedOut(keys.filter((key) => loggedOut.has(key)))
    await nameRemoved(this.database, this.whose, keys)
    this.database.changes.changed('history')
  }

  /**
   * Their persons were seen to log out. Not written with the line: another process may have been the first to find them
   * gone, and have known nothing of it. What was taken out of a store after its time was over is no logout.
   */
  async loggedOut(keys: readonly string[]): Promise<void> {
    for await (const some of inGroups([...keys], keysPerQuestion)) {
      await this.database.history.update({ ...this.whose, key: In(some), how: 'unknown' }, { how: 'logged-out' })
      this.database.changes.changed('history')
    }
  }

  /** Nobody could read their source since then. */
  async dropped(keys: readonly string[], lastSeenAt: Date, fence: Fence): Promise<void> {
    await this.write(keys, lastSeenAt, `'dropped'`, ':at', fence)
    this.database.changes.changed('history')
  }

  /** These sessions are there: any that had been taken for ended could not be seen for a while. */
  async notEnded(keys: readonly string[], fence?: Fence): Promise<void> {
    const deletion = this.database.history
      .createQueryBuilder()
      .delete()
      .where({ ...this.whose, key: In([...keys]) })
    const { affected } = await (fence ? deletion.andWhere(fence.isHeld, fence.parameters) : deletion).execute()
    if (affected !== 0) this.database.changes.changed('history')
  }

  /** How the sessions of these rows have ended, by the rows' ids. */
  async howEnded(rowIds: readonly number[]): Promise<Map<number, HistoryRow['how']>> {
    const how = new Map<number, HistoryRow['how']>()
    for await (const some of inGroups([...rowIds], keysPerQuestion)) {
      const lines = await this.database.history.find({ select: { id: true, rowId: true, how: true }, where: { kind: this.whose.kind, rowId: In(some) } }) // prettier-ignore
      for (const line of lines) how.set(line.rowId, line.how)
    }
    return how
  }

  /** From table to table: ten thousand lines that come through here and go back would hold up everything else. */
  private async write(
    keys: readonly string[],
    at: Date,
    how: string,
    endedAt: string,
    fence: Fence | undefined,
  ): Promise<void> {
    const { history, engine } = this.database
    const { kind, host, source } = this.whose
    const columns = Object.entries({
      ...{ kind: `'${kind}'`, rowId: this.column('id'), startedAt: this.column(began[kind]), how, endedAt },
      ...Object.fromEntries(fields[kind].map((field) => [field, this.column(field)])),
    })
    // Of a parameter that stands alone PostgreSQL does not know what it is.
    const typed = (said: string) => (engine === 'postgres' ? said.replaceAll(':at', 'CAST(:at AS timestamptz)') : said)
    const selection = (this.rows as Repository<ObjectLiteral>)
      .createQueryBuilder('session')
      .select(columns.map(([, said]) => typed(said)))
      .where({ host, source, key: In([...keys]) })
      .setParameters({ at })
    if (fence) selection.andWhere(fence.isHeld, fence.parameters)
    const [from, parameters] = selection.getQueryAndParameters()
    const table = history.metadata.tablePath.split('.').map((name) => this.escape(name))
    const names = columns.map(([name]) => this.escape(name))
    await history.query(`INSERT INTO ${table.join('.')} (${names.join()}) ${from} ON CONFLICT DO NOTHING`, parameters)
  }

  /** A column of the session's row; not by its property, or TypeORM would put it before what is no property. */
  private column(name: string): string {
    return `${this.escape('session')}.${this.escape(name)}`
  }

  private escape(name: string): string {
    return this.rows.manager.connection.driver.escape(name)
  }
}

/**
 * Of these sessions, those that a removal has ended were removed. Asked after a line was written and after an outcome was:
 * whichever of the two comes last finds the other.
 */
export async function nameRemoved(
  { history, removals, changes }: Pick<Database, 'history' | 'removals' | 'changes'>,
  whose: Whose,
  keys: readonly string[],
): Promise<void> {
  for await (const some of inGroups([...keys], keysPerQuestion)) {
    // The outcome is looked at here: asked for it, SQLite would go through all that have it, and not these few keys.
    const asked = await removals.find({ select: { id: true, key: true, outcome: true }, where: { ...whose, key: In(some) } }) // prettier-ignore
    const removed = asked.flatMap(({ key, outcome }) => (outcome === 'ended' && key !== null ? [key] : []))
    if (removed.length === 0) continue
    await history.update({ ...whose, key: In(removed) }, { how: 'removed' })
    changes.changed('history')
  }
}
