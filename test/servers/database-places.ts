import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseOptions } from '../../src/database/open-database.js'
import { postgresMissing, startPostgresWithTables } from './postgres.js'

/** Where the tables may be: each engine, in a place that two processes can open. `missing`: why it can't be had here. */
export const databasePlaces = [
  {
    name: 'an SQLite file',
    missing: null,
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-database-'))
      const options: DatabaseOptions = { type: 'sqlite', database: join(directory, 'tables.sqlite') }
      return { options, stop: async () => rmSync(directory, { recursive: true }) }
    },
  },
  {
    name: 'PostgreSQL',
    missing: postgresMissing,
    async start() {
      const postgres = await startPostgresWithTables()
      const options: DatabaseOptions = { type: 'postgres', url: postgres.url }
      return { options, stop: () => postgres.stop() }
    },
  },
]
