import { access, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BaseEntity,
  DataSource,
  EntitySchema,
  MigrationExecutor,
  type DataSourceOptions,
  type Repository,
} from 'typeorm'
import { FirstTables } from './migrations/0001-first-tables.js'
import { HoldsOfTheirOwn } from './migrations/0002-holds-of-their-own.js'
import { IndicesOfFilters } from './migrations/0003-indices-of-filters.js'
import { WhatWasSaid } from './migrations/0004-what-was-said.js'
import { WhatSourcesWarnOf } from './migrations/0005-what-sources-warn-of.js'
import { SignsOfLife } from './migrations/0006-signs-of-life.js'
import { Persons } from './migrations/0007-persons.js'
import { History } from './migrations/0008-history.js'
import { Traffic } from './migrations/0009-traffic.js'
import { WhatIsTold } from './migrations/0010-what-is-told.js'
import { Deliveries } from './migrations/0011-deliveries.js'
import { LeasesOfSources } from './migrations/0012-leases.js'
import type {
  DeliveryRow,
  FtpSessionRow,
  GoneRow,
  HistoryRow,
  HoldRow,
  LeaseRow,
  NoteRow,
  PanelSessionRow,
  SessionRemovalRow,
  SessionSourceStatusRow,
  TrafficRow,
} from './rows.js'
import { Changes } from './changes.js'
import { DatabaseClock } from './database-clock.js'
import { SessionEvents } from './session-events.js'
import { tables, type Engine, type Table } from './entities.js'

/** The package's own connection: a file of its own by default, a schema beside the host's tables where it is told so. */
export type DatabaseOptions = Extract<DataSourceOptions, { type: 'sqlite' | 'postgres' }>

/** The open database: a repository and a model class for each table. */
export interface Database {
  connection: DataSource
  engine: Engine
  panelSessions: Repository<PanelSessionRow>
  ftpSessions: Repository<FtpSessionRow>
  removals: Repository<SessionRemovalRow>
  sourceStatuses: Repository<SessionSourceStatusRow>
  holds: Repository<HoldRow>
  gone: Repository<GoneRow>
  history: Repository<HistoryRow>
  notes: Repository<NoteRow>
  traffic: Repository<TrafficRow>
  deliveries: Repository<DeliveryRow>
  leases: Repository<LeaseRow>
  /** Told of by whoever writes what pages show. */
  changes: Changes
  clock: DatabaseClock
  /** Told of by whoever writes what the host's code may listen to. */
  events: SessionEvents
  /** The Active Record classes that AdminJS's TypeORM adapter works on. */
  models: {
    [
      Name in
        'PanelSession' | 'FtpSession' | 'SessionRemoval' | 'SessionHistory' | 'SessionSourceStatus' | 'SessionHold'
    ]: typeof BaseEntity
  }
  /**
   * SQLite goes on writing into a file that was removed, and all of it is gone at the next start.
   *
   * @throws Error where the file is not the one that was opened
   */
  checkInPlace(): Promise<void>
  close(): Promise<void>
}

const byDefault: DatabaseOptions = { type: 'sqlite', database: 'adminjs-sessions.sqlite' }

/**
 * Opens the package's own connection, brings the tables up to date, and makes the entity classes: anew on each call,
 * because TypeORM's `BaseEntity` holds one connection a class, and two back offices may live in one process.
 *
 * @throws Error that says what is missing where the engine is not SQLite or PostgreSQL, its driver is not installed,
 *   or the database can't be opened or written.
 * @param report told what a listener to its events has thrown
 */
export function openDatabase(options = byDefault, report?: (message: string) => void): Promise<Database> {
  return open(options, { as: 'opened and brought up to date', ready: migrate }, report)
}

/**
 * Opens a database whose tables others keep, and makes and migrates none: under collectors of an earlier version they would
 * not be the tables that those know.
 *
 * @throws Error where it can't be opened, has no tables of this package, or not those of this version
 */
export async function openAsItIs(options = byDefault): Promise<Database> {
  const { type, database } = options
  // SQLite would make a file where there is none.
  if (type === 'sqlite' && database !== ':memory:') {
    await access(database).catch((error: NodeJS.ErrnoException) => {
      throw explain(error.code === 'ENOENT' ? new Error('there is no such file.') : error, options, 'opened')
    })
  }
  return open(options, { as: 'opened', ready: refuseOthers })
}

async function open(
  options: DatabaseOptions,
  { as, ready }: { as: string; ready(connection: DataSource, engine: Engine): Promise<void> },
  report?: (message: string) => void,
): Promise<Database> {
  const engine = options.type as string
  if (engine !== 'sqlite' && engine !== 'postgres') {
    throw new Error(
      `adminjs-sessions: option "database.type" is ${JSON.stringify(engine)}; expected "sqlite" or "postgres", the engines whose tables ship with the package.`,
    )
  }
  const clock = new DatabaseClock(engine, (sql) => connection.query(sql))
  const shapes = tables(engine, clock)
  const entities = Object.fromEntries(
    Object.entries(shapes).map(([name, table]) => [name, entity(name, table as Table<object>)]),
  ) as Record<keyof typeof shapes, { model: typeof BaseEntity; schema: EntitySchema }>

  const connection: DataSource = new DataSource({
    ...(engine === 'sqlite' ? { enableWAL: true, busyTimeout: 5000, driver: await quietSqlite() } : {}),
    ...options,
    entities: Object.values(entities).map(({ schema }) => schema),
    subscribers: [],
    migrations: [
      ...[
        FirstTables,
        HoldsOfTheirOwn,
        IndicesOfFilters,
        WhatWasSaid,
        WhatSourcesWarnOf,
        SignsOfLife,
        Persons,
        History,
        Traffic,
        WhatIsTold,
        Deliveries,
        LeasesOfSources,
      ],
    ],
    migrationsTableName: 'adminjs_sessions_migrations',
    migrationsRun: false,
    synchronize: false,
    dropSchema: false,
  } as DatabaseOptions)

  try {
    await initialize(connection)
    // A removal that was acknowledged must be on the disk: WAL alone may run with less.
    if (engine === 'sqlite') await connection.query('PRAGMA synchronous = FULL')
    await ready(connection, engine)
    await clock.start()
  } catch (error) {
    if (connection.isInitialized) await connection.destroy().catch(() => {})
    throw explain(error, options, as)
  }

  const changes = new Changes(connection, engine)
  const repository = <Row extends object>(name: keyof typeof entities) =>
    connection.getRepository(entities[name].model) as unknown as Repository<Row>
  return {
    connection,
    engine,
    panelSessions: repository<PanelSessionRow>('PanelSession'),
    ftpSessions: repository<FtpSessionRow>('FtpSession'),
    removals: repository<SessionRemovalRow>('SessionRemoval'),
    sourceStatuses: repository<SessionSourceStatusRow>('SessionSourceStatus'),
    holds: repository<HoldRow>('SessionHold'),
    gone: repository<GoneRow>('SessionGone'),
    history: repository<HistoryRow>('SessionHistory'),
    notes: repository<NoteRow>('SessionNote'),
    traffic: repository<TrafficRow>('SessionTraffic'),
    deliveries: repository<DeliveryRow>('SessionDelivery'),
    leases: repository<LeaseRow>('SessionLease'),
    changes,
    clock,
    events: new SessionEvents(report),
    models: {
      PanelSession: entities.PanelSession.model,
      FtpSession: entities.FtpSession.model,
      SessionRemoval: entities.SessionRemoval.model,
      SessionHistory: entities.SessionHistory.model,
      SessionSourceStatus: entities.SessionSourceStatus.model,
      SessionHold: entities.SessionHold.model,
    },
    checkInPlace: await inPlace(options),
    async close() {
      clock.stop()
      await changes.stop()
      await connection.destroy()
    },
  }
}

function entity(name: string, table: Table<object>): { model: typeof BaseEntity; schema: EntitySchema } {
  const model = { [name]: class extends BaseEntity {} }[name]
  return { model, schema: new EntitySchema({ ...table, target: model }) }
}

/**
 * sqlite3 without the traces that TypeORM always asks for: for these, all parameters of each statement are written out, in
 * case that it fails, which takes more than a third of the time that TypeORM and sqlite3 need for one together.
 *
 * @see https://github.com/TryGhost/node-sqlite3/wiki/Debugging
 * @returns undefined where it is not installed, which TypeORM says
 */
async function quietSqlite(): Promise<object | undefined> {
  const found = await import('sqlite3').catch(() => undefined)
  return found && Object.create(found.default, { verbose: { value: () => found.default } })
}

/** A check that an SQLite file is still the one that is open now. */
async function inPlace(options: DatabaseOptions): Promise<() => Promise<void>> {
  const file = options.type === 'sqlite' && options.database !== ':memory:' ? options.database : undefined
  const inode = (path: string) =>
    stat(path).then(
      ({ ino }) => ino,
      () => undefined,
    )
  const opened = file === undefined ? undefined : await inode(file)
  return async () => {
    if (file === undefined || opened === undefined || (await inode(file)) === opened) return
    throw new Error(`The database file ${file} was removed or replaced while the back office was running; restart it.`)
  }
}

/** TypeORM turns WAL on before it says how long to wait for others: one that starts at the same time is met at once. */
async function initialize(connection: DataSource): Promise<void> {
  const untilMs = performance.now() + 5000
  for (;;) {
    try {
      await connection.initialize()
      return
    } catch (error) {
      if (!String(error).includes('SQLITE_BUSY') || performance.now() > untilMs) throw error
      await sleep(50)
    }
  }
}

/** Several back offices may start at once on one database: one after the other migrates. */
async function migrate(connection: DataSource, engine: Engine): Promise<void> {
  if (engine === 'sqlite') {
    // One that has begun by reading can't wait for another's writing (SQLITE_BUSY_SNAPSHOT).
    await connection.query('BEGIN IMMEDIATE')
    try {
      await refuseNewer(connection)
      await connection.runMigrations({ transaction: 'none' })
      await connection.query('COMMIT')
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {})
      throw error
    }
    return
  }
  const gate = connection.createQueryRunner()
  try {
    await gate.query(`SELECT pg_advisory_lock(hashtext('adminjs_sessions_migrations'))`)
    await refuseNewer(connection)
    await connection.runMigrations({ transaction: 'each' })
  } finally {
    await gate.query(`SELECT pg_advisory_unlock(hashtext('adminjs_sessions_migrations'))`).catch(() => {})
    await gate.release()
  }
}

/** What a later version has made of the tables, this one knows nothing of, and would write past it. */
async function refuseNewer(connection: DataSource): Promise<void> {
  const done = new MigrationExecutor(connection)
  const known = new Set(connection.migrations.map(({ name }) => name))
  const later = (await done.getExecutedMigrations()).map(({ name }) => name).filter((name) => !known.has(name))
  if (later.length === 0) return
  throw new Error(
    `its tables were made by a later version of adminjs-sessions (${later.join(', ')}), which this one would damage. ` +
      'Install that version here as well, or give this one a database of its own.',
  )
}

/** Tables that are there, and those of this version. */
async function refuseOthers(connection: DataSource): Promise<void> {
  const runner = connection.createQueryRunner()
  const { migrationsTableName: name, schema } = connection.options as { migrationsTableName: string; schema?: string }
  // Asked for what has been done, TypeORM makes the table where there is none.
  const isThere = await runner.hasTable(connection.driver.buildTableName(name, schema)).finally(() => runner.release())
  if (!isThere) {
    throw new Error(
      'it has no tables of adminjs-sessions. Check "database" of the configuration, or start a collector or a back office on ' +
        'it first, which makes them.',
    )
  }
  await refuseNewer(connection)
  if ((await new MigrationExecutor(connection).getPendingMigrations()).length === 0) return
  throw new Error(
    'its tables were made by an earlier version of adminjs-sessions, and a command changes none. Ask with that version, or ' +
      'start a collector or a back office of this one, which brings them up to date.',
  )
}

function explain(error: unknown, options: DatabaseOptions, as: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  const driver = options.type === 'sqlite' ? 'sqlite3' : 'pg'
  if (/package has not been found installed|Cannot find (module|package)/i.test(message)) {
    return new Error(
      `adminjs-sessions: the ${options.type === 'sqlite' ? 'default database needs' : 'database needs'} the package "${driver}", which is not installed. Run: npm install ${driver}`,
      { cause: error },
    )
  }
  const where =
    options.type === 'sqlite'
      ? `"${String(options.database)}"`
      : `on ${options.host ?? options.url?.replace(/\/\/.*@/, '//') ?? hostname()}`
  return new Error(`adminjs-sessions: the ${options.type} database ${where} could not be ${as}: ${message}`, {
    cause: error,
  })
}
