import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../../src/database/open-database.js'
import { newestBinaries, urlVariable } from './postgres-server.mjs'

/** Why there is no PostgreSQL here, or null: for `describe.skip`. */
export const postgresMissing = newestBinaries()
  ? null
  : 'no PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)'

export interface Postgres {
  /** `postgres://user@host:port/database`; no password is asked for. */
  url: string
  /** Deletes the database, and cuts off whoever still uses it. */
  stop(): Promise<void>
}

/** An empty database of its own at the PostgreSQL of this run. */
export const startPostgres = () => copyOf('template1')

/** The same, with this package's tables, as another back office has left it: to make them takes longer than most tests. */
export async function startPostgresWithTables(): Promise<Postgres> {
  await asking(async (client, url) => {
    // Of all test files the first one makes them, while the others wait; a half of them has another name.
    await client.query('SELECT pg_advisory_lock(1)')
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'with_tables'`)
    if (rowCount === 1) return
    await client.query('CREATE DATABASE unfinished')
    await (await openDatabase({ type: 'postgres', url: named(url, 'unfinished') })).close()
    await client.query('ALTER DATABASE unfinished RENAME TO with_tables')
  })
  return copyOf('with_tables')
}

async function copyOf(template: string): Promise<Postgres> {
  const database = `test_${randomUUID().replaceAll('-', '')}`
  const url = await asking(async (client, server) => {
    await client.query(`CREATE DATABASE ${database} TEMPLATE ${template}`)
    return named(server, database)
  })
  const stop = () => asking(async (client) => void (await client.query(`DROP DATABASE ${database} WITH (FORCE)`)))
  return { url, stop }
}

async function asking<T>(ask: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const url = process.env[urlVariable]
  if (!url)
    throw new Error(`No PostgreSQL was started for this run: its project in jest.config.mjs has no globalSetup.`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await ask(client, url)
  } finally {
    await client.end()
  }
}

function named(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: database }).href
}
