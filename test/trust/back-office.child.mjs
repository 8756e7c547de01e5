// A back office in a process of its own: a real AdminJS on sessions in Redis and tables in PostgreSQL. Run from the
// built package.
import AdminJSExpress from '@adminjs/express'
import AdminJS, { ComponentLoader } from 'adminjs'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import '../fresh-dist.mjs'
import { createSessions, expressSessions } from '../../dist/index.js'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'
const { redis, postgres, resave } = JSON.parse(process.argv[2])

const client = createClient({ url: redis })
await client.connect()
const store = new RedisStore({ client })
const destroy = store.destroy.bind(store)
let diesThere = false
// Where the test wants it to, it gets as far as the destroy and no further, and is killed there.
store.destroy = (...call) => (diesThere ? process.send('destroying') : destroy(...call))
const componentLoader = new ComponentLoader()
const sessions = await createSessions({
  componentLoader,
  sources: [expressSessions({ store })],
  access: { remove: () => true },
  database: { type: 'postgres', url: postgres },
  host: 'shared',
})

const cookie = { sameSite: 'lax', maxAge: 3_600_000 }
const options = { store, secret: 'a secret of the test', resave, saveUninitialized: false, cookie }
const app = express()
app.use(session(options))

/** What a page may do to its session, done when the test releases it. */
const pages = {
  read: async () => {},
  change: async (req) => void (req.session.visits = (req.session.visits ?? 0) + 1),
  touch: async (req) => void req.session.touch(),
  save: (req) => new Promise((resolve) => req.session.save(resolve)),
  regenerate: (req) =>
    new Promise((resolve) => {
      const { adminUser } = req.session
      req.session.regenerate(() => {
        req.session.adminUser = adminUser
        resolve()
      })
    }),
}
const held = []
process.on('message', (message) => {
  if (message === 'release') held.splice(0).forEach((release) => release())
  if (message === 'die at the next destroy') diesThere = true
  if (message === 'live on') diesThere = false
})
app.get('/held/:page', async (req, res) => {
  await new Promise((release) => {
    held.push(release)
    process.send('held')
  })
  await pages[req.params.page](req)
  res.end('released')
})
app.get('/who', (req, res) => res.end(req.session.adminUser?.email ?? 'nobody'))

const admin = new AdminJS({ componentLoader, resources: sessions.resources })
const authenticate = async (email) => ({ email, role: 'admin' })
app.use(
  admin.options.rootPath,
  AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: options.secret }, null, options),
)
const server = app.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`))
