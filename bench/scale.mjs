// Many FTP hosts, one database, many open pages: what it costs, how soon a page shows what happens, and where that ends.
// Beside it a plain upsert of all sessions. `node bench/scale.mjs --sessions 20000 --pages 10,50`; docs/scale.md has the numbers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { say } from './report.mjs'
import { startPostgres } from './scale/postgres.mjs'

const { values: asked } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20' },
    /** In how many processes their collectors are: one each, unless told otherwise. */
    processes: { type: 'string' },
    sessions: { type: 'string', default: '200000' },
    pages: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    pollEvery: { type: 'string', default: '2000' },
    /** Statements for the database before its tables are filled: storage parameters, for instance. */
    sql: { type: 'string', multiple: true, default: [] },
    /** Whether the plain upsert is left out. */
    alone: { type: 'boolean', default: false },
    /** Whether to print how the database goes about what a page asks. */
    explain: { type: 'boolean', default: false },
  },
})
const [hosts, sessions, seconds, pollEvery] = ['hosts', 'sessions', 'seconds', 'pollEvery'].map((name) =>
  Number(asked[name]),
)
const size = sessions / hosts
const names = Array.from({ length: hosts }, (_, i) => `ftp${i + 1}`)
const directory = mkdtempSync(join(tmpdir(), 'bench-scale-'))
// PostgreSQL runs as another user.
chmodSync(directory, 0o755)
const children = new Set()
let postgres

/** A process of its own, as far as it said the first word. */
async function started(file, argument, env = {}) {
  const child = fork(fileURLToPath(new URL(`scale/${file}.mjs`, import.meta.url)), [argument], {
    env: { ...process.env, NODE_ENV: 'production', ADMIN_JS_SKIP_BUNDLE: 'true', ...env },
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])])
  if (word === null) throw new Error(`bench/scale/${file}.mjs ended at its start.`)
  return { child, word }
}

async function ended(some) {
  await Promise.all(
    some.map(({ child }) => {
      const exit = once(child, 'exit')
      return child.kill('SIGKILL') ? exit : undefined
    }),
  )
}

/** Each process's own measurements, while the database is measured as well. */
async function measuring(processes, ms) {
  await postgres.forget()
  const before = await postgres.sofar()
  for (const { child } of processes) child.send('begin')
  await sleep(ms)
  const answers = await Promise.all(
    processes.map(async ({ child }) => {
      child.send('end')
      return (await once(child, 'message'))[0]
    }),
  )
  const after = await postgres.sofar()
  const ownMs = sum(answers.map(({ cpuMs }) => cpuMs)) + after.cpuMs - before.cpuMs
  const othersMs = after.allMs - before.allMs - ownMs
  return { before, after, answers, othersMs, elapsed: (after.atMs - before.atMs) / 1000 }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
const quantile = (values, q) =>
  values.length === 0
    ? NaN
    : [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]
const cores = (answers, elapsed) => sum(answers.map(({ cpuMs }) => cpuMs)) / elapsed / 10

/** What the database did: rows, WAL, processor's time. */
async function sayDatabase({ before, after, elapsed, othersMs }) {
  const delta = (table, what) => table[what] - (before.tables.find(({ name }) => name === table.name)?.[what] ?? 0)
  const rowsOf = (table) => delta(table, 'ins') + delta(table, 'upd') + delta(table, 'del')
  const ftp = after.tables.find(({ name }) => name === 'adminjs_sessions_ftp')
  say('rows written, table of sessions', rowsOf(ftp) / elapsed, '/s')
  say('rows written, all tables', sum(after.tables.map(rowsOf)) / elapsed, '/s')
  say('WAL', (after.wal - before.wal) / elapsed / 1e6, 'MB/s')
  say('transactions', (after.xacts - before.xacts) / elapsed, '/s')
  say("database's processor time", (after.cpuMs - before.cpuMs) / elapsed / 10, '% of a core')
  say('what else ran on this machine', othersMs / elapsed / 10, '% of a core')
  say('updates that left the indices alone (HOT)', (100 * delta(ftp, 'hot')) / Math.max(1, delta(ftp, 'upd')), '%')
  say('dead rows at the end, of 100 live ones', (100 * ftp.dead) / ftp.live, '')
  say('vacuumed by itself meanwhile', delta(ftp, 'vacuums'), 'times')
  say('table of sessions', ftp.heap / 1e6, 'MB')
  say('its indices', ftp.indices / 1e6, 'MB')
  for (const { kind, calls, ms } of (await postgres.statements()).slice(0, 8))
    console.log(
      `    ${kind.padEnd(52)} ${(calls / elapsed).toFixed(1).padStart(8)}/s ${(ms / calls).toFixed(2).padStart(9)} ms each, ` +
        `${(ms / elapsed / 1000).toFixed(2)} at a time`,
    )
}

function sayCollectors(answers, elapsed) {
  const sums = (what) => sum(answers.map((answer) => answer[what]))
  say('sessions that changed, in what the hosts were asked', sums('changed') / elapsed, '/s')
  say('a host is looked at every', (hosts * elapsed) / sums('lists'), 's')
  say("collectors' processor time, all together", cores(answers, elapsed), '% of a core')
  say("a collector's memory (the largest)", Math.max(...answers.map(({ bytes }) => bytes)) / 1e6, 'MB')
  say("a collector's longest gap in the event loop", Math.max(...answers.map(({ gapMs }) => gapMs)), 'ms')
}

function title(text) {
  const [load] = readFileSync('/proc/loadavg', 'utf8').split(' ')
  console.log(`\n### ${text}  (${new Date().toTimeString().slice(0, 8)}, load ${load})`)
}

async function run() {
  postgres = await startPostgres(join(directory, 'postgres'))
  const { url } = postgres
  const office = await started('office', url)
  children.add(office.child)
  const [ready] = await once(office.child, 'message')
  if (ready !== 'ready') throw new Error(`The back office said ${ready}.`)
  for (const statement of asked.sql) await postgres.query(statement)
  await postgres.query('SELECT pg_reload_conf()')

  let start = performance.now()
  const processes = Number(asked.processes ?? hosts)
  const of = (process) =>
    names.flatMap((name, i) => (i % processes === process ? { name, watchFrom: Date.now() + i * 1000 } : []))
  const collectors = await Promise.all(
    Array.from({ length: processes }, (_, process) =>
      started('collector', JSON.stringify({ url, hosts: of(process), size, pollEvery, watchEvery: hosts * 1000 })),
    ),
  )
  const rows = async () => Number((await postgres.query('SELECT count(*) FROM adminjs_sessions_ftp'))[0].count)
  while ((await rows()) < 0.99 * sessions) await sleep(500)
  title(
    `${sessions} sessions on ${hosts} hosts, in ${processes} processes; looked at ${pollEvery} ms after the last look`,
  )
  say('all of them written for the first time', (performance.now() - start) / 1000, 's')
  // As a table is that has been there for a while.
  await postgres.query('VACUUM ANALYZE')
  await sleep(15_000)

  title('nobody has a page open')
  const alone = await measuring(collectors, seconds * 500)
  sayCollectors(alone.answers, alone.elapsed)
  await sayDatabase(alone)

  for (const pages of asked.pages.split(',').map(Number).filter(Boolean)) {
    const client = await started('pages', JSON.stringify({ origin: office.word, pages }))
    await sleep(10_000)
    title(`${pages} open pages`)
    const { answers, ...database } = await measuring([client, office, ...collectors], seconds * 1000)
    const [seen, served, ...collected] = answers
    const { elapsed } = database
    const opened = sum(collected.map(({ watched }) => watched))
    say('answers to open pages', seen.asked.length / elapsed, '/s')
    for (const [what, took] of [
      ['a list as an open page asks (it may wait for a change)', seen.asked],
      ['a list that waits for nothing', seen.opened],
      ['from the opening of a session until a page has it', seen.delays],
    ]) {
      say(`${what}: p50`, quantile(took, 0.5), 'ms')
      say(`${what}: p95`, quantile(took, 0.95), 'ms')
    }
    console.log(`    ${seen.shown} of ${opened} such sessions were shown; ${seen.failed} questions failed`)
    say("the back office's processor time", cores([served], elapsed), '% of a core')
    say("the back office's longest gap in the event loop", served.gapMs, 'ms')
    say("the asking process's processor time", cores([seen], elapsed), '% of a core')
    sayCollectors(collected, elapsed)
    await sayDatabase(database)
    await ended([client])
  }

  console.log()
  for (const { name, scans, bytes } of await postgres.indices('adminjs_sessions_ftp'))
    console.log(
      `    ${name.padEnd(52)} ${String(scans).padStart(8)} times asked ${(bytes / 1e6).toFixed(1).padStart(9)} MB`,
    )
  await ended(collectors)
  if (asked.explain) await explain(office)
  if (!asked.alone) await plainUpsert(url)
}

/** The same sessions, all of them written every time. */
async function plainUpsert(url) {
  const groups = Array.from({ length: Math.ceil(hosts / 5) }, (_, i) => names.slice(i * 5, i * 5 + 5))
  const upserts = await Promise.all(
    groups.map((some) => started('upsert', JSON.stringify({ url, hosts: some, size, every: pollEvery }))),
  )
  await sleep(5_000)
  title(`a plain upsert of all sessions every ${pollEvery} ms, by ${groups.length} processes; nobody has a page open`)
  const { answers, ...database } = await measuring(upserts, seconds * 500)
  const passes = answers.flatMap((answer) => answer.passes)
  say('rows that were sent', sum(answers.map((answer) => answer.rows)) / database.elapsed, '/s')
  say(`one pass over all sessions of a process (median of ${passes.length})`, quantile(passes, 0.5) / 1000, 's')
  say("the processes' own processor time", cores(answers, database.elapsed), '% of a core')
  await sayDatabase(database)
  await ended(upserts)
}

/** How the database goes about what a page asks: its own words, in its log. */
async function explain(office) {
  const settings = { log_min_duration: 0, log_analyze: 'on', log_buffers: 'on' }
  const set = async (all) => {
    for (const [name, value] of Object.entries(all))
      await postgres.query(`ALTER SYSTEM SET auto_explain.${name} = ${value}`)
    await postgres.query('SELECT pg_reload_conf()')
    await sleep(500)
  }
  const before = postgres.log().length
  await set(settings)
  const client = await started('pages', JSON.stringify({ origin: office.word, pages: 3 }))
  await sleep(2000)
  await ended([client])
  await set({ log_min_duration: -1 })
  const plans = postgres
    .log()
    .slice(before)
    .split(/(?=^\S.* LOG: )/m)
  const shown = new Map()
  for (const plan of plans) {
    const text = /Query Text: (.*)/.exec(plan)?.[1]
    if (text?.includes('adminjs_sessions_ftp')) shown.set(text, plan)
  }
  title('how the database goes about it')
  // What each host's process asks once a minute: src/database/traffic.ts.
  const traffic = `SELECT status, COUNT(*), SUM("bytesPerSecond") FROM adminjs_sessions_ftp
    WHERE host = 'ftp1' AND source = 'made-up' GROUP BY status`
  const plan = await postgres.query(`EXPLAIN (ANALYZE, BUFFERS) ${traffic}`)
  console.log([traffic, ...plan.map((line) => line['QUERY PLAN'])].join('\n'), '\n')
  for (const plan of shown.values()) console.log(plan)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().then(() => process.exit(1)))

async function cleanUp() {
  await ended([...children].map((child) => ({ child })))
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
}

try {
  await run()
} finally {
  await cleanUp()
}
