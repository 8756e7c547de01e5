// `npm start`: a back office to try. PORT (3000), HOST (127.0.0.1); EXAMPLE_DATA: where it keeps its files (examples/back-office/data).
import { dataDirectory } from './installation.mjs' // before adminjs: see there
import { once } from 'node:events'
import { join } from 'node:path'
import { expressSessions } from 'adminjs-sessions'
import express from 'express'
import { mountBackOffice } from './back-office.mjs'
import { startClients } from './ftp-clients.mjs'
import { startEmbedded } from './ftp-embedded.mjs'
import { startProftpd } from './ftp-proftpd.mjs'
import { openStore } from './panel-sessions.mjs'
import { tellFtpLogins, tellPanelLogins } from './tell.mjs'

const { PORT = '3000', HOST = '127.0.0.1' } = process.env

/** How to stop what runs, in that order. */
const running = []
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)

try {
  const app = express()
  // First of all, so that a second example on the same port disturbs nothing of the first.
  const server = app.listen(Number(PORT), HOST)
  await once(server, 'listening')
  const ftp = await startFtp()
  running.unshift(ftp.stop)
  const { store, close } = openStore()
  running.unshift(close)
  const stopSessions = await mountBackOffice(app, store, {
    sources: [expressSessions({ store }), ftp.source],
    database: { type: 'sqlite', database: join(dataDirectory, 'adminjs-sessions.sqlite') },
  })
  running.unshift(stopSessions)
  const clients = startClients(ftp.port)
  running.unshift(clients.stop, () => server.close().closeAllConnections())
  sayHello(server.address().port, ftp)
} catch (error) {
  console.error(`The example could not start: ${error.message}`)
  process.exitCode = 1
  await stop()
}

function startFtp() {
  return startProftpd().catch((error) => {
    console.log(`${error.message}: the example brings an FTP server of its own.`)
    return startEmbedded()
  })
}

function sayHello(port, ftp) {
  console.log(`\nThe back office is at http://${HOST}:${port}/admin\n`)
  tellPanelLogins()
  console.log(`\nFTP (${ftp.name}) is at ftp://127.0.0.1:${ftp.port}: connect, and watch yourself appear`)
  console.log(ftp.scoreboard ? `Its scoreboard is ${ftp.scoreboard}\n` : '')
  tellFtpLogins()
  console.log('\nCtrl-C ends it all.')
}

async function stop() {
  for (const stopIt of running.splice(0)) {
    try {
      await stopIt()
    } catch (error) {
      console.error(error)
      process.exitCode = 1
    }
  }
  process.exit()
}
