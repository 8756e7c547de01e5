import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { timed } from '../report.mjs'

const unpacked = fileURLToPath(new URL('../../node_modules/.cache/debian', import.meta.url))

/** Where a server's program is, installed or unpacked (test/servers/unpacked.ts); ends the bench where it is neither. */
export function programOf(name) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', `${unpacked}/usr/sbin`]
  const found = places.map((place) => join(place, name)).find(mayRun)
  if (found && process.getuid() === 0) return found
  console.log(`Skipped: it takes root and ${name}.`)
  process.exit(0)
}

function mayRun(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A TCP port on 127.0.0.1 that nobody listens on just now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * Starts an FTP server, and at 10, 100 and 1,000 sessions times its source's list beside the server's own tool.
 * @param theirs runs the server's own tool
 */
export async function compare({ program, args, port, list, theirs, tool }) {
  const libraries = ['x86_64', 'aarch64'].map((cpu) => `${unpacked}/usr/lib/${cpu}-linux-gnu`).join(':')
  const server = spawn(program, args, { stdio: 'ignore', env: { ...process.env, LD_LIBRARY_PATH: libraries } })
  const clients = []
  try {
    for (const wanted of [10, 100, 1000]) {
      while (clients.length < wanted) clients.push(await greeted(port))
      const own = await timed(15, async () => {
        const { length } = await list()
        if (length < wanted) throw new Error(`${length} sessions were listed, and there are ${wanted}.`)
      })
      const other = await timed(15, theirs)
      const ratio = (own / other).toFixed(1)
      console.log(`${wanted} sessions: list ${own.toFixed(1)} ms, ${tool} ${other.toFixed(1)} ms: ${ratio} times that`)
    }
  } finally {
    clients.forEach((client) => client.destroy())
    server.kill('SIGKILL')
  }
}

/** A client that has read the server's greeting and says nothing. */
async function greeted(port) {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1')
    const code = await new Promise((resolve) => {
      socket.once('data', (data) => resolve(data.toString().slice(0, 3)))
      socket.once('error', () => resolve(''))
      socket.once('close', () => resolve(''))
    })
    if (code === '220') return socket.on('error', () => undefined)
    socket.destroy()
    if (tries === 100) throw new Error('The server does not greet.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
