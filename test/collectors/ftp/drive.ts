import { Client } from 'basic-ftp'
import { PassThrough, Writable } from 'node:stream'
import type { FtpSource, ListedFtpSession } from '../../../src/session-source.js'
import { until } from '../../until.js'
import { RawClient } from './proftpd/raw-client.js'

/** Clients of one server, and what its source then lists. */
export class Drive {
  private readonly leave: (() => void)[] = []
  private readonly signal = new AbortController().signal

  constructor(
    readonly port: number,
    readonly source: FtpSource,
  ) {}

  list(): Promise<ListedFtpSession[]> {
    return this.source.list(this.signal)
  }

  /** All sessions, once there are so many. */
  async count(wanted: number): Promise<ListedFtpSession[]> {
    return until(`${wanted} sessions`, async () => {
      const sessions = await this.list()
      return sessions.length === wanted && sessions
    })
  }

  /** The only session there is, once it is as expected. */
  async only(condition: (session: ListedFtpSession) => boolean = () => true): Promise<ListedFtpSession> {
    // What was listed, in turn: the last may be long after it went wrong.
    const seen: string[] = []
    const wanted = async () => {
      const last = await this.list()
      const now = JSON.stringify(last)
      if (seen.at(-1) !== now) seen.push(now)
      return last.length === 1 && condition(last[0]!) && last[0]
    }
    return until(`one session as in ${condition}`, wanted).catch((error: Error) => {
      throw new Error(`${error.message}, but ${seen.slice(-20).join(', then ')}`)
    })
  }

  /** A client that does one command at a time, and logs in where a login is given. */
  async raw(login?: string): Promise<RawClient> {
    const client = await RawClient.connect(this.port, login)
    this.leave.push(() => client.close())
    return client
  }

  /** A client of everyday. */
  async ftp(user: string, options: object = {}): Promise<Client> {
    const client = new Client()
    this.leave.push(() => client.close())
    await client.access({ host: '127.0.0.1', port: this.port, user, password: 'secret', ...options })
    return client
  }

  /** An upload that sends what it is given, when it is given it. */
  upload(client: Client, name: string): PassThrough {
    const content = new PassThrough()
    client.uploadFrom(content, name).catch(() => undefined)
    return content
  }

  /** A download that takes its first chunk and then no more. */
  download(client: Client, name: string, from = 0): void {
    const sink = new Writable({ write: () => undefined })
    client.downloadTo(sink, name, from).catch(() => undefined)
  }

  end(session: ListedFtpSession): Promise<'asked' | 'already-gone'> {
    return this.source.end(session, this.signal, () => this.list())
  }

  endByForce(session: ListedFtpSession): Promise<'asked' | 'already-gone'> {
    return this.source.byForce!.end(session, this.signal, () => this.list())
  }

  /** Closes every client, and waits until none of their sessions is left: one that waits for its client's data is ended. */
  async allGone(): Promise<void> {
    this.leave.splice(0).forEach((close) => close())
    await until('no sessions', async () => {
      const left = await this.list()
      await Promise.allSettled(left.map((session) => this.end(session)))
      return left.length === 0
    })
  }
}
