// One of the back offices before which the proxy is: PORT, DATABASE_URL.
import { once } from 'node:events'
import connectPgSimple from 'connect-pg-simple'
import express from 'express'
import session from 'express-session'
import pg from 'pg'
import { expressSessions } from 'adminjs-sessions/collect'
import { mountBackOffice } from '../back-office/back-office.mjs'

const { PORT, DATABASE_URL } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL })
// A connection that is cut off while nobody uses it; without this the process would end.
pool.on('error', ({ message }) => console.log(message))
const store = new (connectPgSimple(session))({ pool })
const app = express().set('trust proxy', 'loopback')
const stopSessions = await mountBackOffice(app, store, {
  // Both read the one store that they share.
  sources: [expressSessions({ store, host: 'panel' })],
  database: { type: 'postgres', url: DATABASE_URL },
})
const server = app.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
console.log(`It listens on ${PORT}.`)

process.once('SIGTERM', async () => {
  server.close().closeAllConnections()
  await stopSessions()
  process.exit()
})
