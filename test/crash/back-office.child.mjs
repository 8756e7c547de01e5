// A process to be killed: the engine over a directory of files, each of which is a session. Run from the built package.
import { existsSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import '../fresh-dist.mjs'
import { Holds } from '../../dist/database/holds.js'
import { RemovalRecords } from '../../dist/database/removal-records.js'
import { sourceEngine } from '../../dist/collectors/engine/source-engine.js'
import { Leases } from '../../dist/database/leases.js'
import { openDatabase } from '../../dist/database/open-database.js'
import { filesAsSessions } from './files-as-sessions.mjs'

const [directory, batch] = process.argv.slice(2)
const sessions = join(directory, 'sessions')

const source = filesAsSessions(directory, () => process.send('ended one'))
const database = await openDatabase({ type: 'sqlite', database: join(directory, 'tables.sqlite') })
const records = new RemovalRecords(database)
const place = { host: 'test-host', source: source.name, ofThisMachine: true }
const leases = new Leases(database, [place], (message) => console.error(message))
await leases.start()
const { collector, removals } = sourceEngine(source, {
  database,
  lease: leases.of(place),
  records,
  holds: new Holds(database),
  host: 'test-host',
  pollEvery: 20,
  timeout: 120_000,
  endsWithin: 120_000,
  report: (message) => console.error(message),
})
await collector.poll()

// Sessions come and go all the while, so that the collector writes.
setInterval(() => {
  const passing = join(sessions, `passer-by-${Math.floor(Math.random() * 20)}`)
  if (existsSync(passing)) unlinkSync(passing)
  else writeFileSync(passing, '')
}, 1)
collector.start()
removals.start()
const rows = (await database.ftpSessions.find()).filter(({ key }) => key.startsWith('target'))
process.send('asking')
const ask = (row) => ({
  batch, recordId: row.id, kind: 'ftp', removedVia: 'admin', host: 'test-host', source: 'files',
  key: row.key, login: row.login, ip: row.ip, session: row,
}) // prettier-ignore
await records.ask(rows.map(ask))
