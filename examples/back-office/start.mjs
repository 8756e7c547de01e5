// `npm start`: a back office to try. PORT (3000), HOST (127.0.0.1); EXAMPLE_DATA: where it keeps its files (examples/back-office/data).
import { once } from 'node:events'
import express from 'express'
import { ftpAccounts, panelAccounts } from './accounts.mjs'
import { mountBackOffice } from './back-office.mjs'
import { startClients } from './ftp-clients.mjs'
import { startEmbedded } from './ftp-embedded.mjs'
import { startProftpd } from './ftp-proftpd.mjs'

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
  const backOffice = await mountBackOffice(app, ftp.source)
  running.unshift(backOffice.stop)
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
  const row = (...columns) => console.log(`  ${columns.map((column) => column.padEnd(22)).join('')}`.trimEnd())
  console.log(`\nThe back office is at http://${HOST}:${port}/admin\n`)
  row('login', 'password')
  for (const { email, password, may } of panelAccounts) row(email, password, may)
  console.log(`\nFTP (${ftp.name}) is at ftp://127.0.0.1:${ftp.port}: connect, and watch yourself appear`)
  console.log(ftp.scoreboard ? `Its scoreboard is ${ftp.scoreboard}\n` : '')
  row('login', 'password')
  for (const { login, password, domain } of ftpAccounts) row(login, password, domain)
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
