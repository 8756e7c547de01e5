import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createTable, engineOf } from './create-table.js'

/** What went through each source, minute by minute. */
export class Traffic implements MigrationInterface {
  readonly name = 'Traffic1796688000000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const postgres = engineOf(queryRunner) === 'postgres'
    const name = { type: 'varchar', length: 191, nullable: false } as const
    const bytes = { type: 'bigint', nullable: true } as const
    await createTable(queryRunner, {
      tableName: 'adminjs_sessions_traffic',
      columns: {
        id: { type: 'integer', primary: true, generated: 'increment' },
        host: name,
        source: name,
        at: { type: postgres ? 'timestamptz' : 'datetime', nullable: false },
        sessions: { type: 'integer', nullable: false },
        transfers: { type: 'integer', nullable: false },
        up: bytes,
        down: bytes,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_traffic', columns: ['at', 'host', 'source'] }],
    })
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('adminjs_sessions_traffic')
  }
}
