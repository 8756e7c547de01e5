import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createTable } from './create-table.js'

/** Which process writes the rows of a source. */
export class LeasesOfSources implements MigrationInterface {
  readonly name = 'LeasesOfSources1796947200000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const name = { type: 'varchar', length: 191, nullable: false } as const
    const number = { type: 'integer', nullable: false, default: 0 } as const
    await createTable(queryRunner, {
      tableName: 'adminjs_sessions_lease',
      columns: {
        id: { type: 'integer', primary: true, generated: 'increment' },
        host: name,
        source: name,
        epoch: number,
        holder: { type: 'varchar', length: 64, nullable: true },
        machine: { type: 'varchar', length: 64, nullable: true },
        pid: { type: 'integer', nullable: true },
        challenge: number,
        answer: number,
        wanted: number,
        done: number,
      },
      uniques: [{ name: 'UQ_adminjs_sessions_lease', columns: ['host', 'source'] }],
    })
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('adminjs_sessions_lease')
  }
}
