// A back office as a user of the package would write it, with pages that do to their session whatever a page may do: in
// the test's own process, or in one of its own.
import AdminJSExpress from '@adminjs/express'
import AdminJS from 'adminjs'
import express from 'express'
import session from 'express-session'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'

/** @param say is told whenever a request stands still in `/held/…` */
export async function officeApp({ store, componentLoader, resources, regenerates = false, say, ...sessionOptions }) {
  const cookie = { sameSite: 'lax', maxAge: 3_600_000 }
  const secret = 'a secret of the test'
  const options = { store, secret, resave: false, saveUninitialized: false, cookie, ...sessionOptions }
  const app = express()
  // One process has sessions of every kind: `/held/change?resave&rolling`.
  const kinds = new Map()
  app.use((req, res, next) => {
    const [resave, rolling] = [options.resave || 'resave' in req.query, options.rolling || 'rolling' in req.query]
    const name = `${resave} ${rolling}`
    if (!kinds.has(name)) kinds.set(name, session({ ...options, resave, rolling }))
    kinds.get(name)(req, res, next)
  })
  // A hardening habit: each request is given another session id.
  if (regenerates) {
    app.use((req, res, next) => {
      if (!req.session.adminUser) next()
      else regenerate(req, req.session.adminUser).then(() => next(), next)
    })
  }

  const pages = {
    read: async () => {},
    change: async (req) => void (req.session.visits = (req.session.visits ?? 0) + 1),
    touch: (req) => {
      req.session.touch()
      if (store.touch) return new Promise((resolve) => store.touch(req.sessionID, req.session, resolve))
    },
    save: (req) => new Promise((resolve) => req.session.save(resolve)),
    regenerate: (req) => regenerate(req, req.session.adminUser),
    'regenerate-twice': (req) => regenerate(req, req.session.adminUser).then(() => pages.regenerate(req)),
    // Whatever is asked at the end of the request has no answer before the stall is over.
    'change-and-stall': (req) => (setImmediate(() => stall(1500)), pages.change(req)),
  }
  const held = []
  app.get('/held/:page', async (req, res) => {
    await new Promise((release) => {
      held.push(release)
      say('held')
    })
    await pages[req.params.page](req)
    res.end('released')
  })
  app.get('/now/:page', async (req, res) => {
    if (req.query.takes) await sleep(Number(req.query.takes))
    await pages[req.params.page](req)
    res.end('done')
  })
  app.get('/who', (req, res) => res.end(req.session.adminUser?.email ?? 'nobody'))
  app.post('/logout', (req, res) => req.session.destroy(() => res.end('goodbye')))

  const admin = new AdminJS({ componentLoader, resources })
  const authenticate = async (email) => ({ email, role: 'admin' })
  const router = AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: secret }, null, options)
  app.use(admin.options.rootPath, router)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    release: () => held.splice(0).forEach((release) => release()),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function regenerate(req, adminUser) {
  await new Promise((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve())))
  req.session.adminUser = adminUser
}

/** Nothing else gets a turn in this process. */
function stall(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
