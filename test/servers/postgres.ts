import { randomUUID } from 'node:crypto'
import pg from 'pg'
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
export async function startPostgres(): Promise<Postgres> {
  const server = process.env[urlVariable]
  if (!server)
    throw new Error(`No PostgreSQL was started for this run: its project in jest.config.mjs has no globalSetup.`)
  const database = `test_${randomUUID().replaceAll('-', '')}`
  await ask(server, `CREATE DATABASE ${database}`)
  const url = new URL(server)
  url.pathname = database
  return { url: url.href, stop: () => ask(server, `DROP DATABASE ${database} WITH (FORCE)`) }
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
