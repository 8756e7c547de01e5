import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { mariadbMissing, startMariadb } from '../../../servers/mariadb.js'
import { postgresMissing, startPostgres } from '../../../servers/postgres.js'

/** A panel's database, empty. */
export interface PanelDatabase {
  connection: DataSource
  /** Runs statements; `?` are their values. */
  run(sql: string, values?: unknown[]): Promise<unknown>
  stop(): Promise<void>
}

/** Each engine. `missing`: why it can't be had here. */
export const panelDatabases: { engine: Engine; missing: string | null; start(): Promise<PanelDatabase> }[] = [
  {
    engine: 'sqlite',
    missing: null,
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'panel-database-'))
      const connection = new DataSource({ type: 'sqlite', database: join(directory, 'panel.sqlite') })
      return opened(connection, async () => rmSync(directory, { recursive: true }))
    },
  },
  {
    engine: 'postgres',
    missing: postgresMissing,
    async start() {
      const postgres = await startPostgres()
      return opened(new DataSource({ type: 'postgres', url: postgres.url, poolSize: 2 }), () => postgres.stop())
    },
  },
  {
    engine: 'mariadb',
    missing: mariadbMissing,
    async start() {
      const { connection, stop } = await startMariadb()
      const { user: username, ...others } = connection
      return opened(
        new DataSource({ type: 'mariadb', username, ...others, connectorPackage: 'mysql2', poolSize: 2 }),
        stop,
      )
    },
  },
]

export type Engine = 'sqlite' | 'postgres' | 'mariadb'

async function opened(connection: DataSource, stop: () => Promise<void>): Promise<PanelDatabase> {
  await connection.initialize()
  const isPostgres = connection.options.type === 'postgres'
  return {
    connection,
    run(sql, values = []) {
      let n = 0
      return connection.query(isPostgres ? sql.replaceAll('?', () => `$${++n}`) : sql, values)
    },
    async stop() {
      if (connection.isInitialized) await connection.destroy()
      await stop()
    },
  }
}
