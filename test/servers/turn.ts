import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * The turn of a test file to have servers of a kind: for some sources see every such server of the machine, and so do
 * the tests that run beside. Whoever waits is woken by the kernel, also where the one before was killed.
 *
 * @see unix(7), abstract sockets
 */
export class Turn {
  private taken: Promise<() => void> | undefined
  private servers = 0

  constructor(private readonly kind: string) {}

  /** Starts a server, as soon as no other test file has one of its kind. */
  async start<Server extends { stop(): Promise<void> }>(make: () => Promise<Server>): Promise<Server> {
    this.servers++
    try {
      await (this.taken ??= takeTurn(this.kind))
      const server = await make()
      const stop = async () => {
        await server.stop()
        await this.giveBack()
      }
      return { ...server, stop }
    } catch (error) {
      await this.giveBack()
      throw error
    }
  }

  private async giveBack(): Promise<void> {
    if (--this.servers > 0) return
    const taken = this.taken
    this.taken = undefined
    ;(await taken?.catch(() => undefined))?.()
  }
}

/** Waits until nobody else has the turn of this kind; what this gives gives it back. */
export async function takeTurn(kind: string): Promise<() => void> {
  const path = `\0adminjs-sessions-test-${kind}`
  for (;;) {
    const waiting = new Set<{ destroy(): unknown }>()
    const mine = createServer((other) => waiting.add(other.on('error', () => undefined)))
    try {
      await once(mine.listen({ path }), 'listening')
      return () => {
        mine.close()
        waiting.forEach((other) => other.destroy())
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      await new Promise<void>((resolve) => {
        const theirs = connect({ path }).resume()
        theirs.on('error', () => undefined).on('close', () => resolve())
      })
    }
  }
}
