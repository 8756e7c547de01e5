import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm'
import { columnOf, engineOf } from './create-table.js'

const tables = ['adminjs_sessions_panel', 'adminjs_sessions_ftp', 'adminjs_sessions_removal']

const indices: Record<string, [table: string, column: string]> = {
  IX_adminjs_sessions_panel_person: ['adminjs_sessions_panel', 'person'],
  IX_adminjs_sessions_ftp_person: ['adminjs_sessions_ftp', 'person'],
  IX_adminjs_sessions_removal_person: ['adminjs_sessions_removal', 'person'],
  // The order in which the lists are by themselves.
  IX_adminjs_sessions_panel_since: ['adminjs_sessions_panel', 'loggedInAt'],
  IX_adminjs_sessions_ftp_since: ['adminjs_sessions_ftp', 'connectedAt'],
}

/** Who a session is of, where one person has several logins. Sessions get it at the next poll, old removals have their login. */
export class Persons implements MigrationInterface {
  readonly name = 'Persons1796428800000'

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables)
      await queryRunner.addColumn(table, new TableColumn(columnOf('person', { type: 'text', nullable: true })))
    for (const [name, [table, column]] of Object.entries(indices)) {
      // Read backwards, an index of PostgreSQL has the unknown first.
      const order = engineOf(queryRunner) === 'postgres' ? `"${column}" DESC NULLS LAST, "id" DESC` : `"${column}"`
      await queryRunner.query(`CREATE INDEX "${name}" ON ${table} (${order})`)
    }
    await queryRunner.query('UPDATE adminjs_sessions_removal SET "person" = "login"')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indices)) await queryRunner.query(`DROP INDEX "${name}"`)
    for (const table of tables) await queryRunner.dropColumn(table, 'person')
  }
}
