import {
  TableColumn,
  TableIndex,
  TableUnique,
  type EntitySchemaColumnOptions,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm'
import { columnOf, createTable, engineOf } from './create-table.js'

/** Holds of several askers stand beside each other; who released one, who is at work on a removal, and what has just gone. */
export class HoldsOfTheirOwn implements MigrationInterface {
  readonly name = 'HoldsOfTheirOwn1795996800000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const time = engineOf(queryRunner) === 'postgres' ? 'timestamptz' : 'datetime'
    const add = (table: string, columns: Record<string, EntitySchemaColumnOptions>) =>
      queryRunner.addColumns(
        table,
        Object.entries(columns).map(([name, column]) => new TableColumn(columnOf(name, column))),
      )
    await add('adminjs_sessions_removal', {
      byForce: { type: 'boolean', default: false },
      releasedBy: { type: 'text', nullable: true },
      releasedAt: { type: time, nullable: true } as EntitySchemaColumnOptions,
      beat: { type: 'integer', default: 0 },
    })
    await add('adminjs_sessions_source', { byForce: { type: 'text', nullable: true } })
    await queryRunner.dropUniqueConstraint('adminjs_sessions_hold', 'UQ_adminjs_sessions_hold')
    await queryRunner.createUniqueConstraint(
      'adminjs_sessions_hold',
      new TableUnique({
        name: 'UQ_adminjs_sessions_hold',
        columnNames: ['removalId', 'by', 'value', 'source', 'host'],
      }),
    )
    await queryRunner.createIndex(
      'adminjs_sessions_hold',
      new TableIndex({ name: 'IX_adminjs_sessions_hold_until', columnNames: ['until'] }),
    )
    await createTable(queryRunner, {
      tableName: 'adminjs_sessions_gone',
      columns: {
        id: { type: 'integer', primary: true, generated: 'increment' },
        kind: { type: 'varchar', length: 64 },
        rowId: { type: 'integer' },
        host: { type: 'varchar', length: 191 },
        source: { type: 'varchar', length: 191 },
        key: { type: 'varchar', length: 191 },
        goneAt: { type: time } as EntitySchemaColumnOptions,
        session: { type: 'simple-json' },
      },
      uniques: [{ name: 'UQ_adminjs_sessions_gone', columns: ['kind', 'rowId'] }],
      indices: [{ name: 'IX_adminjs_sessions_gone_at', columns: ['goneAt'] }],
    })
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('adminjs_sessions_gone', true)
    await queryRunner.dropIndex('adminjs_sessions_hold', 'IX_adminjs_sessions_hold_until')
    await queryRunner.query('DELETE FROM adminjs_sessions_hold')
    await queryRunner.dropUniqueConstraint('adminjs_sessions_hold', 'UQ_adminjs_sessions_hold')
    await queryRunner.createUniqueConstraint(
      'adminjs_sessions_hold',
      new TableUnique({ name: 'UQ_adminjs_sessions_hold', columnNames: ['by', 'value', 'source', 'host'] }),
    )
    await queryRunner.dropColumns('adminjs_sessions_source', ['byForce'])
    await queryRunner.dropColumns('adminjs_sessions_removal', ['byForce', 'releasedBy', 'releasedAt', 'beat'])
  }
}
