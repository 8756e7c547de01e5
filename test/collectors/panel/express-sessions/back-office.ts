import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type express from 'express'
import session, { type SessionOptions, type Store } from 'express-session'

declare module 'express-session' {
  interface SessionData {
    adminUser?: { email: string; role?: string }
    visits?: number
  }
}

/** Lets the test hold a request open between the loading and the saving of its session. */
class Gate {
  private arrivals: ((release: () => void) => void)[] = []

  /** Resolves when a request has come; it waits until the function that this gives is called. */
  heldRequest(): Promise<() => void> {
    return new Promise((resolve) => this.arrivals.push((release) => resolve(release)))
  }

  pass(): Promise<void> {
    return new Promise((resolve) => this.arrivals.shift()?.(resolve))
  }
}

/** A back office with a logon and pages that do to their session whatever a page may do. */
export async function backOffice(express_: typeof express, store: Store, options: Partial<SessionOptions> = {}) {
  const gate = new Gate()
  const app = express_()
  app.set('trust proxy', 'loopback')
  app.use(
    session({
      ...{ store, secret: 'not a secret', resave: false, saveUninitialized: false },
      ...{ cookie: { sameSite: 'lax', maxAge: 3_600_000 }, ...options },
    }),
  )
  app.post('/login/:email', (req, res, next) => {
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.adminUser = { email: req.params.email, role: 'admin' }
      res.end('welcome')
    })
  })
  app.post('/login-in-place/:email', (req, res) => {
    req.session.adminUser = { email: req.params.email, role: 'admin' }
    res.end('welcome')
  })
  app.post('/logout', (req, res) => req.session.destroy(() => res.end('goodbye')))
  app.get('/anonymous', (req, res) => {
    req.session.visits = 1
    res.end('hello')
  })
  app.all('/who', (req, res) => res.end(req.session.adminUser?.email ?? 'nobody'))
  app.all('/read', async (_req, res) => {
    await gate.pass()
    res.end('read')
  })
  app.all('/change', async (req, res) => {
    await gate.pass()
    req.session.visits = (req.session.visits ?? 0) + 1
    res.end('changed')
  })
  app.all('/touch', async (req, res) => {
    await gate.pass()
    req.session.touch()
    store.touch?.(req.sessionID, req.session, () => res.end('touched'))
    if (!store.touch) res.end('untouched')
  })
  const regenerate = (req: express.Request) =>
    new Promise<void>((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve())))
  app.all('/regenerate-and-wait', async (req, res) => {
    const { adminUser } = req.session
    await regenerate(req)
    req.session.adminUser = adminUser
    await gate.pass()
    res.end('regenerated')
  })
  app.all('/regenerate-and-log-in-late', async (req, res) => {
    const { adminUser } = req.session
    await regenerate(req)
    await new Promise((resolve) => req.session.save(resolve))
    await new Promise((resolve) => req.session.reload(resolve))
    req.session.adminUser = adminUser
    res.end('regenerated')
  })
  app.all('/logout-by-regenerate', async (req, res) => {
    await regenerate(req)
    res.end('goodbye')
  })
  app.all('/be-somebody-else', async (req, res) => {
    await regenerate(req)
    req.session.adminUser = { email: 'somebody-else' }
    res.end('regenerated')
  })
  app.all('/forget-who', async (req, res) => {
    await regenerate(req)
    req.session.visits = 1
    res.end('regenerated')
  })
  app.all('/forget-in-place', (req, res) => {
    delete req.session.adminUser
    res.end('forgotten')
  })
  app.all('/regenerate', async (req, res, next) => {
    await gate.pass()
    const { adminUser } = req.session
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.adminUser = adminUser
      res.end('regenerated')
    })
  })
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    gate,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type BackOffice = Awaited<ReturnType<typeof backOffice>>

/** A browser: it keeps its cookie. */
export class Browser {
  cookie: string | undefined

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  async go(method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}, signal?: AbortSignal) {
    const answer = await fetch(this.url + path, {
      ...{ method, signal },
      headers: { ...this.headers, ...headers, ...(this.cookie ? { cookie: this.cookie } : {}) },
    })
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (cookie) this.cookie = cookie
    return { status: answer.status, text: await answer.text(), setCookie: answer.headers.getSetCookie()[0] }
  }

  /** The session id in the cookie, without its signature. */
  get sid(): string {
    return decodeURIComponent(this.cookie!.split('=')[1]!).slice(2).split('.')[0]!
  }
}
