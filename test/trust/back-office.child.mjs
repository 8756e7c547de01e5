// A back office in a process of its own, on stored sessions and tables that other processes share. Run from the built
// package.
import { ComponentLoader } from 'adminjs'
import { RedisStore } from 'connect-redis'
import { ConnectSessionKnexStore } from 'connect-session-knex'
import knex from 'knex'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import '../fresh-dist.mjs'
import { createSessions, expressSessions } from '../../dist/index.js'
import { officeApp } from './office-app.mjs'

const { redis, sessionFile, database, pollEvery, host = 'shared', storeHost, ...options } = JSON.parse(process.argv[2])
const say = (what) => process.send(what)

const now = Date.now
let clockIsOffBy = 0
Date.now = () => now() + clockIsOffBy

async function onRedis() {
  const client = createClient({ url: redis })
  await client.connect()
  return new RedisStore({ client })
}
async function onSqlite() {
  const afterCreate = (connection, done) => connection.run('PRAGMA busy_timeout = 20000', done)
  const pool = { min: 1, max: 1, afterCreate }
  const client = knex({ client: 'sqlite3', connection: { filename: sessionFile }, useNullAsDefault: true, pool })
  const made = new ConnectSessionKnexStore({ knex: client, cleanupInterval: 0 })
  await made.ready
  return made
}
const store = redis ? await onRedis() : await onSqlite()

/** Where the test wants it to, it gets so far: there it is killed or stopped. */
const stops = new Set()
const isStoppedAt = (place) => stops.delete(place) && say(place)
const { destroy, set } = store
store.destroy = function (...call) {
  // Of this session alone: what is left of another one may be destroyed at any time.
  return isStoppedAt(`destroying ${call[0]}`) ? undefined : destroy.apply(this, call)
}
store.set = async function (...call) {
  // Whether it is held has been asked before.
  if (isStoppedAt('writing')) await sleep(100)
  return set.apply(this, call)
}

const componentLoader = new ComponentLoader()
const sessions = await createSessions({
  ...{ componentLoader, database, pollEvery, host },
  sources: [expressSessions({ store, ...(storeHost && { host: storeHost }) })],
  access: { remove: () => true },
})
const office = await officeApp({ store, componentLoader, resources: sessions.resources, say, ...options })

/** What the test may ask of this process. */
const orders = {
  release: office.release,
  'stop at': (place) => stops.add(place),
  'set the clock': (ms) => (clockIsOffBy = ms),
}
process.on('message', ([order, argument]) => orders[order](argument))
say(office.origin)
