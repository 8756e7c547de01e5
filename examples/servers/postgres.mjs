import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the newest PostgreSQL's programs are, or null. Debian keeps one directory per version, and none of them on the PATH. */
export function newestBinaries() {
  try {
    const [newest] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return newest ? `/usr/lib/postgresql/${newest}/bin` : null
  } catch {
    return null
  }
}

/** What a PostgreSQL prints when it can be asked. */
export const postgresReady = /database system is ready to accept connections/

/**
 * The two programs to run, one after the other, for a PostgreSQL on loopback that keeps all it has in `directory`: `make`
 * ends, `serve` stays. SIGINT ends it, and cuts off whoever is still there.
 *
 * @param {string} directory that is made, and need not be there
 * @param {number} port
 * @param {string} [password] of the user postgres; without it nobody is asked for one
 */
export function postgresIn(directory, port, password) {
  const binaries = newestBinaries()
  const as = unprivileged()
  const passwordFile = join(directory, 'password')
  mkdirSync(directory, { recursive: true })
  if (password) writeFileSync(passwordFile, password, { mode: 0o600 })
  if (as.uid !== undefined) {
    for (const path of [directory, ...(password ? [passwordFile] : [])]) chownSync(path, as.uid, as.gid)
  }
  const options = { ...as, cwd: directory, env: { ...process.env, LC_ALL: 'C' } }
  const data = join(directory, 'data')
  const asked = password ? ['-A', 'scram-sha-256', `--pwfile=${passwordFile}`] : ['-A', 'trust']
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=300']
  return {
    make: {
      program: join(binaries, 'initdb'),
      args: ['-D', data, '-U', 'postgres', ...asked, '-E', 'UTF8', '--no-sync'],
      options,
    },
    serve: {
      program: join(binaries, 'postgres'),
      args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      options,
    },
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {}
  const [, , uid, gid] = execFileSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
