// Jest's globalSetup: one PostgreSQL for the whole run, in which every test that wants one gets a database of its own.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.mjs'

const run = promisify(execFile)

/** Where its URL is, for the tests. */
export const urlVariable = 'ADMINJS_SESSIONS_TEST_POSTGRES'

/** Debian keeps one directory per version, and none of them on the PATH. */
export function newestBinaries() {
  try {
    const [newest] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return newest ? `/usr/lib/postgresql/${newest}/bin` : null
  } catch {
    return null
  }
}

export default async function startServer() {
  const binaries = newestBinaries()
  // Jest asks for each of its projects.
  if (binaries === null || globalThis.stopPostgresServer) return
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'))
  const as = await unprivileged()
  if (as.uid !== undefined) chownSync(directory, as.uid, as.gid)
  const options = { ...as, cwd: directory, env: { ...process.env, LC_ALL: 'C' } }
  const data = join(directory, 'data')
  await run(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], options)
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=300']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const server = spawn(join(binaries, 'postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const killAtExit = () => server.kill('SIGQUIT')
  process.once('exit', killAtExit)
  const ended = once(server, 'close')
  await ready(server)
  process.env[urlVariable] = `postgres://postgres@127.0.0.1:${port}/postgres`
  globalThis.stopPostgresServer = async () => {
    // Cuts off whoever is still there.
    server.kill('SIGINT')
    await ended
    process.removeListener('exit', killAtExit)
    rmSync(directory, { recursive: true, force: true })
  }
}

/** PostgreSQL refuses to run as root. */
async function unprivileged() {
  if (process.getuid?.() !== 0) return {}
  const { stdout } = await run('getent', ['passwd', 'postgres'])
  const [, , uid, gid] = stdout.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

function ready(server) {
  return new Promise((resolve, reject) => {
    let output = ''
    server.stderr.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000)
      if (output.includes('database system is ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('close', (code) => reject(new Error(`PostgreSQL ended with ${code} before it was ready:\n${output}`)))
  })
}
