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
  private arrivals: (() => void)[] = []
  private release: () => void = () => {}

  /** Resolves when a request has come; it waits until the function that this gives is called. */
  async heldRequest(): Promise<() => void> {
    await new Promise<void>((resolve) => this.arrivals.push(resolve))
    return () => this.release()
  }

  pass(): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve
      this.arrivals.shift()?.()
    })
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

  async go(method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) {
    const answer = await fetch(this.url + path, {
      method,
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
