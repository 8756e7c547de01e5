import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that Linux gives out by itself (ip_local_port_range, from 32768 on): nobody gets one of these by chance. */
const [first, last] = [10_000, 31_999]
let next = first + Math.floor(Math.random() * (last - first))

/**
 * A TCP port on 127.0.0.1 that nobody listens on, nor will any other test of this machine that asks here: it is taken for
 * the life of this process by an abstract socket of its name.
 *
 * @returns {Promise<number>}
 * @see unix(7), abstract sockets
 */
export async function freePort() {
  for (let tries = 0; tries <= last - first; tries++) {
    const port = next
    next = next === last ? first : next + 1
    const mine = createServer().unref()
    if (!(await listens(mine, { path: `\0adminjs-sessions-test-port-${port}` }))) continue
    const tried = createServer()
    const free = await listens(tried, { port, host: '127.0.0.1' })
    tried.close()
    if (free) {
      await once(tried, 'close')
      return port
    }
    mine.close()
  }
  throw new Error(`Expected a free port from ${first} to ${last}; all of them are taken.`)
}

async function listens(server, where) {
  try {
    await once(server.listen(where), 'listening')
    return true
  } catch {
    return false
  }
}
