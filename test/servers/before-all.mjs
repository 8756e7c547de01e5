// Jest's globalSetup: what all tests of a run share.
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from './postgres-server.mjs'

/** Where its directory for databases of SQLite is, for the tests. */
export const directoryVariable = 'ADMINJS_SESSIONS_TEST_DATABASES'

export default async function beforeAll() {
  // Jest asks for each of its projects.
  if (globalThis.stopShared) return
  const directory = mkdtempSync(join(hasRoom('/dev/shm') ? '/dev/shm' : tmpdir(), 'adminjs-sessions-tests-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  process.env[directoryVariable] = directory
  const stopPostgres = await startServer()
  globalThis.stopShared = async () => {
    await stopPostgres?.()
    remove()
  }
}

/** In memory nobody waits for a disk; a container has 64 MB of that by default. */
function hasRoom(directory) {
  if (!existsSync(directory)) return false
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize > 2 * 1024 ** 3
}
