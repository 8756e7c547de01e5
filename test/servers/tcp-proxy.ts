import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../examples/servers/free-port.mjs'

/** A network between a process and a server that can be cut, held up and slowed down. */
export interface TcpProxy {
  port: number
  /** Every connection is reset, and none is accepted. */
  cut(): void
  /** Nothing arrives any more, and nobody is told. */
  drop(): void
  /** Everything arrives so many ms later. */
  delay(ms: number): void
  /** As it was. What was dropped never arrives: its connections are reset. */
  heal(): void
  close(): Promise<void>
}

export async function tcpProxy(to: number): Promise<TcpProxy> {
  const port = await freePort()
  const open = new Set<Socket>()
  let state: 'well' | 'cut' | 'dropped' = 'well'
  let late = 0
  const server = createServer((client) => {
    if (state === 'cut') return void client.resetAndDestroy()
    const upstream = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from)
      const pass = (chunk: Buffer) => {
        if (state === 'well' && !into.destroyed) into.write(chunk)
      }
      // In its order, however much less late the network has become.
      let last = Promise.resolve()
      from.on('data', (chunk: Buffer) => {
        const arrives = sleep(late)
        last = last.then(() => arrives).then(() => pass(chunk))
      })
      from.on('error', () => {})
      from.on('close', () => {
        open.delete(from)
        into.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const reset = () => open.forEach((socket) => socket.resetAndDestroy())
  return {
    port,
    cut() {
      state = 'cut'
      reset()
    },
    drop: () => void (state = 'dropped'),
    delay(ms) {
      late = ms
    },
    heal() {
      if (state === 'dropped' || late > 0) reset()
      ;[state, late] = ['well', 0]
    },
    async close() {
      reset()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
