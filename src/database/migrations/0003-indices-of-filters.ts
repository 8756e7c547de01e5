import type { MigrationInterface, QueryRunner } from 'typeorm'
import { engineOf } from './create-table.js'

/** Indices for what the lists are filtered and sorted by; equal rows are in the order of their ids. */
export class IndicesOfFilters implements MigrationInterface {
  readonly name = 'IndicesOfFilters1796083200000'

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [name, index] of Object.entries(indices(queryRunner))) {
      await queryRunner.query(`CREATE INDEX "${name}" ON ${index}`)
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indices(queryRunner))) await queryRunner.query(`DROP INDEX "${name}"`)
  }
}

function indices(queryRunner: QueryRunner): Record<string, string> {
  if (engineOf(queryRunner) === 'sqlite') {
    // Every index ends with the row's id by itself.
    return {
      IX_adminjs_sessions_panel_login: 'adminjs_sessions_panel ("login")',
      IX_adminjs_sessions_panel_ip: 'adminjs_sessions_panel ("ip")',
      IX_adminjs_sessions_ftp_login: 'adminjs_sessions_ftp ("login")',
      IX_adminjs_sessions_ftp_ip: 'adminjs_sessions_ftp ("ip")',
      IX_adminjs_sessions_ftp_status: 'adminjs_sessions_ftp ("status")',
      IX_adminjs_sessions_ftp_status_active: 'adminjs_sessions_ftp ("status", "lastActiveAt")',
    }
  }
  // Read backwards, an index has the unknown first: where they come last it has to be made so.
  const last = (...columns: string[]) => [...columns.map((name) => `"${name}" DESC NULLS LAST`), '"id" DESC'].join(', ')
  return {
    IX_adminjs_sessions_panel_latest: `adminjs_sessions_panel (${last('lastActiveAt')})`,
    IX_adminjs_sessions_panel_login: `adminjs_sessions_panel (${last('login')})`,
    IX_adminjs_sessions_panel_ip: `adminjs_sessions_panel (${last('ip')})`,
    IX_adminjs_sessions_ftp_latest: `adminjs_sessions_ftp (${last('lastActiveAt')})`,
    IX_adminjs_sessions_ftp_login: `adminjs_sessions_ftp (${last('login')})`,
    IX_adminjs_sessions_ftp_ip: `adminjs_sessions_ftp (${last('ip')})`,
    IX_adminjs_sessions_ftp_status: `adminjs_sessions_ftp (${last('status')})`,
    IX_adminjs_sessions_ftp_status_active: `adminjs_sessions_ftp (${last('status', 'lastActiveAt')})`,
  }
}
