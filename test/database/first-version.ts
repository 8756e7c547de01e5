import { DataSource } from 'typeorm'
import { FirstTables } from '../../src/database/migrations/0001-first-tables.js'
import type { DatabaseOptions } from '../../src/database/open-database.js'

/** The tables as version 0.1 made them. */
export async function firstVersion(options: DatabaseOptions): Promise<DataSource> {
  const connection = new DataSource({
    ...options,
    migrations: [FirstTables],
    migrationsTableName: 'adminjs_sessions_migrations',
  } as DatabaseOptions)
  await connection.initialize()
  await connection.runMigrations()
  return connection
}
