import type { EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm'
import { ftpFields, panelFields, type Field } from '../session-fields.js'
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

/** The database engines that the tables are made for. */
export type Engine = 'sqlite' | 'postgres'

export type Table<Row> = Required<Pick<EntitySchemaOptions<Row>, 'name' | 'tableName' | 'columns'>> &
  Pick<EntitySchemaOptions<Row>, 'uniques' | 'indices'>

export interface Tables {
  PanelSession: Table<PanelSessionRow>
  FtpSession: Table<FtpSessionRow>
  SessionRemoval: Table<SessionRemovalRow>
  SessionSourceStatus: Table<SessionSourceStatusRow>
  SessionHold: Table<HoldRow>
  SessionGone: Table<GoneRow>
  SessionHistory: Table<HistoryRow>
  SessionNote: Table<NoteRow>
  SessionTraffic: Table<TrafficRow>
  SessionDelivery: Table<DeliveryRow>
  SessionLease: Table<LeaseRow>
}

/**
 * The tables of this package for one database engine: what the entities are made from, and what all migrations together have made.
 *
 * @param clock the database's
 */
export function tables(engine: Engine, clock: { readonly aheadMs: number } = { aheadMs: 0 }): Tables {
  // AUTOINCREMENT (SQLite) and serial (PostgreSQL): an id is never used again, so an old page can't name a new session.
  const id: EntitySchemaColumnOptions = { type: 'integer', primary: true, generated: 'increment' }
  const name: EntitySchemaColumnOptions = { type: 'varchar', length: 191 }
  const text: EntitySchemaColumnOptions = { type: 'text', nullable: true }
  const word: EntitySchemaColumnOptions = { type: 'varchar', length: 64, nullable: true }
  const needed = { nullable: false }
  const time: EntitySchemaColumnOptions = { type: engine === 'postgres' ? 'timestamptz' : 'datetime', nullable: true }
  const moved = (date: Date, ms: number) => (ms === 0 ? date : new Date(date.getTime() + ms))
  // What one machine writes and another one compares with its own clock.
  const timeOfDatabase: EntitySchemaColumnOptions = {
    ...time,
    transformer: {
      to: (date: unknown) => (date instanceof Date ? moved(date, clock.aheadMs) : date),
      from: (date: unknown) => (date instanceof Date ? moved(date, -clock.aheadMs) : date),
    },
  }
  const whole: EntitySchemaColumnOptions = { type: 'integer', nullable: true }
  const count: EntitySchemaColumnOptions = { type: 'integer', nullable: false, default: 0 }
  // PostgreSQL answers a bigint as text; sizes stay far below 2^53.
  const bytes: EntitySchemaColumnOptions = {
    type: 'bigint',
    nullable: true,
    transformer: {
      to: (value: number | null) => value,
      from: (value: string | number | null) => (value === null ? null : Number(value)),
    },
  }
  // What a source or a request says is text, however short it should be: PostgreSQL refuses a row with one word too long,
  // and with it all that are written beside it.
  const columnOf = ({ is }: Field) =>
    is === 'time' ? time : is === 'bytes' || is === 'bytes-per-second' ? bytes : is === 'percent' ? whole : text
  const session = <Fields extends Record<string, Field>>(fields: Fields) => {
    const own = Object.entries(fields).map(([field, said]) => [field, columnOf(said)])
    return {
      id,
      host: name,
      source: name,
      key: name,
      ...(Object.fromEntries(own) as Record<keyof Fields, typeof text>),
    }
  }
  const whose = ['host', 'source', 'key']

  return {
    PanelSession: {
      name: 'PanelSession',
      tableName: 'adminjs_sessions_panel',
      columns: session(panelFields),
      uniques: [{ name: 'UQ_adminjs_sessions_panel', columns: whose }],
      indices: [
        { name: 'IX_adminjs_sessions_panel_active', columns: ['lastActiveAt'] },
        { name: 'IX_adminjs_sessions_panel_login', columns: ['login'] },
        { name: 'IX_adminjs_sessions_panel_ip', columns: ['ip'] },
        { name: 'IX_adminjs_sessions_panel_person', columns: ['person'] },
        { name: 'IX_adminjs_sessions_panel_since', columns: ['loggedInAt'] },
      ],
    },
    FtpSession: {
      name: 'FtpSession',
      tableName: 'adminjs_sessions_ftp',
      columns: session(ftpFields),
      uniques: [{ name: 'UQ_adminjs_sessions_ftp', columns: whose }],
      indices: [
        { name: 'IX_adminjs_sessions_ftp_active', columns: ['lastActiveAt'] },
        { name: 'IX_adminjs_sessions_ftp_login', columns: ['login'] },
        { name: 'IX_adminjs_sessions_ftp_ip', columns: ['ip'] },
        { name: 'IX_adminjs_sessions_ftp_person', columns: ['person'] },
        { name: 'IX_adminjs_sessions_ftp_since', columns: ['connectedAt'] },
        { name: 'IX_adminjs_sessions_ftp_status', columns: ['status'] },
        { name: 'IX_adminjs_sessions_ftp_status_active', columns: ['status', 'lastActiveAt'] },
      ],
    },
    SessionRemoval: {
      name: 'SessionRemoval',
      tableName: 'adminjs_sessions_removal',
      columns: {
        id,
        batch: { ...word, ...needed },
        recordId: { ...whole, ...needed },
        requestedAt: { ...time, ...needed },
        removedBy: text,
        removedVia: { ...word, ...needed },
        removedFromIp: text,
        host: { ...name, nullable: true },
        kind: { ...word, ...needed },
        source: { ...name, nullable: true },
        key: { ...name, nullable: true },
        login: text,
        person: text,
        ip: text,
        reason: text,
        reasonTold: { type: 'boolean', default: false },
        outcome: { ...word, ...needed },
        message: text,
        said: { type: 'simple-json', nullable: true },
        whenIdle: { type: 'boolean', default: false },
        byForce: { type: 'boolean', default: false },
        keepOutBy: word,
        keepOutUntil: time,
        releasedBy: text,
        releasedAt: time,
        takenBy: word,
        beat: { type: 'integer', default: 0 },
        startedAt: time,
        finishedAt: time,
        cameBackAt: time,
        session: { type: 'simple-json', nullable: true },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_removal', columns: ['batch', 'kind', 'recordId'] }],
      indices: [
        { name: 'IX_adminjs_sessions_removal_open', columns: ['outcome', 'host', 'source'] },
        { name: 'IX_adminjs_sessions_removal_requested', columns: ['requestedAt'] },
        { name: 'IX_adminjs_sessions_removal_person', columns: ['person'] },
        { name: 'IX_adminjs_sessions_removal_key', columns: ['key'] },
      ],
    },
    SessionSourceStatus: {
      name: 'SessionSourceStatus',
      tableName: 'adminjs_sessions_source',
      columns: {
        id,
        host: name,
        name,
        kind: { ...word, ...needed },
        evidence: { ...word, ...needed },
        keepOut: { ...word, ...needed },
        byForce: text,
        state: { ...word, ...needed },
        sessions: { ...whole, ...needed },
        lastGoodAt: time,
        failingSince: time,
        error: text,
        warning: text,
        seenAt: timeOfDatabase,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_source', columns: ['host', 'name'] }],
    },
    SessionHold: {
      name: 'SessionHold',
      tableName: 'adminjs_sessions_hold',
      columns: {
        id,
        host: name,
        source: name,
        by: { ...word, ...needed },
        value: name,
        until: { ...time, ...needed },
        removalId: whole,
        createdAt: { ...time, ...needed },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_hold', columns: ['removalId', 'by', 'value', 'source', 'host'] }],
      indices: [{ name: 'IX_adminjs_sessions_hold_until', columns: ['until'] }],
    },
    SessionGone: {
      name: 'SessionGone',
      tableName: 'adminjs_sessions_gone',
      columns: {
        id,
        kind: { ...word, ...needed },
        rowId: { ...whole, ...needed },
        host: name,
        source: name,
        key: name,
        goneAt: { ...time, ...needed },
        session: { type: 'simple-json' },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_gone', columns: ['kind', 'rowId'] }],
      indices: [{ name: 'IX_adminjs_sessions_gone_at', columns: ['goneAt'] }],
    },
    SessionHistory: {
      name: 'SessionHistory',
      tableName: 'adminjs_sessions_history',
      columns: {
        id,
        kind: { ...word, ...needed },
        rowId: { ...whole, ...needed },
        host: name,
        source: name,
        key: name,
        login: text,
        person: text,
        type: text,
        ip: text,
        logonIp: text,
        userAgent: text,
        domain: text,
        protocol: text,
        movedBytes: bytes,
        startedAt: time,
        lastActiveAt: time,
        endedAt: { ...time, ...needed },
        how: { ...word, ...needed },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_history', columns: ['kind', 'rowId'] }],
      indices: [
        { name: 'IX_adminjs_sessions_history_ended', columns: ['endedAt'] },
        { name: 'IX_adminjs_sessions_history_login', columns: ['login', 'endedAt'] },
        { name: 'IX_adminjs_sessions_history_person', columns: ['person', 'endedAt'] },
        { name: 'IX_adminjs_sessions_history_ip', columns: ['ip', 'endedAt'] },
        { name: 'IX_adminjs_sessions_history_key', columns: ['key'] },
      ],
    },
    SessionNote: {
      name: 'SessionNote',
      tableName: 'adminjs_sessions_note',
      columns: {
        id,
        host: name,
        source: name,
        key: name,
        value: { ...text, ...needed },
        until: { ...time, ...needed },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_note', columns: whose }],
    },
    SessionTraffic: {
      name: 'SessionTraffic',
      tableName: 'adminjs_sessions_traffic',
      columns: {
        id,
        host: name,
        source: name,
        at: { ...time, ...needed },
        sessions: { ...whole, ...needed },
        transfers: { ...whole, ...needed },
        up: bytes,
        down: bytes,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_traffic', columns: ['at', 'host', 'source'] }],
    },
    SessionDelivery: {
      name: 'SessionDelivery',
      tableName: 'adminjs_sessions_delivery',
      columns: {
        id,
        message: { ...word, ...needed },
        webhook: name,
        event: { ...word, ...needed },
        body: { ...text, ...needed },
        createdAt: { ...time, ...needed },
        attempts: { ...whole, ...needed },
        dueAt: time,
        error: text,
      },
      indices: [{ name: 'IX_adminjs_sessions_delivery_due', columns: ['dueAt'] }],
    },
    SessionLease: {
      name: 'SessionLease',
      tableName: 'adminjs_sessions_lease',
      columns: {
        id,
        host: name,
        source: name,
        epoch: count,
        holder: word,
        machine: word,
        pid: whole,
        challenge: count,
        answer: count,
        wanted: count,
        done: count,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_lease', columns: ['host', 'source'] }],
    },
  }
}
