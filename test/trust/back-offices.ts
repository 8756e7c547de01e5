import { expect } from '@jest/globals'
import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { on, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import knex from 'knex'
import pg from 'pg'
import { createClient } from 'redis'
import sqlite from 'sqlite3'
import { postgresMissing, startPostgresWithTables } from '../servers/postgres.js'
import { redisMissing, startRedis } from '../servers/redis.js'

const child = fileURLToPath(new URL('./back-office.child.mjs', import.meta.url))
const quickly = ['--import', new URL('../in-one-file.hook.mjs', import.meta.url).href]

/** Where several back offices keep their sessions and their tables. */
export interface Place {
  /** What a back office needs to know of it. */
  where: { redis?: string; sessionFile?: string; database: object }
  /** The ids of the sessions that are stored, whoever may use them. */
  ids(): Promise<string[]>
  /** A session as it is now; what this gives writes it back, past every guard. */
  remember(id: string): Promise<() => Promise<void>>
  /** Takes a session out, past every guard: nobody is told. */
  takeOut(id: string): Promise<void>
  /** When a session ends, in ms since 1970. */
  expiryOf(id: string): Promise<number>
  /** So many sessions of this login, as if their people had logged on at some other process. */
  logOn(login: string, count: number): Promise<void>
  /** From now on nobody can write holds, until the function that this gives is called. */
  lock(): Promise<() => Promise<void>>
  clear(): Promise<void>
  stop(): Promise<void>
}

export interface PlaceKind {
  name: string
  missing: string
  start(): Promise<Place>
}

export const placeKinds: PlaceKind[] = [
  {
    name: 'sessions in Redis, tables in PostgreSQL',
    missing: [redisMissing, postgresMissing].filter(Boolean).join('; '),
    async start() {
      const [redis, postgres] = await Promise.all([startRedis(), startPostgresWithTables()])
      const client = createClient({ url: redis.url })
      await client.connect()
      return {
        where: { redis: redis.url, database: { type: 'postgres', url: postgres.url } },
        ids: async () => (await client.keys('sess:*')).sort(),
        async remember(id) {
          const saved = (await client.get(id))!
          return async () => void (await client.set(id, saved))
        },
        takeOut: async (id) => void (await client.del(id)),
        expiryOf: (id) => client.pExpireTime(id),
        async logOn(login, count) {
          const all = sessionsOf(login, count).map(({ sid, sess }) => ['sess:' + sid, sess] as [string, string])
          await client.mSet(all)
        },
        async lock() {
          const holder = new pg.Client({ connectionString: postgres.url })
          await holder.connect()
          await holder.query('BEGIN')
          await holder.query('LOCK TABLE adminjs_sessions_hold IN EXCLUSIVE MODE')
          return () => holder.end()
        },
        clear: async () => void (await client.flushAll()),
        async stop() {
          client.destroy()
          await Promise.all([redis.stop(), postgres.stop()])
        },
      }
    },
  },
  {
    name: 'sessions in one SQLite file, tables in another',
    missing: '',
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-offices-'))
      const sessionFile = join(directory, 'sessions.sqlite')
      const table = knex({ client: 'sqlite3', connection: { filename: sessionFile }, useNullAsDefault: true })
      // Two that make the store's table at once are in each other's way.
      await table.raw('PRAGMA journal_mode = WAL')
      await table.schema.createTable('sessions', (columns) => {
        columns.string('sid').primary()
        columns.json('sess').notNullable()
        columns.timestamp('expired').notNullable().index()
      })
      return {
        where: { sessionFile, database: { type: 'sqlite', database: join(directory, 'tables.sqlite') } },
        ids: async () => (await table('sessions').select('sid').orderBy('sid')).map(({ sid }: { sid: string }) => sid),
        async remember(id) {
          const saved: object = await table('sessions').where({ sid: id }).first()
          return async () => void (await table('sessions').insert(saved).onConflict('sid').merge())
        },
        takeOut: async (id) => void (await table('sessions').where({ sid: id }).delete()),
        async expiryOf(id) {
          const { expired } = (await table('sessions').where({ sid: id }).first()) as { expired: string }
          return new Date(expired).getTime()
        },
        async logOn(login, count) {
          const expired = new Date(Date.now() + 3600_000).toISOString()
          await table.batchInsert('sessions', sessionsOf(login, count).map((one) => ({ ...one, expired })), 100) // prettier-ignore
        },
        async lock() {
          const holder = new sqlite.Database(join(directory, 'tables.sqlite'))
          const run = promisify(holder.exec.bind(holder)) as (sql: string) => Promise<void>
          await run('PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE')
          return async () => {
            await run('ROLLBACK')
            await promisify(holder.close.bind(holder))()
          }
        },
        clear: async () => void (await table('sessions').delete()),
        async stop() {
          await table.destroy()
          rmSync(directory, { recursive: true })
        },
      }
    },
  },
]

function sessionsOf(login: string, count: number): { sid: string; sess: string }[] {
  const cookie = { originalMaxAge: 3600_000, expires: new Date(Date.now() + 3600_000), httpOnly: true, path: '/' }
  const sess = (i: number) => JSON.stringify({ cookie, adminUser: { email: `${login}-${i}`, role: 'customer' } })
  return Array.from({ length: count }, (_, i) => ({ sid: randomUUID(), sess: sess(i) }))
}

export interface OfficeOptions {
  pollEvery?: number
  /** The name of its machine, and of the place where the store is. */
  host?: string
  storeHost?: string
  /** Gives each request another session id. */
  regenerates?: boolean
}

/** A back office in a process of its own. */
export class Office {
  private static readonly running = new Set<Office>()

  private constructor(
    readonly process: ChildProcess,
    readonly origin: string,
  ) {
    Office.running.add(this)
  }

  static async start(place: Place, options: OfficeOptions = {}): Promise<Office> {
    const given = JSON.stringify({ resave: false, ...place.where, ...options })
    const process = fork(child, [given], { execArgv: quickly })
    return new Office(process, await nextMessage(process))
  }

  static async killAll(): Promise<void> {
    for (const office of Office.running) await office.kill()
  }

  order(what: string, argument?: unknown): void {
    this.process.send([what, argument])
  }

  /** What it says next. */
  says(): Promise<string> {
    return nextMessage(this.process)
  }

  /** Has a request stand still in each of these pages; what this gives lets them go on, and waits for their answers. */
  async hold(browsers: Browser[], page: (i: number) => string, resave = false): Promise<() => Promise<void>> {
    const arrived = messages(this.process, browsers.length)
    const answers = browsers.map((browser, i) =>
      browser.get(`${this.origin}/held/${page(i)}${resave ? '?resave' : ''}`),
    )
    await arrived
    return async () => {
      this.order('release')
      for (const answer of answers) expect((await answer).status).toBe(200)
    }
  }

  async kill(): Promise<void> {
    Office.running.delete(this)
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }
}

async function nextMessage(process: ChildProcess): Promise<string> {
  const stop = new AbortController()
  try {
    const [message] = (await Promise.race([
      once(process, 'message', { signal: stop.signal }),
      once(process, 'exit', { signal: stop.signal }).then(([code]) =>
        Promise.reject(new Error(`The back office ended with ${code} and said nothing.`)),
      ),
    ])) as [string]
    return message
  } finally {
    stop.abort()
  }
}

/** Waits for so many messages of a process. */
async function messages(process: ChildProcess, count: number): Promise<void> {
  for await (const _ of on(process, 'message')) if (--count === 0) return
}

/** A browser: it keeps every cookie that it was ever given, and uses the last one. */
export class Browser {
  readonly cookies: string[] = []

  constructor(
    readonly origin: string,
    cookie?: string,
  ) {
    if (cookie) this.cookies.push(cookie)
  }

  static async logOn(origin: string, email: string): Promise<Browser> {
    const browser = new Browser(origin)
    await browser.logOn(email)
    return browser
  }

  async logOn(email: string): Promise<void> {
    const body = new URLSearchParams({ email, password: 'x' })
    const answer = await this.ask(`${this.origin}/admin/login`, { method: 'POST', body })
    expect(answer.status).toBe(302)
  }

  get cookie(): string {
    return this.cookies.at(-1)!
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, ...(this.cookies.length > 0 ? { cookie: this.cookie } : {}) }
    const answer = await fetch(url, { redirect: 'manual', ...init, headers })
    // express-session sends all but the last byte before it has saved the session.
    await answer.clone().arrayBuffer()
    const given = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (given && given !== this.cookie) this.cookies.push(given)
    return answer
  }

  get(url: string): Promise<Response> {
    return this.ask(url)
  }

  /** Who this browser is, with the cookie that it has now. */
  async who(origin = this.origin): Promise<string> {
    return (await this.get(`${origin}/who`)).text()
  }

  /** Whom this browser can be at one of these back offices, whichever of its cookies it uses. */
  async whoever(origins: string[]): Promise<string[]> {
    const found = new Set<string>()
    for (const cookie of this.cookies) for (const origin of origins) found.add(await new Browser(origin, cookie).who())
    return [...found]
  }
}

export interface Params {
  id: number
  key: string
  login: string | null
  outcome?: string
  message?: string | null
  loggedInAt?: string | null
}

export async function recordsOf(browser: Browser, resource: string, query: string): Promise<Params[]> {
  const answer = await browser.get(`${browser.origin}/admin/api/resources/${resource}/actions/list?${query}`)
  const { records } = (await answer.json()) as { records: { params: Params }[] }
  return records.map(({ params }) => params)
}

export const rowsOf = (browser: Browser, login: string) =>
  recordsOf(browser, 'PanelSession', `filters.login=${login}&perPage=500`)

/** Has the browser's back office look. */
export async function refresh(browser: Browser): Promise<void> {
  const url = `${browser.origin}/admin/api/resources/PanelSession/actions/refresh`
  expect((await browser.ask(url, { method: 'POST' })).status).toBe(200)
}

export interface Removal {
  recordId: number
  outcome: string
  message: string | null
}

export async function remove(browser: Browser, rows: Pick<Params, 'id'>[], body: object = {}): Promise<Removal[]> {
  const ids = rows.map(({ id }) => id).join()
  const url = `${browser.origin}/admin/api/resources/PanelSession/bulk/remove?recordIds=${ids}`
  const headers = { 'content-type': 'application/json' }
  const answer = await browser.ask(url, { method: 'POST', body: JSON.stringify(body), headers })
  return ((await answer.json()) as { removals: Removal[] }).removals
}

/** The outcomes of a removal, however long they take; asked for again where it could not be put on record. */
export async function removed(browser: Browser, rows: Pick<Params, 'id'>[]): Promise<string[]> {
  const batch = randomUUID()
  for (;;) {
    const removals = await remove(browser, rows, { batch })
    const isOver = removals.length > 0 && removals.every(({ outcome }) => outcome !== 'pending')
    if (isOver) return removals.map(({ outcome }) => outcome)
  }
}
