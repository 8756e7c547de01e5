// A process to be killed: the engine over a directory of files, each of which is a session. Run from the built package.
import { appendFileSync, existsSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import '../fresh-dist.mjs'
import { Holds } from '../../dist/database/holds.js'
import { RemovalRecords } from '../../dist/database/removal-records.js'
import { sourceEngine } from '../../dist/collectors/engine/source-engine.js'
import { openDatabase } from '../../dist/database/open-database.js'

const [directory, batch, what] = process.argv.slice(2)
const sessions = join(directory, 'sessions')

const source = {
  name: 'files',
  kind: 'ftp',
  evidence: 'live',
  list: async () =>
    readdirSync(sessions).map((key) => ({ key, login: key.split('-')[0], ip: '192.0.2.1', status: 'idle' })),
  end: async ({ key }) => {
    await sleep(Math.random() * 15)
    const file = join(sessions, key)
    if (!existsSync(file)) return 'already-gone'
    // What is known to have been ended, whatever becomes of this process.
    appendFileSync(join(directory, 'ended'), `${key}\n`)
    unlinkSync(file)
    if (key.startsWith('target')) process.send?.('ended one')
    return 'asked'
  },
}

const database = await openDatabase({ type: 'sqlite', database: join(directory, 'tables.sqlite') })
const records = new RemovalRecords(database)
const { collector, removals } = sourceEngine(source, {
  database,
  records,
  holds: new Holds(database),
  host: 'crash-test',
  pollEvery: 20,
  timeout: 120_000,
  endsWithin: 120_000,
  report: (message) => console.error(message),
})
await collector.poll()

if (what === 'remove') {
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
    batch, recordId: row.id, kind: 'ftp', removedVia: 'admin', host: 'crash-test', source: 'files',
    key: row.key, login: row.login, ip: row.ip, session: row,
  }) // prettier-ignore
  await records.ask(rows.map(ask))
} else {
  collector.start()
  removals.start()
  const outcomes = await records.outcomes(batch, 'ftp', 120_000)
  await collector.poll()
  process.send({
    what: 'settled',
    removals: outcomes.map(({ key, outcome }) => ({ key, outcome })),
    rows: (await database.ftpSessions.find()).map(({ key }) => key).sort(),
    files: readdirSync(sessions).sort(),
  })
  await Promise.all([removals.stop(), collector.stop()])
  await database.close()
  process.disconnect()
}
