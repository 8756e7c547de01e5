import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf, engineOf } from './create-table.js'

/** When a source's collector last said that it lives, whether its source can be read or not. */
export class SignsOfLife implements MigrationInterface {
  readonly name = 'SignsOfLife1796342400000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const type = engineOf(queryRunner) === 'postgres' ? 'timestamptz' : 'datetime'
    await queryRunner.addColumn(
      'adminjs_sessions_source',
      new TableColumn(columnOf('seenAt', { type, nullable: true })),
    )
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('adminjs_sessions_source', 'seenAt')
  }
}
