// Sessions in files and in tables: a list and one end, beside the plain reading of the same in the same run.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { sessionFiles } from '../dist/collectors/panel/session-files/session-files.js'
import { sessionTable } from '../dist/collectors/panel/session-table/session-table.js'
import { finish, longestGap, median, say, timed } from './report.mjs'

const directory = mkdtempSync(join(tmpdir(), 'bench-storages-'))
const { signal } = new AbortController()
const counts = [1_000, 10_000, 100_000]
const rounds = (count) => (count > 10_000 ? 1 : 5)
/** No more than this may go by without the event loop being let go, in ms. */
const longest = 25
/** The longest gap is the least of so many lists: what the garbage collector has to do in each is a matter of luck. */
const lists = 3

const content = (n) =>
  `user|s:${`user${n}`.length}:"user${n}";ip|s:9:"192.0.2.1";_token|s:40:"${'t'.repeat(40)}";flash|a:2:{s:3:"old";a:0:{}s:3:"new";a:0:{}}`

/** The processor's time of something, in ms: what other programs do meanwhile does not count. */
async function worked(run) {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The source beside the plain reading, in turns. */
async function beside(what, count, source, plainly) {
  await source.list(signal)
  const [ours, theirs] = [[], []]
  for (let i = 0; i < rounds(count); i++) {
    ours.push(await worked(() => source.list(signal)))
    theirs.push(await worked(plainly))
  }
  const name = `${count.toLocaleString('en')} ${what}`
  say(`${name}: a list`, median(ours), 'ms')
  say(`${name}: reading the same plainly`, median(theirs), 'ms')
  say('… ratio', median(ours) / median(theirs), 'x')
  const gaps = []
  for (let i = 0; i < lists; i++) gaps.push(await longestGap(() => source.list(signal)))
  say(`${name}: the event loop's longest gap, least of ${lists} lists`, Math.min(...gaps), 'ms', longest)
  const sessions = (await source.list(signal)).slice(0, 5)
  say(`${name}: one end`, await timed(5, (i) => source.end(sessions[i], signal)), 'ms')
}

for (const count of counts) {
  const files = mkdtempSync(join(directory, 'files-'))
  for (let n = 0; n < count; n++) writeFileSync(join(files, `sess_${String(n).padStart(26, '0')}`), content(n))
  const session = ({ user, ip }) => (user ? { login: user, ip } : null)
  await beside('files of PHP', count, sessionFiles({ directory: files, decode: 'php', session }), () => {
    for (const name of readdirSync(files)) readFileSync(join(files, name))
  })
  rmSync(files, { recursive: true })
}

const row = (n) => [
  String(n * 7919).padStart(40, '0'),
  (n % 997) + 1,
  '192.0.2.1',
  'Mozilla/5.0 (X11; Linux x86_64)',
  Buffer.from(content(n)).toString('base64'),
  1_900_000_000 + n,
]
const columns = { id: 'id', login: 'user_id', ip: 'ip_address', userAgent: 'user_agent', lastActiveAt: 'last_activity' }
for (const { engine, start } of await engines()) {
  for (const count of counts) {
    const { connection, stop } = await start()
    const isPostgres = engine === 'PostgreSQL'
    await connection.query(
      'CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, ip_address varchar(45), user_agent text, payload text NOT NULL, last_activity integer NOT NULL)',
    )
    for (let n = 0; n < count; n += 500) {
      const values = Array.from({ length: 500 }, (_, i) => row(n + i)).flat()
      const marks = values.map((_, i) => (isPostgres ? `$${i + 1}` : '?'))
      const rows = Array.from({ length: 500 }, (_, i) => `(${marks.slice(i * 6, i * 6 + 6).join(', ')})`)
      await connection.query(`INSERT INTO sessions VALUES ${rows.join(', ')}`, values)
    }
    await beside(`rows in ${engine}`, count, sessionTable({ connection, table: 'sessions', columns }), () =>
      connection.query('SELECT id, user_id, ip_address, user_agent, last_activity FROM sessions'),
    )
    await stop()
  }
}

rmSync(directory, { recursive: true })
finish()

/** SQLite, and PostgreSQL and MariaDB where their URLs are given by BENCH_POSTGRES and BENCH_MARIADB: databases that may be written. */
async function engines() {
  const opened = (options, over) => async () => {
    const connection = await new DataSource(options).initialize()
    await connection.query('DROP TABLE IF EXISTS sessions')
    return { connection, stop: async () => (await over?.(connection), connection.destroy()) }
  }
  const drop = (connection) => connection.query('DROP TABLE sessions')
  const { BENCH_POSTGRES, BENCH_MARIADB } = process.env
  return [
    { engine: 'SQLite', start: opened({ type: 'sqlite', database: join(directory, 'panel.sqlite') }) },
    ...(BENCH_POSTGRES
      ? [{ engine: 'PostgreSQL', start: opened({ type: 'postgres', url: BENCH_POSTGRES }, drop) }]
      : []),
    ...(BENCH_MARIADB
      ? [
          {
            engine: 'MariaDB',
            start: opened({ type: 'mariadb', url: BENCH_MARIADB, connectorPackage: 'mysql2' }, drop),
          },
        ]
      : []),
  ]
}
