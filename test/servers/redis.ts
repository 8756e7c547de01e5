import { execFileSync } from 'node:child_process'
import { freePort, startServer } from './server.js'

/** Why no Redis can be started here, or null: for `describe.skip`. */
export const redisMissing = runs() ? null : 'no redis-server on the PATH (apt-get install redis-server)'

function runs(): boolean {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
}

/** Starts an empty Redis of its own on a free loopback port; it writes nothing to disk. */
export async function startRedis(): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const server = await startServer(
    'redis-server',
    [...['--port', String(port), '--bind', '127.0.0.1'], ...['--save', '', '--appendonly', 'no']],
    /Ready to accept connections/,
  )
  return { url: `redis://127.0.0.1:${port}`, port, stop: () => server.stop() }
}
