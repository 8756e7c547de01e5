import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { postgresMissing, startPostgres, type Postgres } from '../servers/postgres.js'
import { redisMissing, startRedis } from '../servers/redis.js'
import { until } from '../until.js'

const child = fileURLToPath(new URL('./back-office.child.mjs', import.meta.url))
const missing = [redisMissing, postgresMissing].filter(Boolean).join('; ')
const pages = ['read', 'change', 'touch', 'save', 'regenerate']

const describeReal = missing ? describe.skip : describe
describeReal(`two processes on one Redis and one PostgreSQL ${missing}`, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let postgres: Postgres
  let client: ReturnType<typeof createClient>
  const processes = new Set<ChildProcess>()

  beforeAll(async () => {
    ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
    client = createClient({ url: redis.url })
    await client.connect()
  })
  afterAll(async () => {
    client?.destroy()
    await Promise.all([redis?.stop(), postgres?.stop()])
  })

  async function startBackOffice(resave: boolean): Promise<BackOffice> {
    const process = fork(child, [JSON.stringify({ redis: redis.url, postgres: postgres.url, resave })])
    processes.add(process)
    const origin = await nextMessage(process)
    return { process, origin }
  }

  async function kill(process: ChildProcess): Promise<void> {
    process.kill('SIGKILL')
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
    processes.delete(process)
  }

  /** The ids of the sessions that Redis has, whoever may use them. */
  const stored = async () => (await client.keys('sess:*')).sort()

  describe.each([true, false])('resave %s', (resave) => {
    let a: BackOffice
    let b: BackOffice
    let admin: Browser
    let ownSession: string[]
    beforeAll(async () => {
      ;[a, b] = await Promise.all([startBackOffice(resave), startBackOffice(resave)])
      admin = await Browser.logOn(a.origin, 'admin')
      ownSession = await stored()
    })
    afterAll(async () => {
      for (const process of processes) await kill(process)
      await client.flushAll()
    })

    test('what is ended at one stays ended, though requests at the other are running and save', async () => {
      const victims = await Promise.all(pages.map((page) => Browser.logOn(a.origin, `reader-${page}`)))
      const rows = await until('their rows', async () => {
        const found = await rowsOf(admin, 'reader-')
        return found.length === victims.length && found
      })

      const arrived = messages(b.process, victims.length)
      const answers = victims.map((victim, i) => victim.get(`${b.origin}/held/${pages[i]}`))
      await arrived
      const removals = await remove(admin, rows)
      expect(removals.map(({ outcome }) => outcome)).toEqual(victims.map(() => 'ended'))
      expect(await stored()).toEqual(ownSession)

      b.process.send('release')
      for (const answer of answers) expect((await answer).status).toBe(200)
      for (const victim of victims) {
        // Whichever cookie it has now: the one from before, or a regenerated one.
        for (const cookie of victim.cookies) {
          for (const { origin } of [b, a]) expect(await new Browser(origin, cookie).who()).toBe('nobody')
        }
      }
      await until('nothing is left in Redis', async () => (await stored()).join() === ownSession.join())
      expect(await rowsOf(admin, 'reader-')).toEqual([])
      expect(await admin.who()).toBe('admin')
    })

    test('killed with -9 between the hold and the destroy, the other keeps it out, and a restart settles it', async () => {
      const victim = await Browser.logOn(b.origin, 'victim')
      const [session] = (await stored()).filter((key) => !ownSession.includes(key))
      const saved = (await client.get(session!))!
      const rows = await until('its row', async () => {
        const found = await rowsOf(admin, 'victim')
        return found.length === 1 && found
      })

      // Either may be the one that carries it out.
      const destroying = [a, b].map(async (one) => {
        const says = nextMessage(one.process)
        one.process.send('die at the next destroy')
        expect(await says).toBe('destroying')
        return one
      })
      remove(admin, rows).catch(() => 'cut off')
      const dying = await Promise.race(destroying)
      const survivor = dying === a ? b : a
      survivor.process.send('live on')
      await kill(dying.process)

      // As if a write of the killed process had arrived only now.
      await client.set(session!, saved)
      expect(await new Browser(survivor.origin, victim.cookie).who()).toBe('nobody')
      await until('it is out of Redis', async () => (await stored()).join() === ownSession.join())

      await client.set(session!, saved)
      const again = await startBackOffice(resave)
      const adminAgain = new Browser(again.origin, admin.cookie)
      expect(await new Browser(again.origin, victim.cookie).who()).toBe('nobody')
      const removal = await until('its outcome', async () => {
        const [found] = await recordsOf(adminAgain, 'SessionRemoval', 'filters.login=victim&sortBy=id&direction=desc')
        return found?.outcome !== 'pending' && found
      })
      expect(removal).toMatchObject({ outcome: 'ended', login: 'victim', removedBy: 'admin' })
      await until('nothing is left in Redis', async () => (await stored()).join() === ownSession.join())
      expect(await rowsOf(adminAgain, 'victim')).toEqual([])
    })
  })
})

interface BackOffice {
  process: ChildProcess
  origin: string
}

/** What comes next from a process. */
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
class Browser {
  readonly cookies: string[] = []

  constructor(
    readonly origin: string,
    cookie?: string,
  ) {
    if (cookie) this.cookies.push(cookie)
  }

  static async logOn(origin: string, email: string): Promise<Browser> {
    const browser = new Browser(origin)
    const form = new URLSearchParams({ email, password: 'x' })
    const answer = await browser.ask(`${origin}/admin/login`, { method: 'POST', body: form })
    expect(answer.status).toBe(302)
    return browser
  }

  get cookie(): string {
    return this.cookies.at(-1)!
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, ...(this.cookies.length > 0 ? { cookie: this.cookie } : {}) }
    const answer = await fetch(url, { redirect: 'manual', ...init, headers })
    const given = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (given && given !== this.cookie) this.cookies.push(given)
    return answer
  }

  get(url: string): Promise<Response> {
    return this.ask(url)
  }

  async who(): Promise<string> {
    return (await this.get(`${this.origin}/who`)).text()
  }
}

interface Params {
  id: number
  login: string | null
  outcome?: string
}

async function recordsOf(browser: Browser, resource: string, query: string): Promise<Params[]> {
  const answer = await browser.get(`${browser.origin}/admin/api/resources/${resource}/actions/list?${query}`)
  const { records } = (await answer.json()) as { records: { params: Params }[] }
  return records.map(({ params }) => params)
}

const rowsOf = (browser: Browser, login: string) => recordsOf(browser, 'PanelSession', `filters.login=${login}`)

async function remove(browser: Browser, rows: Params[]): Promise<{ outcome: string }[]> {
  const ids = rows.map(({ id }) => id).join()
  const url = `${browser.origin}/admin/api/resources/PanelSession/bulk/remove?recordIds=${ids}`
  const body = JSON.stringify({ batch: crypto.randomUUID() })
  // Asks again while an outcome is pending, as the page does.
  return until('the outcomes', async () => {
    const answer = await browser.ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { removals } = (await answer.json()) as { removals: { outcome: string }[] }
    return removals.every(({ outcome }) => outcome !== 'pending') && removals
  })
}
