// How long it takes from a logon or a transfer at a real ProFTPD until an open page has it: the example, in a process of its own,
// and a client that asks as the page does, its question waiting at the server. And what an open page costs where nothing happens.
// Needs root, the built package (npm run build) and proftpd-core.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'basic-ftp'
import { finish, say } from './report.mjs'

const rounds = 40
const data = mkdtempSync(join(tmpdir(), 'bench-page-'))
const example = spawn(
  process.execPath,
  [fileURLToPath(new URL('../examples/back-office/start.mjs', import.meta.url))],
  {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', EXAMPLE_DATA: data, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const gone = once(example, 'exit')
try {
  let said = ''
  for await (const text of example.stdout.setEncoding('utf8')) if ((said += text).includes('Ctrl-C ends it all.')) break
  example.stdout.resume?.()
  const [, url] = /The back office is at (\S+)/.exec(said)
  const port = Number(/ftp:\/\/127\.0\.0\.1:(\d+)/.exec(said)[1])
  const passwordOf = (login) => new RegExp(`^ {2}${login} +([0-9a-f]{8})`, 'm').exec(said)[1]
  const cookie = await logOn(url, passwordOf('admin@example.com'))
  const page = open(url, cookie, 'FtpSession', { 'filters.login': '=press' })

  const delays = { logon: [], transfer: [] }
  for (let i = 0; i < rounds; i++) {
    const ftp = new Client()
    const seen = page.until((rows) => rows.some(({ login }) => login === 'press'))
    await sleep(500 + Math.random() * 1000)
    const connected = performance.now()
    await ftp.access({ host: '127.0.0.1', port, user: 'press', password: passwordOf('press') })
    delays.logon.push((await seen) - connected)

    const uploading = page.until((rows) => rows.some((row) => row.login === 'press' && row.status === 'uploading'))
    await sleep(500 + Math.random() * 1000)
    const begun = performance.now()
    const endless = new Readable({ read: () => void setTimeout(() => endless.push(Buffer.alloc(4096)), 100) })
    const cut = ftp.uploadFrom(endless, `bench-${i}.bin`).catch(() => undefined)
    delays.transfer.push((await uploading) - begun)

    const left = page.until((rows) => rows.every(({ login }) => login !== 'press'))
    ftp.close()
    endless.destroy()
    await Promise.all([cut, left])
  }
  for (const [what, all] of Object.entries(delays)) {
    all.sort((a, b) => a - b)
    say(`from a ${what} until an open page has it, in the middle`, all[rounds >> 1], 'ms')
    say(`from a ${what} until an open page has it, for 95 of 100`, all[Math.ceil(rounds * 0.95) - 1], 'ms', 1000)
  }
  const quiet = open(url, cookie, 'PanelSession', {})
  await sleep(5_000)
  const before = quiet.asked()
  await sleep(75_000)
  say('questions of a page on which nothing changes, in 25 s', (quiet.asked() - before) / 3, 'x', 1.4)
  finish()
} finally {
  example.kill('SIGTERM')
  await gone
  rmSync(data, { recursive: true })
}

/** The cookies of an admin. */
async function logOn(url, password) {
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ email: 'admin@example.com', password }),
  })
  return login.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
}

/** A list, as a browser has it open. */
function open(url, cookie, resource, filters) {
  const headers = { cookie, 'x-adminjs-sessions-poll': '1' }
  let known
  let asked = 0
  let wanted = () => false
  let met = () => undefined
  void (async () => {
    for (;;) {
      const query = new URLSearchParams(filters)
      if (known)
        for (const [name, value] of Object.entries({ known: known.tag, since: known.revision })) query.set(name, value)
      asked++
      const answer = await (await fetch(`${url}/api/resources/${resource}/actions/list?${query}`, { headers })).json()
      if (answer.unchanged) known.revision = answer.revision
      else known = { ...answer.sessions, rows: answer.records.map(({ params }) => params) }
      if (wanted(known.rows)) met(performance.now())
      await sleep(400)
    }
  })().catch(() => undefined)
  return {
    asked: () => asked,
    until: (condition) => new Promise((resolve) => ([wanted, met] = [condition, resolve])),
  }
}
