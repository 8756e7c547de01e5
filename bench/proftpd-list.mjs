// How long 10, 100 and 1,000 entries of a scoreboard take: `proftpd()` beside `ftpwho -o json` on the same file, in one run; and what
// an idle ProFTPD with 1,000 sessions costs. The sessions are children, which do nothing, of a shell that is called proftpd.
// Needs the built package (npm run build) and proftpd-core.
import { execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { proftpd } from '../dist/collectors/ftp/proftpd/proftpd.js'
import { scoreboardReader } from '../dist/collectors/ftp/proftpd/scoreboard-file.js'
import { finish, say } from './report.mjs'

const began = Math.ceil(Date.now() / 1000) + 5
const run = promisify(execFile)
const { signal } = new AbortController()
// ftpwho takes no scoreboard below a directory that everybody may write to.
const dir = mkdtempSync(join(tmpdir(), 'bench-'))
const path = join(dir, 'scoreboard')
const program = join(dir, 'proftpd')
copyFileSync('/bin/bash', program)
writeFileSync(path, '')
let master
let pids = []
try {
  for (const sessions of [10, 100, 1000]) {
    await pretend(sessions)
    await compare(sessions)
  }
  await idle()
  finish()
} finally {
  master?.kill('SIGKILL')
  rmSync(dir, { recursive: true })
}

/** Starts a master with so many sessions, in place of the one before. They have the scoreboard open, and end with this bench. */
async function pretend(sessions) {
  master?.kill('SIGKILL')
  master?.stdio[3].destroy()
  const script = 'exec 4<>"$1"; for ((i = 0; i < $2; i++)); do (read -r _ <&3) & echo $!; done; echo all; read -r _ <&3'
  master = spawn(program, ['-c', script, program, path, String(sessions)], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  pids = []
  for await (const line of createInterface(master.stdout)) {
    if (line === 'all') return
    pids.push(Number(line))
  }
}

async function compare(sessions) {
  const source = proftpd({ scoreboard: path })
  write(0)
  if ((await source.list(signal)).length !== sessions) throw new Error('The list is not complete.')
  const read = scoreboardReader(path)
  const written = (work) => async (round) => {
    write(round)
    return work
  }
  const reading = await median(written(() => read(signal)))
  const listing = await median(written(() => source.list(signal)))
  const theirs = await median(() => async () => {
    const { stdout } = await run('ftpwho', ['-o', 'json', '-f', path], { maxBuffer: 64 << 20 })
    if (JSON.parse(stdout).connections.length !== sessions) throw new Error('ftpwho did not list them all.')
  })
  const first = await median(() => () => proftpd({ scoreboard: path }).list(signal))
  say(`${sessions} sessions: ftpwho -o json, and parsing it`, theirs, 'ms')
  say(`${sessions} sessions: reading the same scoreboard, as a part of that`, reading / theirs, 'x', 0.25)
  say(`${sessions} sessions: a list after every entry was written anew, as a part of that`, listing / theirs, 'x')
  say(`${sessions} sessions: the first list, which looks at every process, as a part of that`, first / theirs, 'x')
}

/** What a ProFTPD in which nothing happens costs. */
async function idle() {
  const source = proftpd({ scoreboard: path })
  utimesSync(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
  await source.list(signal)
  const rounds = 200
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round++) await source.list(signal)
  const { user, system } = process.cpuUsage(before)
  const perList = (user + system) / 1000 / rounds
  say(`${pids.length} idle sessions, listed every 2 s`, (perList / 2000) * 100, '% of a core', 0.5)
}

/** `prepare` gives what is timed. */
async function median(prepare) {
  const times = []
  for (let round = 1; round <= 41; round++) {
    const work = await prepare(round)
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[20]
}

/** A scoreboard of idle sessions; see src/collectors/ftp/proftpd/scoreboard.ts for the layout. */
function write(round) {
  const bytes = Buffer.alloc(32 + pids.length * 624)
  const now = Math.ceil(Date.now() / 1000)
  bytes.writeBigUInt64LE(0xdeadbeefn, 0)
  bytes.writeBigUInt64LE(0x01040003n, 8)
  bytes.writeInt32LE(master.pid, 16)
  bytes.writeBigInt64LE(BigInt(now), 24)
  pids.forEach((pid, slot) => {
    const entry = bytes.subarray(32 + slot * 624, 32 + (slot + 1) * 624)
    entry.writeInt32LE(pid, 0)
    const texts = [
      [`user${slot}`, 12],
      ['127.0.0.1:21', 48],
      ['Main host', 128],
      [`192.0.2.${slot % 250}`, 160],
    ]
    texts.push(['client.example', 206], ['ftp', 318], [`/some/directory/${round}`, 350], ['idle', 430])
    for (const [text, offset] of texts) entry.write(text, offset, 'latin1')
    entry.writeBigInt64LE(BigInt(began), 576)
    entry.writeBigInt64LE(BigInt(began), 584)
  })
  writeFileSync(path, bytes)
}
