import { execFile } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, startServer } from './server.js'

const run = promisify(execFile)

/** Debian keeps one directory per version, and none of them on the PATH. */
function newestBinaries(): string | null {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return versions.length ? `/usr/lib/postgresql/${versions[0]}/bin` : null
  } catch {
    return null
  }
}

const binaries = newestBinaries()

/** Why no PostgreSQL can be started here, or null: for `describe.skip`. */
export const postgresMissing = binaries ? null : 'no PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)'

export interface Postgres {
  /** `postgres://user@host:port/database`; no password is asked for. */
  url: string
  host: string
  port: number
  user: string
  database: string
  /** Ends the server and deletes its data. */
  stop(): Promise<void>
}

/** Starts an empty PostgreSQL of its own on a free loopback port, about a second. */
export async function startPostgres(): Promise<Postgres> {
  if (!binaries) throw new Error(postgresMissing!)
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'))
  try {
    return await startIn(directory, binaries)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

async function startIn(directory: string, binaries: string): Promise<Postgres> {
  const as = await unprivileged()
  if (as.uid !== undefined) chownSync(directory, as.uid, as.gid)
  const options = { ...as, cwd: directory, env: { ...process.env, LC_ALL: 'C' } }
  const user = 'postgres'
  const data = join(directory, 'data')
  await run(join(binaries, 'initdb'), ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--no-sync'], options)
  const port = await freePort()
  const server = await startServer(
    join(binaries, 'postgres'),
    [
      ...['-D', data, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    ],
    /database system is ready to accept connections/,
    options,
  )
  return {
    url: `postgres://${user}@127.0.0.1:${port}/postgres`,
    host: '127.0.0.1',
    port,
    user,
    database: 'postgres',
    async stop() {
      // SIGTERM waits for clients that are just leaving, SIGINT cuts off those that stay.
      const hurry = setTimeout(() => void server.stop('SIGINT'), 500)
      await server.stop('SIGTERM')
      clearTimeout(hurry)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const { stdout } = await run('getent', ['passwd', 'postgres'])
  const [, , uid, gid] = stdout.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
