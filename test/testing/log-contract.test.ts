import { afterAll, expect, test } from '@jest/globals'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servU } from '../../src/collectors/ftp/serv-u/serv-u.js'
import { checkSource, type ScenarioClient } from '../../src/testing/index.js'
import { patience } from '../until.js'

const directory = mkdtempSync(join(tmpdir(), 'log-contract-'))
const elsewhere = mkdtempSync(join(tmpdir(), 'log-contract-'))
afterAll(() => [directory, elsewhere].forEach((each) => rmSync(each, { recursive: true })))

/** Writes what a Serv-U would log of its sessions. A stand-in: there is no Serv-U for these tests. */
function standIn() {
  const log = join(directory, 'serv-u.log')
  writeFileSync(log, '')
  const open = new Set<string>()
  let latest = 0
  const write = (session: string, text: string) => {
    const [weekday, day, month, year, time] = new Date().toUTCString().replace(',', '').split(' ')
    appendFileSync(log, `[02] ${weekday} ${day}${month}${year!.slice(2)} ${time} - (${session}) ${text}\r\n`)
  }
  return {
    log,
    connect(login: string): { id: string } & ScenarioClient {
      const id = String(++latest).padStart(6, '0')
      open.add(id)
      write(id, 'Connected to 192.0.2.1 (local address 198.51.100.1, port 21)')
      write(id, `User "${login}" logged in`)
      return {
        id,
        isConnected: async () => open.has(id),
        async act() {
          write(id, 'Sending file "C:\\a.bin"')
          write(id, 'Sent file "C:\\a.bin" successfully (1.0 MB/sec - 1000 bytes)')
        },
        disconnect: async () => void this.close(id),
      }
    },
    close(id: string): 'asked' | 'already-gone' {
      if (!open.delete(id)) return 'already-gone'
      write(id, 'Closed session')
      return 'asked'
    },
  }
}

test('a source that reads a log keeps the contract', async () => {
  const server = standIn()
  const source = servU({ log: server.log, timeZone: 'UTC', end: async ({ handle }) => server.close(handle.session!) })
  const { notChecked } = await checkSource(
    source,
    {
      logins: ['ann', 'bob'],
      connect: async (login) => server.connect(login),
      async breakServer() {
        // Out of its directory: under another name beside it, it would be a log that was rotated.
        const away = join(elsewhere, 'serv-u.log')
        renameSync(server.log, away)
        return async () => renameSync(away, server.log)
      },
    },
    patience,
  )
  expect(notChecked.map(({ name }) => name)).not.toContain('end-ends-that-one')
})
