import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An FTP client that does one command at a time and no more than it is told to, to hold a session in any state. */
export class RawClient {
  private received = ''
  private arrived: (() => void) | null = null
  private readonly data: Socket[] = []

  private constructor(readonly control: Socket) {
    control.setEncoding('latin1')
    control.on('data', (chunk) => {
      this.received += chunk
      this.arrived?.()
    })
    control.on('error', () => undefined)
    control.on('close', () => this.arrived?.())
  }

  /** Connects, waits for the greeting, and logs in where a login is given. */
  static async connect(port: number, login?: string): Promise<RawClient> {
    const client = new RawClient(connect(port, '127.0.0.1'))
    await client.reply()
    if (login) {
      await client.command(`USER ${login}`)
      await client.command('PASS secret')
      await client.command('TYPE I')
    }
    return client
  }

  /** Sends a command and gives the reply to it. */
  async command(line: string | Buffer): Promise<string> {
    this.send(line)
    return this.reply()
  }

  send(line: string | Buffer): void {
    this.control.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]))
  }

  /** The next whole reply; empty when the server has closed the connection. */
  async reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[^]*?\r\n)?\d{3} .*\r\n/.exec(this.received)?.[0]
      if (whole) {
        this.received = this.received.slice(whole.length)
        return whole
      }
      if (this.control.closed) return ''
      await new Promise<void>((resolve) => (this.arrived = resolve))
    }
  }

  /** Asks for a data connection and gives the port to connect to. */
  async passive(): Promise<number> {
    const [high, low] = /(\d+),(\d+)\)/
      .exec(await this.command('PASV'))!
      .slice(1)
      .map(Number)
    return high! * 256 + low!
  }

  /** Opens a data connection, starts a transfer and gives the connection: nothing is read from it unless asked for. */
  async begin(line: string | Buffer): Promise<Socket> {
    const data = connect(await this.passive(), '127.0.0.1').pause()
    data.on('error', () => undefined)
    this.data.push(data)
    await once(data, 'connect')
    await this.command(line)
    return data
  }

  close(): void {
    this.control.destroy()
    this.data.forEach((data) => data.destroy())
  }
}
