import type { EntitySchemaColumnOptions, MigrationInterface, QueryRunner } from 'typeorm'
import type { Engine } from '../entities.js'
import { createTable, engineOf, type MigratedTable } from './create-table.js'

/** The tables of version 0.1, as they were: never edited, so that every database has the same history. */
export class FirstTables implements MigrationInterface {
  // TypeORM wants a name that ends in a 13-digit time.
  readonly name = 'FirstTables1795392000000'

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of firstTables(engineOf(queryRunner))) await createTable(queryRunner, table)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const { tableName } of firstTables(engineOf(queryRunner))) await queryRunner.dropTable(tableName, true)
  }
}

function firstTables(engine: Engine): MigratedTable[] {
  // AUTOINCREMENT (SQLite) and serial (PostgreSQL): an id is never used again, so an old page can't name a new session.
  const id: EntitySchemaColumnOptions = { type: 'integer', primary: true, generated: 'increment' }
  const name: EntitySchemaColumnOptions = { type: 'varchar', length: 191 }
  const text: EntitySchemaColumnOptions = { type: 'text', nullable: true }
  const word: EntitySchemaColumnOptions = { type: 'varchar', length: 64, nullable: true }
  const needed = { nullable: false }
  const time: EntitySchemaColumnOptions = { type: engine === 'postgres' ? 'timestamptz' : 'datetime', nullable: true }
  const whole: EntitySchemaColumnOptions = { type: 'integer', nullable: true }
  // PostgreSQL answers a bigint as text; sizes stay far below 2^53.
  const bytes: EntitySchemaColumnOptions = {
    type: 'bigint',
    nullable: true,
  }
  // What a source or a request says is text, however short it should be: PostgreSQL refuses a row with one word too long,
  // and with it all that are written beside it.
  const session = { id, host: name, source: name, key: name, type: text, login: text, ip: text }
  const whose = ['host', 'source', 'key']

  return [
    {
      tableName: 'adminjs_sessions_panel',
      columns: {
        ...session,
        logonIp: text,
        userAgent: text,
        loggedInAt: time,
        lastActiveAt: time,
        expiresAt: time,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_panel', columns: whose }],
      indices: [{ name: 'IX_adminjs_sessions_panel_active', columns: ['lastActiveAt'] }],
    },
    {
      tableName: 'adminjs_sessions_ftp',
      columns: {
        ...session,
        status: text,
        condition: text,
        command: text,
        domain: text,
        location: text,
        fileName: text,
        transferredBytes: bytes,
        totalBytes: bytes,
        bytesPerSecond: bytes,
        progress: whole,
        protocol: text,
        connectedAt: time,
        lastActiveAt: time,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_ftp', columns: whose }],
      indices: [{ name: 'IX_adminjs_sessions_ftp_active', columns: ['lastActiveAt'] }],
    },
    {
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
        ip: text,
        reason: text,
        outcome: { ...word, ...needed },
        message: text,
        whenIdle: { type: 'boolean', default: false },
        keepOutBy: word,
        keepOutUntil: time,
        takenBy: word,
        startedAt: time,
        finishedAt: time,
        cameBackAt: time,
        session: { type: 'simple-json', nullable: true },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_removal', columns: ['batch', 'kind', 'recordId'] }],
      indices: [
        { name: 'IX_adminjs_sessions_removal_open', columns: ['outcome', 'host', 'source'] },
        { name: 'IX_adminjs_sessions_removal_requested', columns: ['requestedAt'] },
      ],
    },
    {
      tableName: 'adminjs_sessions_source',
      columns: {
        id,
        host: name,
        name,
        kind: { ...word, ...needed },
        evidence: { ...word, ...needed },
        keepOut: { ...word, ...needed },
        state: { ...word, ...needed },
        sessions: { ...whole, ...needed },
        lastGoodAt: time,
        failingSince: time,
        error: text,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_source', columns: ['host', 'name'] }],
    },
    {
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
      uniques: [{ name: 'UQ_adminjs_sessions_hold', columns: ['by', 'value', 'source', 'host'] }],
    },
    {
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
  ]
}
