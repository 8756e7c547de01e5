import { EventEmitter, once } from 'node:events'
import type { Scenario, ScenarioClient, ScenarioTransfer } from '../../src/testing/index.js'

const MiB = 1 << 20

export interface FakeConnection {
  /** Its place in the server's table: given to another one as soon as it is free. */
  slot: number
  pid: number
  /** Which start of the server it belongs to: its sessions outlive it. */
  daemon: number
  login: string | null
  ip: string
  connectedAt: Date
  lastActiveAt: Date
  location: string
  transfer: { direction: 'upload' | 'download'; name: string; bytes: number } | null
}

/** An FTP server in memory, with a status page, a kill, and a list of who is kept out. */
export class FakeServer {
  /** Emits `change`. */
  readonly events = new EventEmitter()
  readonly keptOut = { login: new Set<string>(), ip: new Set<string>() }
  private readonly slots: (FakeConnection | undefined)[] = []
  private state: 'running' | 'down' | 'silent' = 'running'
  /** Which start of it is running: the first, the second. */
  daemon = 1
  private lastPid = 1000

  /** What its status page says; waits while it is silent. */
  async status(signal: AbortSignal): Promise<FakeConnection[]> {
    await this.answers(signal)
    return structuredClone(this.slots.filter((one) => one !== undefined))
  }

  async kill(pid: number, signal: AbortSignal): Promise<boolean> {
    await this.answers(signal)
    const slot = this.slots.findIndex((one) => one?.pid === pid)
    if (slot < 0) return false
    this.slots[slot] = undefined
    this.events.emit('change')
    return true
  }

  /** What kills nobody and tells nothing, but does not wait either. */
  now(): FakeConnection[] {
    return this.slots.filter((one) => one !== undefined)
  }

  open(login: string | null, ip = '127.0.0.1'): FakeConnection {
    if (this.state === 'down') throw new Error('ECONNREFUSED')
    this.admit(login, ip)
    const free = this.slots.findIndex((one) => one === undefined)
    const slot = free < 0 ? this.slots.length : free
    const now = new Date()
    const connection: FakeConnection = {
      ...{
        slot,
        pid: ++this.lastPid,
        daemon: this.daemon,
        login,
        ip,
        connectedAt: now,
        lastActiveAt: now,
        location: '/',
        transfer: null,
      },
    }
    this.slots[slot] = connection
    this.events.emit('change')
    return connection
  }

  admit(login: string | null, ip: string): void {
    if (this.keptOut.ip.has(ip) || this.keptOut.login.has(login ?? '')) throw new Error('530 Access denied')
  }

  serves(connection: FakeConnection): boolean {
    return this.slots[connection.slot] === connection
  }

  /** What a client does, and when. */
  touch(connection: FakeConnection, change: Partial<FakeConnection>): void {
    Object.assign(connection, change, { lastActiveAt: new Date() })
    this.events.emit('change')
  }

  close(connection: FakeConnection): void {
    if (this.slots[connection.slot] === connection) this.slots[connection.slot] = undefined
    this.events.emit('change')
  }

  /** Lets nobody in and tells nothing until it is started again; a session is a process of its own, and lives on. */
  goDown(): void {
    this.state = 'down'
    this.daemon++
  }

  fallSilent(): void {
    this.state = 'silent'
  }

  goOn(): void {
    this.state = 'running'
    this.events.emit('awake')
  }

  private async answers(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.state === 'down') throw new Error('The status page of fake-ftpd cannot be reached: is fake-ftpd running?')
    if (this.state === 'silent') await once(this.events, 'awake', { signal })
  }
}

/** Everything that can be done at the server in memory. */
export function fakeScenario(server: FakeServer): Scenario {
  return {
    logins: ['alice', 'bob'],
    addresses: ['127.0.0.1', '127.0.0.2'],
    connect: async (login, address) => clientOf(server, server.open(login, address)),
    connectWithoutLogon: async () => clientOf(server, server.open(null)),
    async breakServer() {
      server.goDown()
      return async () => server.goOn()
    },
    async stallServer() {
      server.fallSilent()
      return async () => server.goOn()
    },
  }
}

function clientOf(server: FakeServer, connection: FakeConnection): ScenarioClient {
  const logOn = async (login: string) => {
    server.admit(login, connection.ip)
    server.touch(connection, { login })
  }
  return {
    isConnected: async () => server.serves(connection),
    act: async () => server.touch(connection, {}),
    disconnect: async () => server.close(connection),
    useName: async (name) => server.touch(connection, { location: `/${name.toString('latin1')}` }),
    logOn,
    become: logOn,
    upload: () => transfer(server, connection, 'upload'),
    download: () => transfer(server, connection, 'download'),
  }
}

async function transfer(
  server: FakeServer,
  connection: FakeConnection,
  direction: 'upload' | 'download',
): Promise<ScenarioTransfer> {
  server.touch(connection, { transfer: { direction, name: 'big.bin', bytes: 0 } })
  return {
    more: async () => {
      const { transfer: running } = connection
      server.touch(connection, { transfer: running && { ...running, bytes: running.bytes + MiB } })
    },
    finish: async () => server.touch(connection, { transfer: null }),
  }
}
