// One process with two back offices, one on a bare store and one on a guarded one, so that they differ in nothing else:
// node bench/guard/server.mjs '{"store":"memory|redis|postgres", …}'
import { RedisStore } from 'connect-redis'
import connectPgSimple from 'connect-pg-simple'
import express from 'express'
import session from 'express-session'
import { ComponentLoader } from 'adminjs'
import pg from 'pg'
import { createClient } from 'redis'
import { createSessions, expressSessions } from '../../dist/index.js'

const { store: kind, redis, postgres, database } = JSON.parse(process.argv[2])

async function open() {
  if (kind === 'memory') return new session.MemoryStore()
  if (kind === 'redis') {
    const client = createClient({ url: redis })
    await client.connect()
    return new RedisStore({ client })
  }
  const PGStore = connectPgSimple(session)
  return new PGStore({ pool: new pg.Pool({ connectionString: postgres }), createTableIfMissing: true })
}

const bare = await open()
// connect-pg-simple makes its table at the first question, and fails where two do at once; the guarded one asks by itself.
await new Promise((resolve, reject) => bare.get('nobody', (error) => (error ? reject(error) : resolve())))
const guarded = await open()
await createSessions({
  componentLoader: new ComponentLoader(),
  sources: [expressSessions({ store: guarded })],
  access: { remove: () => true },
  database,
})

function listen(store) {
  const app = express()
  app.get('/cpu', (req, res) => {
    const { user, system } = process.cpuUsage()
    res.end(String(user + system))
  })
  app.use(
    session({ store, secret: 'of the bench', resave: false, saveUninitialized: false, cookie: { maxAge: 3600_000 } }),
  )
  app.get('/login/:name', (req, res) => {
    req.session.adminUser = { email: `${req.params.name}@example.com`, role: 'admin' }
    res.end('welcome')
  })
  // Every request reads its session and extends it; every fifth changes it.
  let count = 0
  app.get('/page', (req, res) => {
    if (++count % 5 === 0) req.session.visits = count
    res.end(req.session.adminUser?.email ?? 'nobody')
  })
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
    // Its clients may be idle for longer, and would use a connection that is just being closed.
    server.keepAliveTimeout = 0
  })
}

process.send([await listen(bare), await listen(guarded)])
