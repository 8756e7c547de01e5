import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that Linux gives out by itself (ip_local_port_range, from 32768 on): nobody gets one of these by chance. */
const first = 10_000
/** As many for each worker of Jest, so that no two of them are given the same one before it is listened on. */
const slice = 2_000
const begin = first + (Number(process.env.JEST_WORKER_ID ?? 0) % 11) * slice
let next = Math.floor(Math.random() * slice)

/** A TCP port on 127.0.0.1 that nobody listens on just now. @returns {Promise<number>} */
export async function freePort() {
  for (let tries = 0; tries < slice; tries++) {
    const port = begin + (next++ % slice)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error(`Expected a free port from ${begin} on; all ${slice} are taken.`)
}
