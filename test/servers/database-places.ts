import type { DatabaseOptions } from '../../src/database/open-database.js'
import { postgresMissing, startPostgresWithTables } from './postgres.js'
import { sqliteWithTables } from './sqlite.js'

/** Where the tables may be: each engine, in a place that two processes can open. `missing`: why it can't be had here. */
export const databasePlaces = [
  {
    name: 'an SQLite file',
    missing: null,
    async start() {
      const options: DatabaseOptions = await sqliteWithTables()
      return { options, stop: async () => {} }
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
