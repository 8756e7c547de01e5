// A process with nothing in it but the built package and an app, so that all that its memory holds is theirs.
import { once } from 'node:events'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import express from 'express'
import session from 'express-session'
import '../fresh-dist.mjs'
import { Holds } from '../../dist/database/holds.js'
import { Leases } from '../../dist/database/leases.js'
import { openDatabase } from '../../dist/database/open-database.js'
import { RemovalRecords } from '../../dist/database/removal-records.js'
import { sourceEngine } from '../../dist/collectors/engine/source-engine.js'
import { keyOf } from '../../dist/collectors/panel/express-sessions/session-id.js'
import { collectSessions, expressSessions } from '../../dist/collect.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const hour = 3_600_000
const database = { type: 'sqlite', database: ':memory:' }

const tasks = { looks, forgotten }
process.send(await tasks[process.argv[2]](Number(process.argv[3])))
process.disconnect()

/** By how many bytes the memory in use grows over so many looks, of which each finds a change. */
async function looks(count) {
  const opened = await openDatabase(database)
  const place = { host: 'h', source: 'fake', ofThisMachine: true }
  const leases = new Leases(opened, [place], console.error)
  await leases.start()
  const sessions = new Map()
  const { collector } = sourceEngine(
    { name: 'fake', kind: 'ftp', evidence: 'live', list: async () => [...sessions.values()], end: async () => 'asked' },
    {
      ...{ database: opened, lease: leases.of(place), records: new RemovalRecords(opened), holds: new Holds(opened) },
      ...{ host: 'h', pollEvery: 10 * hour, timeout: hour, endsWithin: hour, report: console.error },
    },
  )
  const look = (i) => {
    const key = `s${i % 100}`
    sessions.set(key, { key, login: key, location: `/${i}` })
    return collector.poll()
  }
  const used = async () => {
    for (let i = 0; i < 3; i++) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return process.memoryUsage().heapUsed
  }
  for (let i = 0; i < Math.max(100, count / 5); i++) await look(i)
  const before = await used()
  for (let i = 0; i < count; i++) await look(i)
  const grown = (await used()) - before
  await leases.stop()
  await opened.close()
  return grown
}

/**
 * Rounds in which some log on, are removed, kept out for a while and ask in vain, each six hours after the one before.
 * Of which of these, by their numbers, login and key are in memory at the end.
 */
async function forgotten(rounds) {
  const people = 5
  const moveDateOn = takeDate()
  const store = new session.MemoryStore()
  const sessions = await collectSessions({ database, pollEvery: hour, sources: [expressSessions({ store })] })
  const server = app(store).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`

  const keys = []
  for (let round = 0; round < rounds; round++) {
    const cookies = []
    for (let i = 0; i < people; i++) {
      const answer = await fetch(`${url}/login/round-${round * people + i}@example.org`)
      // The session is saved by when the answer is whole.
      await answer.text()
      cookies.push(answer.headers.get('set-cookie').split(';')[0])
    }
    const ids = cookies.map((cookie) => keyOf(decodeURIComponent(cookie).slice('connect.sid=s:'.length).split('.')[0]))
    const { counts } = await sessions.remove({ keys: ids, by: 'a test', keepOut: { by: 'login', minutes: 30 } })
    if (counts.ended !== people) throw new Error(`In round ${round} not all were ended: ${JSON.stringify(counts)}.`)
    for (const cookie of cookies) {
      const who = await (await fetch(`${url}/who`, { headers: { cookie } })).text()
      if (who !== 'nobody') throw new Error(`In round ${round} ${who} was removed and is there.`)
    }
    keys.push(...ids.map((id) => Buffer.from(id, 'hex')))
    moveDateOn(6 * hour)
  }
  // Node itself keeps the last URLs that were fetched.
  performance.clearResourceTimings()
  const logins = new Set()
  const hashes = new Set()
  let end = ''
  for await (const chunk of getHeapSnapshot().setEncoding('latin1')) {
    const text = end + chunk
    end = text.slice(-100)
    for (const [, i] of text.matchAll(/round-(\d+)@example\.org/g)) logins.add(Number(i))
    for (const [key] of text.matchAll(/\b[0-9a-f]{64}\b/g)) {
      const i = keys.findIndex((each) => each.equals(Buffer.from(key, 'hex')))
      if (i >= 0) hashes.add(i)
    }
  }
  server.close()
  server.closeAllConnections()
  await sessions.stop()
  return { sessions: keys.length, logins: [...logins], keys: [...hashes] }
}

/** From now on `Date` is as far ahead as it is moved. */
function takeDate() {
  const Real = Date
  let aheadMs = 0
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...(given.length > 0 ? given : [Real.now() + aheadMs]))
    }
    static now() {
      return Real.now() + aheadMs
    }
  }
  return (ms) => (aheadMs += ms)
}

function app(store) {
  return express()
    .use(
      session({
        store,
        secret: 'not a secret',
        resave: false,
        saveUninitialized: false,
        cookie: { sameSite: 'lax', maxAge: hour },
      }),
    )
    .get('/login/:email', (req, res) => {
      req.session.adminUser = { email: req.params.email, role: 'admin' }
      res.end('welcome')
    })
    .get('/who', (req, res) => res.end(req.session.adminUser?.email ?? 'nobody'))
}
