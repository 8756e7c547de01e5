import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf, createTable, engineOf } from './create-table.js'

/** Sessions that have ended; what an FTP session has moved; and whether a session was removed, looked up by its key. */
export class History implements MigrationInterface {
  readonly name = 'History1796515200000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const isPostgres = engineOf(queryRunner) === 'postgres'
    const name = { type: 'varchar', length: 191 } as const
    const text = { type: 'text', nullable: true } as const
    const time = { type: isPostgres ? 'timestamptz' : 'datetime', nullable: true } as const
    const bytes = { type: 'bigint', nullable: true } as const
    await createTable(queryRunner, {
      tableName: 'adminjs_sessions_history',
      columns: {
        id: { type: 'integer', primary: true, generated: 'increment' },
        kind: { type: 'varchar', length: 64 },
        rowId: { type: 'integer' },
        ...{ host: name, source: name, key: name },
        ...{ login: text, person: text, type: text, ip: text, logonIp: text, userAgent: text },
        ...{ domain: text, protocol: text, movedBytes: bytes },
        ...{ startedAt: time, lastActiveAt: time, endedAt: { ...time, nullable: false } },
        how: { type: 'varchar', length: 64 },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_history', columns: ['kind', 'rowId'] }],
    })
    // Equal ones are in the order of their ids, as in the lists; SQLite's indices end with it by themselves.
    const latest = isPostgres ? '"endedAt" DESC, "id" DESC' : '"endedAt"'
    for (const [index, columns] of [
      ['history_ended', latest],
      ...['login', 'person', 'ip'].map((column) => [`history_${column}`, `"${column}", ${latest}`]),
      ['history_key', '"key"'],
      ['removal_key', '"key"'],
    ]) {
      const table = `adminjs_sessions_${index!.split('_')[0]}`
      await queryRunner.query(`CREATE INDEX "IX_adminjs_sessions_${index}" ON ${table} (${columns})`)
    }
    await queryRunner.addColumn('adminjs_sessions_ftp', new TableColumn(columnOf('movedBytes', bytes)))
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('adminjs_sessions_ftp', 'movedBytes')
    await queryRunner.query('DROP INDEX "IX_adminjs_sessions_removal_key"')
    await queryRunner.dropTable('adminjs_sessions_history')
  }
}
