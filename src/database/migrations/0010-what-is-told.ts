import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf } from './create-table.js'

/** Whether the person whose session was ended is told the reason. */
export class WhatIsTold implements MigrationInterface {
  readonly name = 'WhatIsTold1796774400000'

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.addColumn(
      'adminjs_sessions_removal',
      new TableColumn(columnOf('reasonTold', { type: 'boolean', default: false })),
    )
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('adminjs_sessions_removal', 'reasonTold')
  }
}
