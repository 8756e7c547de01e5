import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createTable, engineOf } from './create-table.js'

/** What is on its way to webhooks, and what never got there. */
export class Deliveries implements MigrationInterface {
  readonly name = 'Deliveries1796860800000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const time = { type: engineOf(queryRunner) === 'postgres' ? 'timestamptz' : 'datetime' } as const
    await createTable(queryRunner, {
      tableName: 'adminjs_sessions_delivery',
      columns: {
        id: { type: 'integer', primary: true, generated: 'increment' },
        message: { type: 'varchar', length: 64, nullable: false },
        webhook: { type: 'varchar', length: 191, nullable: false },
        event: { type: 'varchar', length: 64, nullable: false },
        body: { type: 'text', nullable: false },
        createdAt: { ...time, nullable: false },
        attempts: { type: 'integer', nullable: false },
        dueAt: { ...time, nullable: true },
        error: { type: 'text', nullable: true },
      },
      indices: [{ name: 'IX_adminjs_sessions_delivery_due', columns: ['dueAt'] }],
    })
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('adminjs_sessions_delivery')
  }
}
