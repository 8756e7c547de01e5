import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf } from './create-table.js'

/** What is said of a removal, by keys that pages translate, beside its English. */
export class WhatWasSaid implements MigrationInterface {
  readonly name = 'WhatWasSaid1796169600000'

  async up(queryRunner: QueryRunner): Promise<void> {
    const said = columnOf('said', { type: 'simple-json', nullable: true })
    await queryRunner.addColumn('adminjs_sessions_removal', new TableColumn(said))
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('adminjs_sessions_removal', 'said')
  }
}
