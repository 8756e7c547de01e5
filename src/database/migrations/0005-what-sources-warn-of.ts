import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf } from './create-table.js'

/** What a source that can be read had to leave out of its list, or doubts. */
export class WhatSourcesWarnOf implements MigrationInterface {
  readonly name = 'WhatSourcesWarnOf1796256000000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const warning = columnOf('warning', { type: 'text', nullable: true })
    await queryRunner.addColumn('adminjs_sessions_source', new TableColumn(warning))
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('adminjs_sessions_source', 'warning')
  }
}
