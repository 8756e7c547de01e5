import {
  In,
  IsNull,
  LessThan,
  Not,
  type EntityMetadata,
  type InsertQueryBuilder,
  type ObjectLiteral,
  type Repository,
} from 'typeorm'
import type { Fence } from './fence.js'
import type { Database } from './open-database.js'
import type { FtpSessionRow, GoneRow, PanelSessionRow } from './rows.js'
import { inGroups, lettingGo } from '../timing/event-loop.js'
import type { SessionEvents } from './session-events.js'
import { SessionHistory, type LoggedOut } from './session-history.js'
import { isSame, type Value } from '../text/stored-value.js'
import { fieldsOf } from '../session-fields.js'
import type { ListedSession } from '../session-source.js'

/** Upserts of more than a hundred rows and deletes of more than 500 hold the event loop too long, measured on both engines. */
const rowsPerUpsert = 100
const rowsPerDelete = 500
/** A driver hands over all rows of a read in one piece. */
const rowsPerRead = 250

/** What is kept of a session between two polls. */
export interface Kept {
  /** Its row's values, in the order of the kind's fields. */
  values: Value[]
  /** The row's id, where it is known. */
  id?: number
  /** The number of the comparison that saw it last. */
  seenIn: number
  /** Where the running transfer stood when its speed was last taken. */
  sample: Sample | undefined
}

/** Where a running transfer stood at a moment of a clock that never jumps. */
export interface Sample {
  bytes: number
  atMs: number
}

export interface Difference {
  /** Keys of sessions that are new or changed, with what their rows hold from now on. */
  written: Map<string, Kept>
  /** Keys whose sessions are no more. */
  gone: string[]
}

/** A session as far as its return is concerned. */
export interface Arrival {
  login: string | null
  ip: string | null
  startedAt: Date | null
}

/** The rows of a source, in the table of its kind. */
export function rowsOfSource(
  database: Pick<
    Database,
    'panelSessions' | 'ftpSessions' | 'gone' | 'history' | 'removals' | 'changes' | 'events' | 'engine'
  >,
  whose: Pick<GoneRow, 'kind' | 'host' | 'source'>,
): SessionRows {
  const { kind } = whose
  const { panelSessions, ftpSessions, gone, changes, events } = database
  const rows = kind === 'panel' ? panelSessions : ftpSessions
  const history = new SessionHistory(database, rows, whose)
  return new SessionRows(rows, gone, history, whose, events, () => changes.changed(kind))
}

/** The rows of one source in its table. Single statements, no transaction held open: each is whole or not there. */
export class SessionRows {
  private readonly columns: EntityMetadata['columns']
  private readonly fields: readonly string[]
  /** What the engine knows by itself, whatever a source says. */
  private readonly ownWords: ReadonlySet<string>

  constructor(
    private readonly repository: Repository<PanelSessionRow> | Repository<FtpSessionRow>,
    private readonly gone: Repository<GoneRow>,
    private readonly history: SessionHistory,
    private readonly whose: Pick<GoneRow, 'kind' | 'host' | 'source'>,
    private readonly events: SessionEvents,
    private readonly changed: () => void,
  ) {
    const { kind } = whose
    this.fields = fieldsOf(kind)
    this.ownWords = new Set(fieldsOf(kind, (field) => field.derived || field.completed || field.usually !== undefined))
    this.columns = this.fields.map((field) => repository.metadata.findColumnWithPropertyName(field)!)
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
  private rowsAfter(lastKey: string): Promise<({ id: number; key: string } & Record<string, unknown>)[]> {
    const query = (this.repository as Repository<ObjectLiteral>)
      .createQueryBuilder('session')
      .select('session.key', 'key')
      .addSelect('session.id', 'id')
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

  private asKnown(known: Kept | undefined, row: { id: number } & Record<string, unknown>): Kept {
    const { driver } = this.repository.manager.connection
    const values = this.columns.map((column) => driver.prepareHydratedValue(row[column.propertyName], column) as Value)
    if (known?.id === row.id && known.values.every((value, f) => isSame(value, values[f]))) return known
    return { id: row.id, values, seenIn: 0, sample: known?.sample }
  }

  /** The sessions of these logins, as far as somebody's return is concerned. */
  async arrivalsOf(logins: string[]): Promise<Iterable<Arrival>> {
    const rows = await (this.repository as Repository<ObjectLiteral>).findBy({
      host: this.whose.host,
      source: this.whose.source,
      login: In(logins),
    })
    return this.arrivals(rows.map((row) => ({ values: this.fields.map((field) => row[field] as Value) })))
  }

  *arrivals(rows: Iterable<Pick<Kept, 'values'>>): Generator<Arrival> {
    const [login, ip] = [this.fields.indexOf('login'), this.fields.indexOf('ip')]
    const startedAt = Math.max(this.fields.indexOf('loggedInAt'), this.fields.indexOf('connectedAt'))
    for (const { values } of rows)
      yield {
        login: values[login] as string | null,
        ip: values[ip] as string | null,
        startedAt: values[startedAt] as Date | null,
      }
  }

  /** Of these keys, those whose sessions are moving a file just now, as far as their rows know. */
  async movingFiles(keys: string[]): Promise<Set<string>> {
    if (keys.length === 0 || !this.fields.includes('status')) return new Set()
    const rows = await (this.repository as Repository<ObjectLiteral>).findBy({
      host: this.whose.host, source: this.whose.source, key: In(keys), status: In(['uploading', 'downloading']),
    }) // prettier-ignore
    return new Set(rows.map((row) => row.key as string))
  }

  /**
   * What the rows of these sessions hold, of which memory knows nothing: another process may have written them, or deleted
   * them while their sessions could not be seen. Those are put back, as the rows that they were.
   */
  async meet(keys: string[], fence?: Fence): Promise<Map<string, Kept>> {
    const met = new Map<string, Kept>()
    for await (const group of inGroups(keys, rowsPerUpsert)) {
      const read = async () => {
        for (const [key, row] of await this.known(group)) met.set(key, row)
      }
      await read()
      // In this order: whoever deletes a row has written before what it was.
      const missing = group.filter((key) => !met.has(key))
      const gone = missing.length === 0 ? [] : await this.gone.findBy({ ...this.whose, key: In(missing) })
      if (gone.length === 0) continue
      await this.insert(
        gone.map(({ session }) => ({ ...session })),
        fence,
      )
        .orIgnore()
        .execute()
      await this.history.notEnded(
        gone.map(({ key }) => key),
        fence,
      )
      await read()
    }
    return met
  }

  /**
   * Rows keep their ids, also where another process has deleted one that it could not see; and what the source has left
   * out stays as it is, whatever another process has written there.
   *
   * @param loggedOut what is known of the ends of those that are gone
   * @param fence under which it was listed; without it, whoever writes knows that nobody else does
   */
  async write(
    { written, gone }: Pick<Difference, 'written' | 'gone'>,
    listed: readonly ListedSession[],
    loggedOut: LoggedOut = new Set(),
    fence?: Fence,
  ): Promise<void> {
    for (const [fields, keys] of await lettingGo(this.byFieldsGiven(written, listed))) {
      for await (const some of inGroups(keys, rowsPerUpsert)) {
        const group = some.map((key) => this.row(key, written.get(key)!))
        // Two processes that put back one row at once: the second time it is there.
        const upsert = () => this.insert(group, fence).orUpdate(fields.split(' '), ['host', 'source', 'key']).execute()
        await upsert().catch(upsert)
        await this.history.notEnded(some, fence)
      }
    }
    const added: string[] = []
    for (const [key, { id }] of written) if (id === undefined) added.push(key)
    for await (const keys of inGroups(added, rowsPerDelete)) {
      for (const row of await this.rowsOf(keys)) {
        written.get(row.key as string)!.id = row.id as number
        if (!this.events.isHeard('session-opened')) continue
        this.events.tell('session-opened', { kind: this.whose.kind, session: { ...row } as PanelSessionRow })
      }
    }
    for await (const keys of inGroups(gone, rowsPerDelete)) {
      await this.drop(keys, () => this.history.ended(keys, loggedOut, fence), fence)
    }
    if (written.size > 0 || gone.length > 0) this.changed()
  }

  /** Deletes rows, and keeps for a while what they were: a page that still shows one may ask for its session's end. */
  private async drop(keys: string[], intoHistory: () => Promise<void>, fence?: Fence): Promise<void> {
    const repository = this.repository as Repository<ObjectLiteral>
    const { host, source } = this.whose
    const rows = (await this.rowsOf(keys)) as (PanelSessionRow | FtpSessionRow)[]
    const goneAt = new Date()
    for await (const group of inGroups(rows, rowsPerUpsert)) {
      await this.gone
        .createQueryBuilder()
        .insert()
        .values(
          fenced(
            group.map((row) => ({ ...this.whose, rowId: row.id, key: row.key, goneAt, session: { ...row } })),
            fence,
          ),
        ) // prettier-ignore
        .setParameters(fence?.parameters ?? {})
        .orUpdate(['goneAt', 'session'], ['kind', 'rowId'])
        .updateEntity(false)
        .execute()
    }
    await intoHistory()
    const deletion = repository
      .createQueryBuilder()
      .delete()
      .where({ host, source, key: In(keys) })
    await (fence === undefined ? deletion : deletion.andWhere(fence.isHeld, fence.parameters)).execute()
    if (!this.events.isHeard('session-ended')) return
    const how = await this.history.howEnded(rows.map(({ id }) => id))
    for (const session of rows) {
      this.events.tell('session-ended', {
        kind: this.whose.kind,
        session: { ...session },
        how: how.get(session.id) ?? 'unknown',
      })
    }
  }

  /** Another machine whose source of this name has some of these sessions as well; undefined where there is none. */
  async alsoOn(keys: readonly string[]): Promise<string | undefined> {
    const { host, source } = this.whose
    const row = await (this.repository as Repository<ObjectLiteral>).findOne({
      select: { host: true },
      where: { host: Not(host), source, key: In([...keys]) },
    })
    return row?.host as string | undefined
  }

  /** Deletes all rows of a source that nobody could read since then. @returns how many there were */
  async dropAll(lastSeenAt: Date, fence: Fence): Promise<number> {
    let dropped = 0
    for (;;) {
      const rows = await this.rowsAfter('')
      if (rows.length === 0) return dropped
      const keys = rows.map(({ key }) => key)
      await this.drop(keys, () => this.history.dropped(keys, lastSeenAt, fence), fence)
      this.changed()
      dropped += rows.length
    }
  }

  /**
   * What another process than the one that writes these rows has seen of their sessions: where from, with what and when,
   * unless a row knows of something later.
   */
  async seen(rows: Iterable<Kept>): Promise<void> {
    let changed = 0
    const at = (field: string) => this.fields.indexOf(field)
    for (const { id, values } of rows) {
      const change = Object.fromEntries(sightings.map((field) => [field, values[at(field)]]))
      const before = [
        { id, lastActiveAt: IsNull() },
        { id, lastActiveAt: LessThan(change.lastActiveAt as Date) },
      ]
      if (id === undefined || change.lastActiveAt === null) continue
      const { affected } = await (this.repository as Repository<ObjectLiteral>)
        .createQueryBuilder()
        .update()
        .set(change)
        .where(before)
        .execute()
      changed += affected ?? 0
    }
    if (changed > 0) this.changed()
  }

  /** Of these sessions another process has written that they are gone, and did not know how. */
  loggedOut(keys: ReadonlySet<string>): Promise<void> {
    return this.history.loggedOut([...keys])
  }

  /** The rows of these keys, as far as there are any. */
  async known(keys: string[]): Promise<Map<string, Kept>> {
    const known = new Map<string, Kept>()
    for await (const group of inGroups(keys, rowsPerUpsert)) {
      for (const row of await this.rowsOf(group)) known.set(row.key as string, this.keptOf(row))
    }
    return known
  }

  private rowsOf(keys: string[]): Promise<ObjectLiteral[]> {
    const { host, source } = this.whose
    return (this.repository as Repository<ObjectLiteral>).findBy({ host, source, key: In(keys) })
  }

  private insert(rows: ObjectLiteral[], fence?: Fence): InsertQueryBuilder<ObjectLiteral> {
    const repository = this.repository as Repository<ObjectLiteral>
    // Left to itself, TypeORM leaves out an id that could be generated.
    const columns = ['id', 'host', 'source', 'key', ...this.fields]
    const insertion = repository.createQueryBuilder().insert().into(repository.target, columns).updateEntity(false)
    return insertion.values(fenced(rows, fence)).setParameters(fence?.parameters ?? {})
  }

  private keptOf(row: ObjectLiteral): Kept {
    return {
      id: row.id as number,
      values: this.fields.map((field) => row[field] as Value),
      seenIn: 0,
      sample: undefined,
    }
  }

  /** The keys of what is written, by the fields that are. */
  private *byFieldsGiven(
    written: Difference['written'],
    listed: readonly ListedSession[],
  ): Generator<void, Map<string, string[]>> {
    const groups = new Map<string, string[]>()
    if (written.size === 0) return groups
    for (const session of listed) {
      if (!written.has(session.key)) continue
      yield
      const given = session as ListedSession & Record<string, unknown>
      const fields = this.fields.filter((field) => this.ownWords.has(field) || given[field] !== undefined)
      const name = (fields.length > 0 ? fields : ['key']).join(' ')
      const keys = groups.get(name)
      if (keys) keys.push(session.key)
      else groups.set(name, [session.key])
    }
    return groups
  }

  private row(key: string, kept: Kept): ObjectLiteral {
    const row: ObjectLiteral = { id: kept.id, host: this.whose.host, source: this.whose.source, key }
    this.fields.forEach((field, f) => (row[field] = kept.values[f]))
    return row
  }
}

/** What only the process knows that a request came to. */
const sightings = ['ip', 'logonIp', 'userAgent', 'loggedInAt', 'lastActiveAt']

/** The first of them stands for all: where it is refused, all are. */
function fenced(rows: ObjectLiteral[], fence: Fence | undefined): ObjectLiteral[] {
  const [first, ...others] = rows
  return fence === undefined || first === undefined ? rows : [{ ...first, host: fence.host }, ...others]
}
