import { afterEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { endConnection, type ServerConnection } from '../../../src/collectors/ftp/os/end-connection.js'
import { executableOf } from '../../../src/collectors/ftp/os/proc.js'

const signal = new AbortController().signal

const missing = missingHere()

function missingHere(): string | null {
  if (process.platform !== 'linux') return 'only on Linux can this be tried'
  if (process.getuid?.() !== 0) return 'only root may close connections'
  try {
    execFileSync('ss', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no ss (apt-get install iproute2)'
  }
}

const describeReal = missing ? describe.skip : describe
describeReal(`ending by the TCP connection${missing ? ` (${missing})` : ''}`, () => {
  const open: { close(): unknown }[] = []
  afterEach(() => void open.splice(0).forEach((one) => one.close()))

  /** A server of this very process, two clients, and their connections as the server sees them. */
  async function serve(host: string, from = host) {
    const server: Server = createServer().listen(0, host)
    await once(server, 'listening')
    open.push(server)
    const { port } = server.address() as { port: number }
    const clients: { socket: Socket; connection: ServerConnection }[] = []
    for (let i = 0; i < 2; i++) {
      const socket = connect(port, from)
      const [accepted] = (await once(server, 'connection')) as [Socket]
      if (socket.connecting) await once(socket, 'connect')
      socket.on('error', () => undefined)
      accepted.on('error', () => undefined)
      open.push({ close: () => socket.destroy() }, { close: () => accepted.destroy() })
      const local = { ip: from, port }
      const peer = { ip: from, port: socket.localPort! }
      clients.push({ socket, connection: { local, peer, program: executableOf(process.pid)! } })
    }
    return clients
  }

  test.each([
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['IPv4 to a server that listens on IPv6', '::', '127.0.0.1'],
  ])('over %s ends exactly one', async (_, host, from) => {
    const [first, second] = await serve(host, from)
    const closed = new Promise((resolve) => first!.socket.once('close', resolve))
    expect(await endConnection(first!.connection, signal)).toBe('asked')
    await closed
    expect(await endConnection(first!.connection, signal)).toBe('already-gone')
    expect(second!.socket.destroyed).toBe(false)
    second!.socket.write('still here')
    expect(await endConnection(second!.connection, signal)).toBe('asked')
  })

  test('refuses one that is of another program', async () => {
    const [first] = await serve('127.0.0.1')
    const connection = { ...first!.connection, program: '/usr/sbin/some-ftpd' }
    await expect(endConnection(connection, signal)).rejects.toThrow(
      /belongs to .*node.*, not to \/usr\/sbin\/some-ftpd/,
    )
    expect(first!.socket.destroyed).toBe(false)
  })

  test('a connection that there is not', async () => {
    const [first] = await serve('127.0.0.1')
    const peer = { ip: '127.0.0.9', port: first!.connection.peer.port }
    expect(await endConnection({ ...first!.connection, peer }, signal)).toBe('already-gone')
  })

  test.each([
    { ip: '*', port: 21 },
    { ip: '127.0.0.1', port: 0 },
    { ip: '127.0.0.1 or dst 0.0.0.0/0', port: 21 },
    { ip: '0.0.0.0/0', port: 21 },
    { ip: '', port: 70_000 },
  ])('takes no pattern for an address: %j', async (peer) => {
    const [first] = await serve('127.0.0.1')
    await expect(endConnection({ ...first!.connection, peer }, signal)).rejects.toThrow(TypeError)
  })

  test('takes an unspecified address for no other', async () => {
    const [first] = await serve('127.0.0.1')
    for (const ip of ['0.0.0.0', '::']) {
      const peer = { ip, port: first!.connection.peer.port }
      const outcome = await endConnection({ ...first!.connection, peer }, signal).catch((error: Error) => error.name)
      expect(['already-gone', 'RemovalRefused']).toContain(outcome)
    }
    expect(first!.socket.destroyed).toBe(false)
  })
})
