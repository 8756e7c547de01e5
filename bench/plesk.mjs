// What a Plesk answers: 8,000 hostings, as many as an answer may hold, and 20,000 sessions, whose times are in no order.
import { fork, execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { finish, longestGap, say } from './report.mjs'

const longest = 25
const rounds = 3
const [, , certificate] = process.argv
await (certificate === undefined ? measure() : serve(readFileSync(certificate)))

async function measure() {
  const { plesk } = await import('../dist/collectors/panel/plesk/plesk.js')
  const { pleskAccounts } = await import('../dist/collectors/ftp/shared/plesk-accounts.js')
  const directory = mkdtempSync(join(tmpdir(), 'bench-plesk-'))
  const pem = join(directory, 'both.pem')
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', ...made, '-keyout', pem, '-out', `${pem}.crt`], { stdio: 'ignore' })
  const { fingerprint256: fingerprint } = new X509Certificate(readFileSync(`${pem}.crt`))
  const server = fork(fileURLToPath(import.meta.url), [pem])
  const [port] = await once(server, 'message')
  const connection = { url: `https://127.0.0.1:${port}`, fingerprint, apiKey: 'key' }

  const gaps = { idle: [], accounts: [], sessions: [] }
  for (let round = 0; round < rounds; round++) {
    gaps.idle.push(await longestGap(() => sleep(1000)))
    gaps.accounts.push(
      await longestGap(async () => {
        const accounts = pleskAccounts(connection)
        let account
        do account = await accounts('user1')
        while (account.type === null && accounts.warnings().length === 0 && (await sleep(20, true)))
        if (account.type !== 'domain-user') throw new Error(String(accounts.warnings()))
      }),
    )
    const source = plesk({ ...connection, timeZone: 'Europe/Berlin' })
    gaps.sessions.push(await longestGap(() => source.list(new AbortController().signal)))
  }
  const least = (values) => Math.min(...values)
  say(`nothing to do for a second: the event loop's longest gap, least of ${rounds}`, least(gaps.idle), 'ms')
  say('8,000 hostings, 31 MiB: …', least(gaps.accounts), 'ms', longest)
  say('20,000 sessions, with a time zone: …', least(gaps.sessions), 'ms', longest)
  server.disconnect()
  rmSync(directory, { recursive: true })
  finish()
}

async function serve(key) {
  const times = (count, make) => Array.from({ length: count }, (_, i) => make(i + 1)).join('')
  const packet = (inside) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><packet>${inside}</packet>`)
  const get = (operator, results) => `<${operator}><get>${results}</get></${operator}>`
  const ok = (inside) => `\n<result><status>ok</status>${inside}</result>`
  const property = (name, value) => `<property><name>${name}</name><value>${value}</value></property>\n`
  const others = times(50, (i) => property(`another_${i}`, 'what it is set to'))
  const hosting = (i) =>
    `<id>${i}</id><data><gen_info><name>domain${i}.example.com</name></gen_info><hosting><vrt_hst>` +
    `${property('ftp_login', `user${i}`)}${others}</vrt_hst></hosting></data>`
  const domains = times(8000, (i) => ok(hosting(i)))
  const accounts = packet(
    get('webspace', domains) + ['site', 'subdomain', 'ftp-user'].map((name) => get(name, '')).join(''),
  )
  const webUsers = packet(get('webuser', times(8000, (i) => ok(`<filter-id>domain${i}.example.com</filter-id><login>web${i}</login>`)))) // prettier-ignore
  const time = (i) => `2026-02-${10 + (i % 15)}T0${i % 10}:00:00`
  const session = (i) => `<session><id>${'a'.repeat(32)}${i}</id><type>client</type><ip-address>192.0.2.1</ip-address><login>user${i}</login><login-time>${time(i)}</login-time><idle>${time(i * 7)}</idle></session>\n` // prettier-ignore
  const sessions = packet(get('session', `<result><status>ok</status>${times(20_000, session)}</result>`))
  const server = createServer({ key, cert: readFileSync(`${certificate}.crt`) }, (request, response) => {
    let asked = ''
    request.on('data', (chunk) => (asked += chunk))
    request.on('end', () =>
      response.end(asked.includes('<webuser>') ? webUsers : asked.includes('<webspace>') ? accounts : sessions),
    )
  })
  process.on('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
}
