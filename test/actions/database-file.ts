import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import type { FtpSessionRow, PanelSessionRow } from '../../src/database/rows.js'

/**
 * A database that a back office works on, and the test beside it.
 *
 * @param counts whether a query that is just being made counts
 */
export async function databaseFile(counts = () => true) {
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-actions-'))
  const queries: string[] = []
  const nothing = () => undefined
  const options = {
    type: 'sqlite',
    database: join(directory, 'sessions.sqlite'),
    logging: ['query'],
    logger: {
      logQuery: (query: string) => void (counts() && queries.push(query)),
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    },
  } as DatabaseOptions
  let database: Database | undefined
  return {
    /** For the back office; `queries` are the ones that it makes. */
    options,
    queries,
    /** The test's own way into it. */
    async open(): Promise<Database> {
      return (database ??= await openDatabase({ type: 'sqlite', database: options.database as string }))
    },
    async remove() {
      await database?.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

let rowId = 900_000

/** A session whose row went a moment ago. */
export async function gone(
  database: Database,
  kind: 'ftp' | 'panel',
  session: Partial<PanelSessionRow & FtpSessionRow>,
  source = kind === 'ftp' ? 'fake-ftp' : 'express-session',
): Promise<number> {
  const id = ++rowId
  const row = { id, host: 'test-host', source, key: `key-${id}`, login: null, ip: '192.0.2.1', ...session }
  await database.gone.insert({
    kind,
    rowId: id,
    host: row.host,
    source,
    key: row.key,
    goneAt: new Date(),
    session: row as never,
  })
  return id
}
