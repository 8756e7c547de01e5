import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf, engineOf } from './create-table.js'

/** The tables of sessions and removals by their last words, with their ids in the direction in which lists read them. */
const tables = { adminjs_sessions_panel: true, adminjs_sessions_ftp: true, adminjs_sessions_removal: false }

/** Who a session is of, where one person has several logins. Sessions get it at the next poll, old removals have their login. */
export class Persons implements MigrationInterface {
  readonly name = 'Persons1796428800000'

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [table, isListed] of Object.entries(tables)) {
      await queryRunner.addColumn(table, new TableColumn(columnOf('person', { type: 'text', nullable: true })))
      const order =
        isListed && engineOf(queryRunner) === 'postgres' ? '"person" DESC NULLS LAST, "id" DESC' : '"person"'
      await queryRunner.query(`CREATE INDEX "IX_${table}_person" ON ${table} (${order})`)
    }
    await queryRunner.query('UPDATE adminjs_sessions_removal SET "person" = "login"')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of Object.keys(tables)) {
      await queryRunner.query(`DROP INDEX "IX_${table}_person"`)
      await queryRunner.dropColumn(table, 'person')
    }
  }
}
