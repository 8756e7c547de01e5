import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'
import { freePort } from '../../examples/servers/free-port.mjs'
import { postgresIn, postgresReady } from '../../examples/servers/postgres.mjs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']))

/** A PostgreSQL of its own as Debian has it: what it says is committed is on the disk. It also counts what it is asked. */
export async function startPostgres(directory) {
  const port = await freePort()
  const { make, serve } = postgresIn(directory, port)
  execFileSync(make.program, make.args, { ...make.options, stdio: 'ignore' })
  const settings = ['fsync=on', 'shared_preload_libraries=pg_stat_statements,auto_explain']
  const args = [...serve.args, ...settings.flatMap((setting) => ['-c', setting])]
  const child = spawn(serve.program, args, { ...serve.options, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`PostgreSQL ended: ${log}`)))
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log = (log + text).slice(-1_000_000)
      if (postgresReady.test(log)) resolve()
    })
  })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const client = new pg.Client(url)
  await client.connect()
  await client.query('CREATE EXTENSION pg_stat_statements')
  const query = async (sql) => (await client.query(sql)).rows
  return {
    url,
    query,
    log: () => log,
    /** What it has done so far. */
    async sofar() {
      const [{ wal, xacts }] = await query(`
        SELECT (pg_current_wal_insert_lsn() - '0/0')::float8 AS wal, (xact_commit + xact_rollback)::float8 AS xacts
        FROM pg_stat_database WHERE datname = current_database()`)
      const tables = await query(`
        SELECT relname AS name, n_tup_ins::float8 AS ins, n_tup_upd::float8 AS upd, n_tup_hot_upd::float8 AS hot,
          n_tup_del::float8 AS del, n_dead_tup::float8 AS dead, n_live_tup::float8 AS live,
          autovacuum_count::float8 AS vacuums, pg_table_size(relid)::float8 AS heap, pg_indexes_size(relid)::float8 AS indices
        FROM pg_stat_user_tables`)
      return { wal, xacts, tables, cpuMs: cpuMs(child.pid), allMs: allMs(), atMs: performance.now() }
    },
    /** Where its time went since it was last forgotten, by what was asked; waiting for locks and disks is in it. */
    async statements() {
      const rows = await query(
        'SELECT query, calls::float8, total_exec_time AS ms, rows::float8 FROM pg_stat_statements ORDER BY ms DESC',
      )
      const kinds = new Map()
      for (const { query, calls, ms } of rows) {
        const kind = kindOf(query)
        const before = kinds.get(kind) ?? { calls: 0, ms: 0 }
        kinds.set(kind, { calls: before.calls + calls, ms: before.ms + ms })
      }
      return [...kinds].map(([kind, spent]) => ({ kind, ...spent })).sort((a, b) => b.ms - a.ms)
    },
    /** The indices of a table, and how often each was asked. */
    indices: (table) =>
      query(`SELECT indexrelname AS name, idx_scan::float8 AS scans, pg_relation_size(indexrelid)::float8 AS bytes
        FROM pg_stat_user_indexes WHERE relname = '${table}' ORDER BY indexrelname`),
    forget: () => query('SELECT pg_stat_statements_reset()'),
    async stop() {
      await client.end().catch(() => {})
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
    },
  }
}

/** A few words for a statement: what it does to which table, and how. */
function kindOf(query) {
  const verb = query.trim().split(/\s/, 1)[0].toUpperCase()
  const table = /adminjs_sessions_(\w+)/.exec(query)?.[1] ?? (/pg_notify|LISTEN/i.exec(query)?.[0] || 'other')
  const how = ['COUNT', 'SUM', 'LIKE', 'GROUP BY', 'ORDER BY'].filter((word) => query.includes(word))
  return [verb, table, ...how].join(' ')
}

/** The processor's time of a PostgreSQL so far: its processes', and those that have ended. */
function cpuMs(postmaster) {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = statOf(pid)
    if (Number(pid) === postmaster) ticks += stat[11] + stat[12] + stat[13] + stat[14]
    else if (stat?.[1] === postmaster) ticks += stat[11] + stat[12]
  }
  return (ticks * 1000) / ticksPerSecond
}

/** The processor's time of everything on this machine. */
function allMs() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1')
    .split(/\s+/)
    .slice(1, 8)
    .map(Number)
  return ((user + nice + system + irq + softirq) * 1000) / ticksPerSecond
}

/** What proc(5) has after a process's name: its state first. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  } catch {
    return undefined
  }
}
