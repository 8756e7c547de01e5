// One PostgreSQL for the whole run, in which every test that wants one gets a database of its own.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../examples/servers/free-port.mjs'
import { newestBinaries, postgresIn, postgresReady } from '../../examples/servers/postgres.mjs'
import { printed } from '../../examples/servers/printed.mjs'

export { newestBinaries }

/** Where its URL is, for the tests. */
export const urlVariable = 'ADMINJS_SESSIONS_TEST_POSTGRES'

/** @returns what stops it; undefined where it is not installed */
export async function startServer() {
  if (newestBinaries() === null) return undefined
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'))
  const port = await freePort()
  const { make, serve } = postgresIn(directory, port)
  await promisify(execFile)(make.program, make.args, make.options)
  const server = spawn(serve.program, serve.args, { ...serve.options, stdio: ['ignore', 'ignore', 'pipe'] })
  const killAtExit = () => {
    server.kill('SIGQUIT')
    // It may write a last file meanwhile.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', killAtExit)
  const ended = once(server, 'close')
  await printed(server, postgresReady, 'PostgreSQL')
  process.env[urlVariable] = `postgres://postgres@127.0.0.1:${port}/postgres`
  return async () => {
    // Cuts off whoever is still there.
    server.kill('SIGINT')
    await ended
    process.removeListener('exit', killAtExit)
    rmSync(directory, { recursive: true, force: true })
  }
}
