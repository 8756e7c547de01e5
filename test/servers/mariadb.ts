import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from './server.js'

const program = '/usr/sbin/mariadbd'

/** Why no MariaDB can be started here, or null: for `describe.skip`. */
export const mariadbMissing = runs() ? null : `no ${program} (apt-get install mariadb-server-core)`

function runs(): boolean {
  try {
    execFileSync(program, ['--no-defaults', '--version'])
    return true
  } catch {
    return false
  }
}

export interface Mariadb {
  /** How to connect to its empty database. */
  connection: { host: string; port: number; user: string; database: string }
  stop(): Promise<void>
}

/** Starts a MariaDB of its own on a free loopback port; its data is gone when it stops. */
export async function startMariadb(): Promise<Mariadb> {
  const directory = mkdtempSync(join(tmpdir(), 'mariadb-'))
  const data = join(directory, 'data')
  const as = process.getuid?.() === 0 ? ['--user=root'] : []
  mkdirSync(data)
  const port = await freePort()
  const server = await startServer(
    program,
    [
      ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', ...as],
      ...[`--socket=${join(directory, 's')}`, `--pid-file=${join(directory, 'pid')}`, '--skip-name-resolve'],
      // So it needs no tables of accounts: it is there for this test alone.
      ...['--skip-grant-tables', '--innodb-flush-log-at-trx-commit=0', '--skip-log-bin'],
    ],
    /ready for connections/,
  )
  const connection = { host: '127.0.0.1', port, user: 'root', database: 'sessions' }
  const { createConnection } = await import('mysql2/promise')
  const admin = await createConnection({ ...connection, database: undefined })
  await admin.query('CREATE DATABASE sessions')
  await admin.end()
  return {
    connection,
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
