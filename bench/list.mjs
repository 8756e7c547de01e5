// A list of 100,000 sessions beside AdminJS's own resource for TypeORM on the same table: what AdminJS asks of either for one page.
import { Resource } from '@adminjs/typeorm'
import { Filter } from 'adminjs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../dist/database/open-database.js'
import { SessionResource } from '../dist/resources/table-resource.js'
import { finish, median, say } from './report.mjs'

const directory = mkdtempSync(join(tmpdir(), 'bench-list-'))
const database = await openDatabase({ type: 'sqlite', database: join(directory, 'list.sqlite') })
const rows = 100_000
const rounds = 40
const statuses = ['idle', 'idle', 'idle', 'uploading', 'downloading', 'listing']

/** Numbers of the rows in an order that no column has. */
const mixed = (n, by) => (n * by) % rows
const row = (n) => ({
  host: 'bench',
  source: n % 3 === 0 ? 'pure-ftpd' : 'proftpd',
  key: `session-${n}`,
  type: 'domain-user',
  status: statuses[n % 6],
  condition: 'normal',
  login: `user${n % 997}`,
  domain: 'example.com',
  location: `/home/user${n % 997}/incoming`,
  fileName: n % 6 > 2 ? `file-${n}.bin` : null,
  transferredBytes: n,
  ip: `192.0.2.${n % 250}`,
  protocol: 'ftp',
  connectedAt: new Date(1_700_000_000_000 + mixed(n, 7919) * 1000),
  lastActiveAt: n % 100 === 7 ? null : new Date(1_700_000_000_000 + mixed(n, 104_729) * 1000),
})
for (let n = 0; n < rows; n += 500) {
  await database.ftpSessions.insert(Array.from({ length: 500 }, (_, i) => row(n + i)))
}

const { FtpSession } = database.models
const ours = new SessionResource(FtpSession, new Set(['type', 'status', 'condition', 'protocol']))
const stock = new Resource(FtpSession)

/** The processor's time for a page and the number of all rows, in ms: what other programs do meanwhile does not count. */
async function page(resource, { filters = {}, page = 1, sortBy = 'lastActiveAt', direction = 'desc' }) {
  const before = process.cpuUsage()
  const filter = new Filter(filters, resource)
  const records = await resource.find(filter, { limit: 10, offset: (page - 1) * 10, sort: { sortBy, direction } }, {})
  const total = await resource.count(filter, {})
  const { user, system } = process.cpuUsage(before)
  return { took: (user + system) / 1000, found: `${records.length} of ${total}` }
}

/** How many times as long ours takes. They take turns, and who begins does so every other time. */
async function beside(question) {
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const first = await page(round % 2 ? ours : stock, question)
    const second = await page(round % 2 ? stock : ours, question)
    if (first.found !== second.found) throw new Error(`${first.found} and ${second.found} rows were found.`)
    ratios.push(round % 2 ? first.took / second.took : second.took / first.took)
  }
  return median(ratios)
}

for (const [name, question] of Object.entries({
  'default sort': {},
  'the oldest activity first': { direction: 'asc' },
  'by login': { sortBy: 'login', direction: 'asc' },
  'by status': { sortBy: 'status', direction: 'asc' },
  'by a column without an index': { sortBy: 'connectedAt' },
  'a part of a login': { filters: { login: 'user99' } },
  'a part of a login, in capitals, by login': { filters: { login: 'USER99' }, sortBy: 'login' },
  'a part of an address': { filters: { ip: '2.10' } },
  'a part of a login that nobody has': { filters: { login: 'nobody' } },
  'a status': { filters: { status: 'uploading' } },
  'a status that nobody has': { filters: { status: 'authenticating' } },
  'page 2,000': { page: 2000 },
  'page 9,999': { page: 9999 },
  'page 2,000 by login': { page: 2000, sortBy: 'login' },
})) {
  // What two runs of the same differ by.
  say(`100,000 rows, ${name}: beside AdminJS's own resource`, await beside(question), 'x', 1.1)
}

await database.close()
rmSync(directory, { recursive: true })
finish()
