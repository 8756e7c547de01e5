// What an FTP host runs `adminjs-sessions collect` with. Both hosts of the demo have this one file; on machines of their own
// each has its own, and names itself in it.
import { proftpd } from 'adminjs-sessions/collect'
import { findFtpAccount } from '../back-office/accounts.mjs'

const { SCOREBOARD, CONTROLS, DATABASE_URL, HOST } = process.env

export default {
  sources: [proftpd({ scoreboard: SCOREBOARD, controls: { socket: CONTROLS }, accounts: findFtpAccount })],
  database: { type: 'postgres', url: DATABASE_URL },
  host: HOST,
}
