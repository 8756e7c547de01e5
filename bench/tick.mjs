// What one look costs: comparing, writing, the event loop's gaps, and memory. On SQLite in a file of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Holds } from '../dist/database/holds.js'
import { difference } from '../dist/collectors/engine/reconcile.js'
import { RemovalRecords } from '../dist/database/removal-records.js'
import { sourceEngine } from '../dist/collectors/engine/source-engine.js'
import { Leases } from '../dist/database/leases.js'
import { openDatabase } from '../dist/database/open-database.js'
import { finish, longestGap, median, say, timed } from './report.mjs'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const directory = mkdtempSync(join(tmpdir(), 'bench-tick-'))

/** A session as a source makes it anew for each list. */
const session = (i, change = 0) => ({
  key: `session-${i}`,
  handle: { pid: i },
  type: 'domain-user',
  status: 'uploading',
  command: 'STOR file.bin',
  login: `user${i % 997}`,
  domain: 'example.com',
  location: `/home/user${i % 997}/incoming`,
  fileName: `file-${i}.bin`,
  transferredBytes: 1000 + change,
  totalBytes: null,
  ip: `192.0.2.${i % 250}`,
  protocol: 'ftp',
  connectedAt: new Date(1_700_000_000_000 + i * 1000),
  lastActiveAt: new Date(1_700_000_100_000 + i * 1000),
})
const list = (count, change = () => 0) => Array.from({ length: count }, (_, i) => session(i, change(i)))

async function engine(name) {
  let sessions = []
  const database = await openDatabase({ type: 'sqlite', database: join(directory, `${name}.sqlite`) })
  const place = { host: 'bench', source: name, ofThisMachine: true }
  const leases = new Leases(database, [place], console.error)
  await leases.start()
  const { collector } = sourceEngine(
    { name, kind: 'ftp', evidence: 'live', list: async () => sessions, end: async () => 'asked' },
    {
      database,
      lease: leases.of(place),
      records: new RemovalRecords(database),
      holds: new Holds(database),
      host: 'bench',
      pollEvery: 2000,
      timeout: 600_000,
      endsWithin: 10_000,
      report: console.error,
    },
  )
  const look = async (listed) => {
    sessions = listed
    await collector.poll()
    sessions = []
  }
  const written = async () => (await database.connection.query('SELECT total_changes() AS n'))[0].n
  /** As a minute later: the rows are read again before they are compared. */
  const lookAnew = (listed) => {
    collector.loadedAtMs = -Infinity
    return look(listed)
  }
  return { database, look, lookAnew, written }
}

/** Comparing alone, in memory, without pauses. */
function compare(kept, listed) {
  const work = difference(kept, listed, 'ftp', performance.now())
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

{
  collect()
  const before = process.memoryUsage().heapUsed
  const { database, look } = await engine('memory')
  await look(list(50_000))
  await look(list(50_000))
  collect()
  say('50,000 sessions: memory kept for each', (process.memoryUsage().heapUsed - before) / 50_000, 'B', 1024)
  await database.close()
}

{
  const { database, look, written } = await engine('ten-thousand')
  await look(list(10_000))
  // After a second a transfer that does not move has a speed: none.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await look(list(10_000))
  const before = await written()
  const unchanged = await timed(9, () => look(list(10_000)))
  say('10,000 unchanged sessions: rows written by 9 looks', (await written()) - before, 'rows', 0)
  const kept = compare(new Map(), list(10_000)).written
  const inMemory = await timed(9, () => compare(kept, list(10_000)))
  say('10,000 unchanged sessions: a look', unchanged, 'ms')
  say('10,000 unchanged sessions: comparing them in memory', inMemory, 'ms')
  say('… ratio', unchanged / inMemory, 'x', 2)

  // The best way tried when this was designed: a map of hashes in memory, and repository.upsert in chunks of a hundred.
  const hash = ({ handle: _, ...fields }) => JSON.stringify(fields)
  const hashes = new Map(list(10_000).map((one) => [one.key, hash(one)]))
  const upsert = async (listed) => {
    const rows = listed.map(({ handle: _, ...row }) => ({ ...row, host: 'bench', source: 'ten-thousand' }))
    for (let i = 0; i < rows.length; i += 100) {
      await database.ftpSessions.upsert(rows.slice(i, i + 100), ['host', 'source', 'key'])
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const ours = []
  const best = []
  const all = []
  for (let round = 1; round <= 7; round++) {
    const listed = () => list(10_000, (i) => (i % 100 === 0 ? round : 0))
    let start = performance.now()
    await look(listed())
    ours.push(performance.now() - start)
    start = performance.now()
    const changed = listed().filter((one) => {
      const now = hash(one)
      if (hashes.get(one.key) === now) return false
      hashes.set(one.key, now)
      return true
    })
    await upsert(changed)
    best.push(performance.now() - start)
    if (round > 3) continue
    start = performance.now()
    await upsert(listed())
    all.push(performance.now() - start)
  }
  say('10,000 sessions, 1 % changed: a look', median(ours), 'ms')
  say('10,000 sessions, 1 % changed: hashes in memory and repository.upsert of those', median(best), 'ms')
  say('… ratio', median(ours) / median(best), 'x', 1)
  say('10,000 sessions: repository.upsert of all', median(all), 'ms')
  say('… as many times a look', median(all) / median(ours), 'x')
  await database.close()
}

{
  const gaps = []
  const times = []
  for (let round = 1; round <= 5; round++) {
    const { database, look } = await engine(`gone-${round}`)
    await look(list(10_000))
    collect()
    const start = performance.now()
    gaps.push(await longestGap(() => look([])))
    times.push(performance.now() - start)
    await database.close()
  }
  say('10,000 sessions that are all gone: the longest gap in the event loop (median of 5)', median(gaps), 'ms', 30)
  say('… a look', median(times), 'ms')
}

{
  const { database, look, lookAnew } = await engine('hundred-thousand')
  const all = list(100_000)
  collect()
  say('100,000 new sessions: the longest gap in the event loop', await longestGap(() => look(all)), 'ms', 25)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await look(list(100_000))
  const kept = compare(new Map(), list(100_000)).written
  await new Promise((resolve) => setTimeout(resolve, 1100))
  for (const [key, row] of compare(kept, list(100_000)).written) kept.set(key, row)
  const ratios = []
  for (let round = 1; round <= 9; round++) {
    const [looking, comparing] = [await took(look), await took((listed) => compare(kept, listed))]
    ratios.push(looking / comparing)
  }
  say('100,000 unchanged sessions: a look beside comparing them in memory (median of 9)', median(ratios), 'x', 1.2)

  const gaps = { look: [], lookAnew: [] }
  for (let round = 1; round <= 5; round++) {
    for (const [how, run] of Object.entries({ look, lookAnew })) {
      const listed = list(100_000, (i) => (i % 100 === 0 ? round : 0))
      collect()
      gaps[how].push(await longestGap(() => run(listed)))
    }
  }
  say('100,000 sessions, 1 % changed: the longest gap in the event loop (median of 5)', median(gaps.look), 'ms', 15)
  say('… where the rows are read again, once a minute', median(gaps.lookAnew), 'ms', 15)
  await database.close()
}

/** The processor's time for one list, in ms: what other programs do meanwhile does not count. */
async function took(run) {
  const listed = list(100_000)
  collect()
  const before = process.cpuUsage()
  await run(listed)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

rmSync(directory, { recursive: true, force: true })
finish()
