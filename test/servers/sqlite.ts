import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type DatabaseOptions } from '../../src/database/open-database.js'
import { directoryVariable } from './before-all.mjs'

/**
 * A database of SQLite with this package's tables, as another back office has left it: to make them takes longer than most
 * tests. It goes with the run.
 */
export async function sqliteWithTables(): Promise<DatabaseOptions & { type: 'sqlite' }> {
  const directory = process.env[directoryVariable]
  if (!directory)
    throw new Error(
      'No directory for databases was made for this run: its project in jest.config.mjs has no globalSetup.',
    )
  const made = join(directory, 'with-tables.sqlite')
  if (!existsSync(made)) {
    // Others may be at it as well: whoever is last has made the same.
    const unfinished = join(directory, `${randomUUID()}.sqlite`)
    await (await openDatabase({ type: 'sqlite', database: unfinished })).close()
    renameSync(unfinished, made)
  }
  const database = join(directory, `${randomUUID()}.sqlite`)
  copyFileSync(made, database)
  return { type: 'sqlite', database }
}
