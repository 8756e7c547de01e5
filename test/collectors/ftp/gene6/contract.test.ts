import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { gene6 } from '../../../../src/collectors/ftp/gene6/gene6.js'
import { logKeepsTheContract, type LogStandIn, Sessions } from '../log/log-stand-in.js'

logKeepsTheContract('gene6', 'Gene6', standIn)

/**
 * By what docs/servers/gene6-sessions.vbs writes, which also reads the kicks: when the client does something, for only then
 * is it called. It tells sessions apart by their address, and of two from one address none is ended (log-server.test.ts):
 * each has an address of its own here, whoever comes after somebody the same one.
 */
function standIn(adapter: typeof gene6, directory: string): LogStandIn {
  const log = join(directory, 'gene6.jsonl')
  const kicks = join(directory, 'kicks')
  const open = new Sessions<{ ip: string; login: string }>()
  let latest = 0
  const nameOf = ({ ip, login }: { ip: string; login: string }) =>
    `"domain":"example.com","ip":"${ip}","login":"${login}"`
  const tell = (client: { ip: string; login: string }, event: string) => {
    const at = new Date().toISOString().slice(0, 19).replace('T', ' ')
    appendFileSync(log, `{"at":"${at}",${nameOf(client)},"event":"${event}"}\r\n`)
  }
  const kickOf = (client: { ip: string; login: string }) =>
    readdirSync(kicks)
      .map((file) => join(kicks, file))
      .find((file) => file.endsWith('.kick') && readFileSync(file, 'utf8') === nameOf(client))
  const takeKick = (client: { ip: string; login: string }) => {
    const kick = kickOf(client)
    if (kick) unlinkSync(kick)
    return kick !== undefined
  }
  const leave = (id: string) => {
    const client = open.of(id)
    if (!client) return
    open.remove(id)
    takeKick(client)
    tell(client, 'OnClientDisconnected')
  }
  const act = (id: string) => {
    const client = open.of(id)!
    tell(client, 'OnDirListed')
    if (takeKick(client)) leave(id)
  }
  // Sooner or later whoever is to be kicked does something.
  setInterval(() => {
    for (const [id, client] of open.all()) if (existsSync(kicks) && kickOf(client)) act(id)
  }, 50).unref()
  mkdirSync(kicks)
  writeFileSync(log, '')
  return {
    log,
    source: adapter({ spool: log, kicks, timeZone: 'UTC' }),
    enter(login) {
      const taken = new Set(open.all().map(([, { ip }]) => ip))
      const free = Array.from({ length: 250 }, (_, i) => `192.0.2.${i + 1}`).find((ip) => !taken.has(ip))!
      const client = { ip: free, login }
      const id = open.add(String(++latest), client)
      tell({ ...client, login: '' }, 'OnClientConnected')
      takeKick(client)
      tell(client, 'OnClientLoggedIn')
      return id
    },
    act,
    leave,
    isThere: (id) => open.of(id) !== undefined,
  }
}
