import { afterAll, expect, test } from '@jest/globals'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gene6 } from '../../../../src/collectors/ftp/gene6/gene6.js'
import { iisFtp } from '../../../../src/collectors/ftp/iis/iis-ftp.js'
import type { LogSource } from '../../../../src/collectors/ftp/log/log-server.js'
import { servU } from '../../../../src/collectors/ftp/serv-u/serv-u.js'
import { checkSource } from '../../../../src/testing/index.js'
import { patience } from '../../../until.js'

const directory = mkdtempSync(join(tmpdir(), 'log-contract-'))
const elsewhere = mkdtempSync(join(tmpdir(), 'log-contract-'))
afterAll(() => [directory, elsewhere].forEach((each) => rmSync(each, { recursive: true })))

/** Stands in for a server: writes what it would log of its sessions. None of the three runs on the machines of these tests. */
interface StandIn {
  log: string
  source: LogSource
  /** Logs who comes, and gives the server's name for that session. */
  enter(login: string): string
  /** What it logs, in the server's own lines. */
  act(id: string): void
  leave(id: string): void
  isThere(id: string): boolean
}

/** Who is there, by the server's name for each. */
class Sessions<About> {
  private readonly open = new Map<string, About>()

  add(id: string, about: About): string {
    this.open.set(id, about)
    return id
  }
  of = (id: string): About | undefined => this.open.get(id)
  all = (): [string, About][] => [...this.open]
  /** Whether it was there. */
  remove = (id: string): boolean => this.open.delete(id)
}

/** By the lines that docs/servers/serv-u.md describes. */
function serv_u(): StandIn {
  const log = join(directory, 'serv-u.log')
  const open = new Sessions<true>()
  let latest = 0
  const write = (session: string, text: string) => {
    const [weekday, day, month, year, time] = new Date().toUTCString().replace(',', '').split(' ')
    appendFileSync(log, `[02] ${weekday} ${day}${month}${year!.slice(2)} ${time} - (${session}) ${text}\r\n`)
  }
  const leave = (id: string) => {
    if (!open.remove(id)) return 'already-gone'
    write(id, 'Closed session')
    return 'asked'
  }
  writeFileSync(log, '')
  return {
    log,
    source: servU({ log, timeZone: 'UTC', end: async ({ handle }) => leave(handle.session!) }),
    enter(login) {
      const id = open.add(String(++latest).padStart(6, '0'), true)
      write(id, 'Connected to 192.0.2.1 (local address 198.51.100.1, port 21)')
      write(id, `User "${login}" logged in`)
      return id
    },
    act(id) {
      write(id, 'Sending file "C:\\a.bin"')
      write(id, 'Sent file "C:\\a.bin" successfully (1.0 MB/sec - 1000 bytes)')
    },
    leave,
    isThere: (id) => open.of(id) ?? false,
  }
}

/** By the fields that docs/servers/iis.md asks for; Terminate takes a Windows, so `end` stands in for it. */
function iis(): StandIn {
  const log = join(directory, 'u_ex261123.log')
  const open = new Sessions<string>()
  let latest = 0
  const write = (id: string, user: string, port: number, rest: string, path = '-') => {
    const [date, time] = new Date().toISOString().split(/[T.]/)
    appendFileSync(log, `${date} ${time} 192.0.2.1 ${user} 198.51.100.1 ${port} ${rest} 0 0 ${id} ${path}\r\n`)
  }
  const leave = (id: string) => {
    const user = open.of(id)
    if (user === undefined) return 'already-gone'
    open.remove(id)
    write(id, user, 21, 'ControlChannelClosed - -')
    return 'asked'
  }
  const fields =
    'c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath'
  writeFileSync(log, `#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time ${fields}\r\n`)
  return {
    log,
    source: iisFtp({ log, end: async ({ handle }) => leave(handle.session!) }),
    enter(login) {
      const id = open.add(`5242ddb2-95f5-43b1-b19d-${String(++latest).padStart(12, '0')}`, login)
      write(id, '-', 21, 'ControlChannelOpened - -')
      write(id, '-', 21, `USER ${login} 331`)
      write(id, login, 21, 'PASS *** 230', '/')
      return id
    },
    act: (id) => write(id, open.of(id)!, 21, 'CWD in 250', '/in'),
    leave,
    isThere: (id) => open.of(id) !== undefined,
  }
}

/**
 * By what docs/servers/gene6-sessions.vbs writes, which also reads the kicks: when the client does something, for only then
 * is it called. It tells sessions apart by their address, and of two from one address none is ended (log-server.test.ts):
 * each has an address of its own here, whoever comes after somebody the same one.
 */
function gene_6(): StandIn {
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
    source: gene6({ spool: log, kicks, timeZone: 'UTC' }),
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

test.each([['Serv-U', serv_u] as const, ['IIS', iis] as const, ['Gene6', gene_6] as const])(
  'a source that reads the log of %s keeps the contract',
  async (_, make) => {
    const server = make()
    const { notChecked } = await checkSource(
      server.source,
      {
        logins: ['ann', 'bob'],
        async connect(login) {
          const id = server.enter(login)
          return {
            isConnected: async () => server.isThere(id),
            act: async () => server.act(id),
            disconnect: async () => void server.leave(id),
          }
        },
        async breakServer() {
          // Out of its directory: under another name beside it, it would be a log that was rotated.
          const away = join(elsewhere, basename(server.log))
          renameSync(server.log, away)
          return async () => renameSync(away, server.log)
        },
      },
      patience,
    )
    expect(notChecked.map(({ name }) => name)).not.toContain('end-ends-that-one')
  },
)
