import { fork, spawn, execFile, type ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { createClient } from 'redis'
import { freePort } from '../../../examples/servers/free-port.mjs'
import { postgresIn, postgresReady } from '../../../examples/servers/postgres.mjs'
import { printed } from '../../../examples/servers/printed.mjs'
import { openDatabase } from '../../../src/database/open-database.js'
import { RawClient } from '../../collectors/ftp/proftpd/raw-client.js'
import { startProftpd, type ProftpdServer } from '../../servers/proftpd.js'
import { startRedis } from '../../servers/redis.js'
import { tcpProxy, type TcpProxy } from '../../servers/tcp-proxy.js'

const child = fileURLToPath(new URL('./machine.child.mjs', import.meta.url))
const clock = ['--import', new URL('./clock.mjs', import.meta.url).href]
const quickly = ['--import', new URL('../../in-one-file.hook.mjs', import.meta.url).href]
const token = 'the-token-of-the-test'
export const hosts = ['h1', 'h2'] as const
export type Host = (typeof hosts)[number]

/** Three collectors, of which two are on one host, and two back offices over one store. */
const machines = [
  { name: 'collector-1', role: 'collector', host: 'h1' },
  { name: 'collector-2', role: 'collector', host: 'h2' },
  { name: 'collector-3', role: 'collector', host: 'h1' },
  { name: 'office-1', role: 'office' },
  { name: 'office-2', role: 'office' },
] as const

/** One process, with a network and a clock of its own. */
export class Machine {
  process: ChildProcess | undefined
  /** Where its pages are, if it has any. */
  origin = ''
  isStopped = false
  private said = ''

  constructor(
    readonly is: (typeof machines)[number],
    readonly proxy: TcpProxy,
    private readonly world: { redis: string; scoreboards: Record<string, string> },
    readonly clockIsOffBy: number,
  ) {}

  get isUp(): boolean {
    return this.process !== undefined
  }

  async start(): Promise<void> {
    const { redis, scoreboards } = this.world
    const { name, role } = this.is
    const host = 'host' in this.is ? this.is.host : name
    const url = `postgres://postgres@127.0.0.1:${this.proxy.port}/postgres`
    const sha256 = createHash('sha256').update(token).digest('hex')
    const options = { role, name, url, host, scoreboard: scoreboards[host], redis, token: sha256 }
    const started = fork(child, [JSON.stringify(options)], {
      execArgv: [...clock, ...quickly],
      env: { ...process.env, NODE_OPTIONS: '', CLOCK_IS_OFF_BY: String(this.clockIsOffBy) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.process = started
    for (const stream of [started.stdout!, started.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.said = (this.said + text).slice(-20_000)))
    const ended = once(started, 'exit').then(([code]) => {
      if (this.process === started) this.process = undefined
      throw new Error(`${name} ended with ${code} at its start:\n${this.said}`)
    })
    ended.catch(() => {})
    const [origin] = (await Promise.race([once(started, 'message'), ended])) as [string]
    this.origin = origin
  }

  async kill(): Promise<void> {
    const killed = this.process!
    this.process = undefined
    this.isStopped = false
    killed.kill('SIGKILL')
    if (killed.exitCode === null && killed.signalCode === null) await once(killed, 'exit')
  }

  stop(): void {
    this.isStopped = true
    this.process!.kill('SIGSTOP')
  }

  goOn(): void {
    this.isStopped = false
    this.process?.kill('SIGCONT')
  }

  output(): string {
    return this.said
  }
}

/** Everything that is there. */
export class World {
  readonly machines: Machine[] = []
  private readonly postgresDirectory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-postgres-'))
  private postgres!: ReturnType<typeof postgresIn>
  private server: ChildProcess | undefined
  private redisServer!: Awaited<ReturnType<typeof startRedis>>
  private redis!: ReturnType<typeof createClient>
  private port!: number
  private ftp!: Record<Host, ProftpdServer>
  /** Who is connected, by the login that nobody else has. */
  private readonly connected = { h1: new Map<string, RawClient>(), h2: new Map<string, RawClient>() }
  private readonly closedByServer: Record<Host, string[]> = { h1: [], h2: [] }

  /** @param clocks by how many ms the clock of each process is off */
  async start(clocks: readonly number[]): Promise<void> {
    this.port = await freePort()
    // As a user of its own, it can't look into the other one.
    this.postgres = postgresIn(this.postgresDirectory, this.port)
    const { program, args, options } = this.postgres.make
    await promisify(execFile)(program, args, options)
    await this.startPostgres()
    await (await openDatabase({ type: 'postgres', url: this.url })).close()
    await this.query(watchers)
    this.redisServer = await startRedis()
    this.redis = await createClient({ url: this.redisServer.url }).connect()
    const [h1, h2] = await Promise.all([startFtp(), startFtp()])
    this.ftp = { h1, h2 }
    const scoreboards = { h1: h1.scoreboard, h2: h2.scoreboard }
    for (const [i, is] of machines.entries()) {
      const proxy = await tcpProxy(this.port)
      this.machines.push(
        new Machine(is, proxy, { redis: this.redisServer.url, scoreboards }, clocks[i % clocks.length]!),
      )
    }
    await Promise.all(this.machines.map((machine) => machine.start()))
  }

  get offices(): Machine[] {
    return this.machines.filter(({ is }) => is.role === 'office')
  }

  private get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres?application_name=test`
  }

  async startPostgres(): Promise<void> {
    const { program, args, options } = this.postgres.serve
    this.server = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    await printed(this.server, postgresReady, 'PostgreSQL')
  }

  async restartPostgres(): Promise<void> {
    const ended = once(this.server!, 'close')
    this.server!.kill('SIGINT')
    await ended
    await this.startPostgres()
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async query(sql: string): Promise<any[]> {
    const client = new pg.Client({ connectionString: this.url })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  async open(host: Host, login: string): Promise<void> {
    const { dir, port } = this.ftp[host]
    // ProFTPD reads it anew at each login.
    const passwd = join(dir, 'passwd')
    const [, like] = /^alice(:.*\n)/m.exec(readFileSync(passwd, 'utf8'))!
    appendFileSync(passwd, `${login}${like}`)
    const client = await RawClient.connect(port)
    await client.command(`USER ${login}`)
    const reply = await client.command('PASS secret')
    if (!reply.startsWith('230')) throw new Error(`${login} was not let in: ${reply}`)
    const connected = this.connected[host].set(login, client)
    client.control.on('close', () => {
      if (connected.delete(login)) this.closedByServer[host].push(login)
    })
  }

  close(host: Host, login: string): void {
    const client = this.connected[host].get(login)
    // It was ended.
    if (client === undefined) return
    this.connected[host].delete(login)
    client.close()
  }

  sessionsOf(host: Host): string[] {
    return [...this.connected[host].keys()].sort()
  }

  /** Whose connections the server has closed. */
  closedBy(host: Host): readonly string[] {
    return this.closedByServer[host]
  }

  /** Its sessions live on. */
  async restartFtp(host: Host): Promise<void> {
    await this.ftp[host].crash()
    await this.ftp[host].start()
  }

  /** @returns the cookie; null where the office did not answer */
  async logOn(office: Machine, login: string): Promise<string | null> {
    const response = await asked(`${office.origin}/login/${login}`, { method: 'POST' })
    return response?.headers.getSetCookie()[0]?.split(';')[0] ?? null
  }

  async logOut(office: Machine, cookie: string): Promise<boolean> {
    const response = await asked(`${office.origin}/logout`, { method: 'POST', headers: { cookie } })
    return response?.ok ?? false
  }

  async who(office: Machine, cookie: string): Promise<string | null> {
    const response = await asked(`${office.origin}/who`, { headers: { cookie } })
    return response?.ok ? response.text : null
  }

  async loginsStored(): Promise<string[]> {
    const keys = await this.redis.keys('sess:*')
    const stored = await Promise.all(keys.map((key) => this.redis.get(key)))
    return stored.flatMap((text) => (text === null ? [] : [(JSON.parse(text) as { adminUser: { email: string } }).adminUser.email])).sort() // prettier-ignore
  }

  /** Asks an office to end all of a login; it may not answer. */
  async remove(office: Machine, login: string): Promise<void> {
    await asked(`${office.origin}/api/removals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ login, reason: 'a test', batch: randomUUID() }),
    })
  }

  async stop(): Promise<void> {
    for (const machine of this.machines) {
      machine.goOn()
      if (machine.isUp) await machine.kill()
      await machine.proxy.close()
    }
    this.redis?.destroy()
    await this.redisServer?.stop()
    if (this.server) {
      const ended = once(this.server, 'close')
      this.server.kill('SIGINT')
      await ended
    }
    for (const host of hosts) {
      for (const login of this.sessionsOf(host)) this.close(host, login)
      await this.ftp?.[host].stop()
    }
    rmSync(this.postgresDirectory, { recursive: true, force: true })
  }
}

/** Nobody is sent away for having nothing to do, however long a run takes. */
function startFtp(): Promise<ProftpdServer> {
  return startProftpd(['TimeoutIdle 0', 'TimeoutNoTransfer 0', 'TimeoutStalled 0'])
}

/**
 * Whoever is stopped or cut off does not answer: nobody waits for long. A session is saved when the answer is whole, and
 * not when it begins (express-session).
 */
async function asked(url: string, init: RequestInit): Promise<{ ok: boolean; headers: Headers; text: string } | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(2_000) })
    return { ok: response.ok, headers: response.headers, text: await response.text() }
  } catch {
    return null
  }
}

/**
 * Writes down, inside of PostgreSQL, which process has written each row of a session and who had its lease just then; and
 * what outcomes removals were given.
 */
const watchers = `
  CREATE TABLE seen_writing (id serial, operation text, host text, key text, writer text, holder int, epoch int);
  CREATE FUNCTION see_writing() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE session record;
    BEGIN
      IF TG_OP = 'DELETE' THEN session := OLD; ELSE session := NEW; END IF;
      INSERT INTO seen_writing (operation, host, key, writer, holder, epoch)
        SELECT TG_OP, session.host, session.key, current_setting('application_name'), pid, epoch
        FROM adminjs_sessions_lease WHERE host = session.host AND source = session.source;
      RETURN NULL;
    END $$;
  CREATE TRIGGER seen AFTER INSERT OR UPDATE OR DELETE ON adminjs_sessions_ftp FOR EACH ROW EXECUTE FUNCTION see_writing();
  CREATE TRIGGER seen AFTER INSERT OR DELETE ON adminjs_sessions_panel FOR EACH ROW EXECUTE FUNCTION see_writing();
  CREATE TABLE seen_outcomes (id serial, removal int, outcome text);
  CREATE FUNCTION see_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO seen_outcomes (removal, outcome) VALUES (NEW.id, NEW.outcome);
      RETURN NULL;
    END $$;
  CREATE TRIGGER seen AFTER UPDATE ON adminjs_sessions_removal FOR EACH ROW
    WHEN (OLD.outcome IS DISTINCT FROM NEW.outcome) EXECUTE FUNCTION see_outcome();
`
