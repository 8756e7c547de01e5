// A back office in a process of its own: a real AdminJS on stored sessions and tables that other processes share. Run
// from the built package.
import AdminJSExpress from '@adminjs/express'
import AdminJS, { ComponentLoader } from 'adminjs'
import { RedisStore } from 'connect-redis'
import { ConnectSessionKnexStore } from 'connect-session-knex'
import express from 'express'
import session from 'express-session'
import knex from 'knex'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import sqlite from 'sqlite3'
import '../fresh-dist.mjs'
import { createSessions, expressSessions } from '../../dist/index.js'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'
const { redis, sessionFile, database, pollEvery, clockMs = 0, regenerates = false, ...sessionOptions } = JSON.parse(process.argv[2]) // prettier-ignore

const now = Date.now
let clockIsOffBy = clockMs
Date.now = () => now() + clockIsOffBy

const store = redis ? await onRedis() : await onSqlite()
async function onRedis() {
  const client = createClient({ url: redis })
  await client.connect()
  return new RedisStore({ client })
}
async function onSqlite() {
  const afterCreate = (connection, done) => connection.run('PRAGMA busy_timeout = 20000', done)
  const pool = { min: 1, max: 1, afterCreate }
  const connection = { filename: sessionFile }
  const client = knex({ client: 'sqlite3', connection, useNullAsDefault: true, pool })
  const made = new ConnectSessionKnexStore({ knex: client, cleanupInterval: 0 })
  await made.ready
  return made
}

/** Where the test wants it to, it gets so far and no further. */
const stops = new Set()
const stopAt = (place) => stops.delete(place) && process.send(place)
const { destroy, set } = store
store.destroy = function (...call) {
  return stopAt('destroying') ? undefined : destroy.apply(this, call)
}
store.set = async function (...call) {
  // Everything has been asked before the write; here the test may stop the process.
  if (stopAt('writing')) await sleep(100)
  return set.apply(this, call)
}

const componentLoader = new ComponentLoader()
const sessions = await createSessions({
  ...{ componentLoader, database, pollEvery, host: 'shared' },
  sources: [expressSessions({ store })],
  access: { remove: () => true },
})

const cookie = { sameSite: 'lax', maxAge: 3_600_000 }
const options = { store, secret: 'a secret of the test', saveUninitialized: false, cookie, ...sessionOptions }
const app = express()
app.use(session(options))
// A hardening habit: each request is given another session id.
if (regenerates) {
  app.use((req, res, next) => {
    if (!req.session.adminUser) next()
    else regenerate(req, req.session.adminUser).then(() => next(), next)
  })
}

async function regenerate(req, adminUser) {
  await new Promise((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve())))
  if (adminUser) req.session.adminUser = adminUser
}

/** Nothing else gets a turn in this process. */
function stall(ms) {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** What a page may do to its session, done when the test releases it. */
const pages = {
  read: async () => {},
  change: async (req) => void (req.session.visits = (req.session.visits ?? 0) + 1),
  touch: async (req) => void req.session.touch(),
  save: (req) => new Promise((resolve) => req.session.save(resolve)),
  regenerate: (req) => regenerate(req, req.session.adminUser),
  'regenerate-twice': (req) => regenerate(req, req.session.adminUser).then(() => pages.regenerate(req)),
  'be-somebody-else': (req) => regenerate(req, { email: 'somebody-else' }),
  'forget-who': (req) => regenerate(req),
  'stall-and-change': (req) => (stall(300), pages.change(req)),
}
const held = []
app.get('/held/:page', async (req, res) => {
  await new Promise((release) => {
    held.push(release)
    process.send('held')
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

/** What the test may ask of this process. */
const orders = {
  release: () => held.splice(0).forEach((release) => release()),
  'stop at': (place) => stops.add(place),
  'set the clock': (ms) => (clockIsOffBy = ms),
  'stop the package': () => sessions.stop().then(() => process.send('stopped')),
  /** For so long nobody can write into the tables. */
  async lock(ms) {
    const db = new sqlite.Database(database.database)
    await new Promise((resolve, reject) => db.exec('BEGIN IMMEDIATE', (error) => (error ? reject(error) : resolve())))
    process.send('locked')
    await sleep(ms)
    db.exec('ROLLBACK', () => db.close())
  },
}
process.on('message', ([order, argument]) => orders[order](argument))

const admin = new AdminJS({ componentLoader, resources: sessions.resources })
const authenticate = async (email) => ({ email, role: 'admin' })
app.use(
  admin.options.rootPath,
  AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: options.secret }, null, options),
)
const server = app.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`))
