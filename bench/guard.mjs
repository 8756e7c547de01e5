// What the guard costs each request of its host: requests a second and p99, with and without it, in turn and side by side;
// and how soon a hold of another process is in force.
import { fork, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Holds } from '../dist/database/holds.js'
import { openDatabase } from '../dist/database/open-database.js'
import { finish, median, say } from './report.mjs'
import { freePort } from './sessions/open.mjs'

// Two processes of the same program differ by more than the guard costs: so each has both, and there are several.
const processes = Number(process.env.PROCESSES ?? 5)
const secondsPerProcess = Number(process.env.SECONDS ?? 6)
// A machine's speed changes from one second to the next by more than that, too: so the two take turns many times a second.
const requestsPerTurn = 100
const clients = 20
const directory = mkdtempSync(join(tmpdir(), 'bench-guard-'))
const running = []
const endAll = () => running.forEach((child) => child.kill('SIGINT'))
// Also where it fails.
process.once('exit', () => {
  endAll()
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 })
})

/** A program of its own, stopped at the end; null where it is not installed. */
async function started(program, args, ready, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  running.push(child)
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${program} ended`)))
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => ready.test(data) && resolve())
  })
}

async function redis() {
  const port = await freePort()
  try {
    await started('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], /Ready to accept/)
  } catch {
    return null
  }
  return `redis://127.0.0.1:${port}`
}

async function postgres() {
  if (!existsSync('/usr/lib/postgresql')) return null
  const binaries = join('/usr/lib/postgresql', readdirSync('/usr/lib/postgresql').sort().at(-1), 'bin')
  const data = join(directory, 'postgres')
  const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'])))
  const as = process.getuid() === 0 ? { uid, gid } : {}
  if (as.uid) chownSync(directory, uid, gid)
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    ...as,
    cwd: '/',
  })
  const port = await freePort()
  const config = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'].flatMap((one) => ['-c', one])
  const ready = /ready to accept connections/
  await started(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...config], ready, { ...as, cwd: '/' })
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

/** The two back offices of one process: on a bare store, and on a guarded one. */
async function bareAndGuarded(options) {
  const child = fork(fileURLToPath(new URL('guard/server.mjs', import.meta.url)), [JSON.stringify(options)])
  running.push(child)
  const [ports] = await once(child, 'message')
  const offices = []
  for (const port of ports) {
    const agent = new Agent({ keepAlive: true, maxSockets: clients })
    const cookies = []
    for (let i = 0; i < clients; i++) cookies.push((await ask({ port, agent, path: `/login/user${i}` })).cookie)
    offices.push({ port, agent, cookies })
  }
  const stop = async () => {
    for (const { agent } of offices) agent.destroy()
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { offices, stop }
}

function ask({ port, agent, path, cookie }) {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent, path, headers: cookie ? { cookie } : {} }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`))
      let text = ''
      answer
        .setEncoding('utf8')
        .on('data', (data) => (text += data))
        .on('end', () => resolve({ text, cookie: answer.headers['set-cookie']?.[0].split(';')[0] }))
    }).on('error', reject)
  })
}

/** So many clients, each with one request after the other: one turn of one office. */
async function turn({ port, agent, cookies }, howMany, sum) {
  const cpu = async () => Number((await ask({ port, agent, path: '/cpu' })).text)
  const client = async (cookie) => {
    for (let i = 0; i < requestsPerTurn / howMany; i++) {
      const began = performance.now()
      await ask({ port, agent, path: '/page', cookie })
      sum.took.push(performance.now() - began)
    }
  }
  const cpuBefore = await cpu()
  const began = performance.now()
  await Promise.all(cookies.slice(0, howMany).map(client))
  sum.ms += performance.now() - began
  sum.cpu += (await cpu()) - cpuBefore
}

/** Both offices in turn, and each as often first. */
async function load(offices, howMany, seconds) {
  const sums = offices.map(() => ({ took: [], ms: 0, cpu: 0 }))
  const until = performance.now() + 1000 * seconds
  for (let first = 0; performance.now() < until; first = 1 - first) {
    for (const which of [first, 1 - first]) await turn(offices[which], howMany, sums[which])
  }
  return sums.map(({ took, ms, cpu }) => {
    took.sort((a, b) => a - b)
    const p99 = took[Math.floor(took.length * 0.99)]
    return { perSecond: (1000 * took.length) / ms, p99, cpuPerRequest: cpu / took.length }
  })
}

/** Where the guard's own tables are. */
function database(store, i) {
  return store === 'postgres'
    ? { type: 'postgres', url: places.postgres }
    : { type: 'sqlite', database: join(directory, `${store}${i}.sqlite`) }
}

const places = { redis: await redis(), postgres: await postgres() }
for (const store of ['memory', 'redis', 'postgres']) {
  if (store !== 'memory' && places[store] === null) {
    console.log(`${store} is not installed: left out`)
    continue
  }
  const results = { [clients]: [], 1: [] }
  for (let i = 0; i < processes; i++) {
    const { offices, stop } = await bareAndGuarded({ store, ...places, database: database(store, i) })
    await load(offices, clients, 2)
    for (const howMany of [clients, 1]) results[howMany].push(await load(offices, howMany, secondsPerProcess))
    await stop()
  }
  for (const howMany of [clients, 1]) {
    const rounds = results[howMany]
    const of = (which, figure) => median(rounds.map((both) => both[which][figure]))
    const more = (figure) => 100 * (median(rounds.map(([bare, guarded]) => guarded[figure] / bare[figure])) - 1)
    const who = `${store}, ${howMany === 1 ? '1 client' : `${howMany} clients`}`
    say(`${who}: requests a second without the guard`, of(0, 'perSecond'), '/s')
    say(`${who}: requests a second with it`, of(1, 'perSecond'), '/s')
    say(`${who}: share of them that it costs, median of ${processes} processes`, -more('perSecond'), '%', 5)
    say(`${who}: processor time a request, more`, more('cpuPerRequest'), '%', 5)
    say(`${who}: p99 with it against without, more`, more('p99'), '%', 5)
    say(`${who}: p99 with it`, of(1, 'p99'), 'ms')
  }
}

/** From the commit in one process to another's "held", asked for all the while. */
async function inForce(options) {
  const [a, b] = [await openDatabase(options), await openDatabase(options)]
  const [mine, others] = [new Holds(a), new Holds(b)]
  await Promise.all([mine.read(), others.read()])
  const took = []
  for (let i = 0; i < 20; i++) {
    const value = `session ${i}`
    const began = performance.now()
    const added = mine.add([{ host: 'h', source: 's', by: 'session', value, until: null, removalId: i }])
    while (!(await others.isHeld('s', 'session', value))) await new Promise(setImmediate)
    took.push(performance.now() - began)
    await added
  }
  await Promise.all([a.close(), b.close()])
  return { median: median(took), longest: Math.max(...took) }
}

for (const [name, options] of [
  ['SQLite', { type: 'sqlite', database: join(directory, 'holds.sqlite') }],
  ...(places.postgres ? [['PostgreSQL', { type: 'postgres', url: places.postgres }]] : []),
]) {
  const { median: half, longest } = await inForce(options)
  say(`a hold of another process is in force, ${name}: median`, half, 'ms')
  say(`a hold of another process is in force, ${name}: longest of 20`, longest, 'ms', 250)
}

endAll()
finish()
