// How long a list of SFTPGo's connections takes, beside fetching and parsing the same answer and nothing else. SFTPGo has
// no tool of its own for it; the answers come from a stand-in in this process. Needs the built package (npm run build).
import { createServer } from 'node:http'
import { once } from 'node:events'
import { sftpgo } from '../dist/collectors/ftp/sftpgo/sftpgo.js'
import { say, timed } from './report.mjs'

let connections = []
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(connections))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
const { signal } = new AbortController()

for (const sessions of [10, 100, 1000]) {
  const now = Date.now()
  connections = Array.from({ length: sessions }, (_, i) => ({
    username: `user${i}`,
    connection_id: `SFTP_${i.toString(16).padStart(40, '0')}`,
    client_version: 'SSH-2.0-bench',
    remote_address: `192.0.2.${i % 250}:50000`,
    connection_time: now - 60_000,
    last_activity: now - 1000,
    current_time: now,
    protocol: 'SFTP',
    active_transfers: [{ operation_type: 'upload', path: `/in/${i}.bin`, start_time: now - 5000, size: 1000 + i }],
    command: '',
  }))
  const source = sftpgo({ url, apiKey: 'bench' })
  if ((await source.list(signal)).length !== sessions) throw new Error('The list is not complete.')
  const bare = await timed(41, async () => {
    await (await fetch(`${url}/api/v2/connections`)).json()
  })
  const list = await timed(41, () => source.list(signal))
  say(`${sessions} connections: fetching and parsing the answer`, bare, 'ms')
  say(`${sessions} connections: a list, as a part of that`, list / bare, 'x')
}
server.close()
server.closeAllConnections()
