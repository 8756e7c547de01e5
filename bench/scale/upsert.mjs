// What one would write first: every two seconds all sessions of some hosts, changed or not, in statements of 1,000 rows.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { measured } from './measured.mjs'
import { madeUpServer } from './sessions.mjs'

const { url, hosts, size, every } = JSON.parse(process.argv[2])
const rowsPerStatement = 1000
const client = new pg.Client(url)
await client.connect()
const servers = hosts.map((host) => ({ host, list: madeUpServer({ host, size }).source.list }))
const passes = []
let rows = 0

async function upsert(host, sessions) {
  const columns = ['host', 'source', ...Object.keys(sessions[0])]
  const values = sessions.flatMap((session) => [host, 'made-up', ...Object.values(session)])
  const places = sessions.map((_, r) => `(${columns.map((_, c) => `$${r * columns.length + c + 1}`).join()})`)
  const quoted = columns.map((name) => `"${name}"`)
  await client.query(
    `INSERT INTO adminjs_sessions_ftp (${quoted.join()}) VALUES ${places.join()}
     ON CONFLICT (host, source, key) DO UPDATE SET ${quoted.map((name) => `${name} = EXCLUDED.${name}`).join()}`,
    values,
  )
  rows += sessions.length
}

let began
measured({
  begin() {
    rows = 0
    passes.length = 0
  },
  // One that is still under way has taken as long, at least.
  end: () => ({ rows, passes: [...passes, ...(passes.length === 0 ? [Date.now() - began] : [])] }),
})
for (;;) {
  began = Date.now()
  for (const { host, list } of servers) {
    const listed = await list()
    for (let i = 0; i < listed.length; i += rowsPerStatement) await upsert(host, listed.slice(i, i + rowsPerStatement))
  }
  passes.push(Date.now() - began)
  await sleep(Math.max(0, began + every - Date.now()))
}
