import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import type { ProftpdServer } from '../servers/proftpd.js'
import type { Chance } from './seeded.js'

/** What the server must say of a session, by the word of its own client. */
export interface Known {
  login: string | null
  location: string | null
  condition: 'normal' | 'orphaned'
}

interface Person {
  client: RawClient
  /** As the server calls it. */
  login: string
  /** A directory of its own, by which its session can be told from all others. */
  directory: string
  orphaned: boolean
  /** Is moving a file, and answers no questions until then. */
  moving: boolean
}

let all = 0
const logins = { alice: 'alice', bob: 'bob', carol: 'carol', dave: 'dave', anonymous: 'ftp' }

/** FTP clients that come, look around, move files and go, as chance has it. */
export class FtpClients {
  private people: Person[] = []
  private made = 0

  constructor(
    private readonly server: ProftpdServer,
    private readonly chance: Chance,
  ) {}

  /** Those whose connection still stands. */
  private get present(): Person[] {
    return (this.people = this.people.filter(({ client }) => !client.control.closed))
  }

  get count(): number {
    return this.present.length
  }

  /** One after the other, so many things happen. */
  async happen(times: number): Promise<void> {
    const things = [
      () => this.come(),
      () => this.come(),
      () => this.changeDirectory(),
      () => this.upload(),
      () => this.beginUpload(),
      () => this.beginDownload(),
      () => this.leave(),
      () => this.vanish(),
    ]
    for (let i = 0; i < times; i++) await this.chance.of(things)()
  }

  /** How many sessions the present master has. */
  get attached(): number {
    return this.present.filter(({ orphaned }) => !orphaned).length
  }

  async come(login = this.chance.of(Object.keys(logins) as (keyof typeof logins)[])): Promise<void> {
    const client = await RawClient.connect(this.server.port, login)
    const name = `dir-${all++}`
    for (const command of [`MKD ${name}`, `CWD ${name}`, 'MKD deep']) await client.command(command)
    const directory = /^257 "(.*)"/.exec(await client.command('PWD'))?.[1]
    if (!directory?.endsWith(name)) throw new Error(`${login} is in ${directory}, where ${name} was expected.`)
    this.people.push({ client, login: logins[login], directory, orphaned: false, moving: false })
  }

  /** The server's master has gone. */
  areOrphaned(): void {
    for (const person of this.people) person.orphaned = true
  }

  /** Whoever moves a file is cut off: from then on nothing goes on. */
  async quiet(): Promise<void> {
    for (const { client } of this.present.filter(({ moving }) => moving)) client.close()
  }

  /** What the server must list, when nobody moves anything. */
  async known(): Promise<Known[]> {
    const known: Known[] = []
    for (const { client, login, orphaned } of this.present) {
      const [, location] = /^257 "(.*)"/.exec(await client.command('PWD')) ?? []
      if (location !== undefined) known.push({ login, location, condition: orphaned ? 'orphaned' : 'normal' })
    }
    return known
  }

  close(): void {
    for (const { client } of this.people) client.close()
  }

  private anyone(): Person | undefined {
    const free = this.present.filter(({ moving }) => !moving)
    return free.length > 0 ? this.chance.of(free) : undefined
  }

  private async changeDirectory(): Promise<void> {
    const person = this.anyone()
    await person?.client.command(`CWD ${this.chance.of(['', '/deep', '/nowhere'].map((to) => person.directory + to))}`)
  }

  private async upload(): Promise<void> {
    const person = this.anyone()
    if (person === undefined) return
    const data = await person.client.begin(`STOR upload-${this.made++}`)
    data.end(Buffer.alloc(1 + this.chance.below(50_000)))
    await person.client.reply()
  }

  private async beginUpload(): Promise<void> {
    const person = this.anyone()
    if (person === undefined) return
    person.moving = true
    const data = await person.client.begin(`STOR upload-${this.made++}`)
    data.write(Buffer.alloc(this.chance.below(200_000)))
  }

  private async beginDownload(): Promise<void> {
    const person = this.anyone()
    if (person === undefined) return
    person.moving = true
    const data = await person.client.begin('RETR big.bin')
    data.once('data', () => data.pause())
    data.resume()
  }

  private async leave(): Promise<void> {
    const person = this.anyone()
    await person?.client.command('QUIT')
    person?.client.close()
  }

  private async vanish(): Promise<void> {
    if (this.present.length > 0) this.chance.of(this.present).client.close()
  }
}
