import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../servers/free-port.mjs'
import { postgresIn, postgresReady } from '../servers/postgres.mjs'
import { printed } from '../servers/printed.mjs'
import { finished } from './part.mjs'

/** The PostgreSQL that all share. Where it is, and the two programs to run for it, one after the other. */
export async function database(directory) {
  const port = await freePort()
  const password = randomBytes(6).toString('hex')
  const { make, serve } = postgresIn(join(directory, 'postgres'), port, password)
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return {
    url,
    make: { name: 'initdb', ...make, ready: finished },
    serve: {
      ...{ name: 'postgres', address: url, ...serve, endsBy: 'SIGINT' },
      ready: (child) => printed(child, postgresReady, 'PostgreSQL'),
    },
  }
}

/** The table of connect-pg-simple: two back offices that begin at once would both make it. */
export async function makeSessionTable(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(readFileSync(createRequire(import.meta.url).resolve('connect-pg-simple/table.sql'), 'utf8'))
  } finally {
    await client.end()
  }
}
