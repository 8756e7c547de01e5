import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servU, servUGrammar } from '../../../../src/collectors/ftp/serv-u/serv-u.js'

const { signal } = new AbortController()
const directory = mkdtempSync(join(tmpdir(), 'serv-u-'))
const log = join(directory, 'serv-u.log')
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(() => writeFileSync(log, ''))

/** `Sat 02Sep26 13:27:52`, so many minutes ago, in a zone. */
function stamp(minutes: number, timeZone = 'UTC'): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', day: '2-digit', month: 'short', year: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  const parts = new Map(format.formatToParts(Date.now() - minutes * 60_000).map(({ type, value }) => [type, value]))
  const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!
  const month = at('month').slice(0, 3)
  return `${at('weekday')} ${at('day')}${month}${at('year')} ${at('hour')}:${at('minute')}:${at('second')}`
}
const write = (...lines: string[]) => appendFileSync(log, lines.map((line) => `${line}\r\n`).join(''), 'latin1')

test('the lines of a Serv-U, in local time', async () => {
  const timeZone = 'America/New_York'
  write(
    `[01] ${stamp(9, timeZone)} - Serv-U File Server - (C) its makers - Started`,
    `[02] ${stamp(8, timeZone)} - (000123) Connected to 192.0.2.1 (local address 198.51.100.1, port 21)`,
    `[02] ${stamp(7, timeZone)} - (000124) Connected to 2001:db8::1 (local address 2001:db8::2, port 990)`,
    `[02] ${stamp(6, timeZone)} - (000123) User "jos\u00e9" logged in`,
    `[30] ${stamp(5, timeZone)} - (000123) 230 User logged in, proceed.`,
    `[03] ${stamp(4, timeZone)} - (000123) Sending file "C:\\FTP\\a "odd" name.bin"`,
    `[02] ${stamp(3, timeZone)} - (000124) User ann logged in`,
    `[04] ${stamp(2, timeZone)} - (000124) Receiving file C:\\FTP\\in.bin`,
  )
  const source = servU({ log, timeZone })
  const listed = await source.list(signal)
  expect(listed).toMatchObject([
    {
      login: 'jos\u00e9',
      ip: '192.0.2.1',
      status: 'downloading',
      fileName: 'C:\\FTP\\a "odd" name.bin',
      location: null,
    },
    { login: 'ann', ip: '2001:db8::1', status: 'uploading', fileName: 'C:\\FTP\\in.bin' },
  ])
  expect(listed[0]!.handle).toMatchObject({ session: '000123', serverIp: '198.51.100.1', serverPort: 21, port: null })
  expect(Math.round((Date.now() - listed[0]!.connectedAt!.getTime()) / 60_000)).toBe(8)
  expect(Math.round((Date.now() - listed[1]!.lastActiveAt!.getTime()) / 60_000)).toBe(2)
  expect(source.unread()).toMatchObject({ lines: 2, of: 8 })

  write(
    `[03] ${stamp(1, timeZone)} - (000123) Sent file "C:\\FTP\\a.bin" successfully (1.2 MB/sec - 1234567 bytes)`,
    `[02] ${stamp(0, timeZone)} - (000124) Closed session, disconnected by the client`,
  )
  expect(await source.list(signal)).toMatchObject([{ login: 'jos\u00e9', status: 'idle', fileName: null }])
})

test('every pattern can be another', async () => {
  write(`[02] ${stamp(1)} - (000001) Verbunden mit 192.0.2.1`, `[02] ${stamp(0)} - (000001) Angemeldet: ann`)
  const events = [
    { event: 'connected' as const, pattern: /^Verbunden mit (?<ip>\S+)/ },
    { event: 'logged-in' as const, pattern: /^Angemeldet: (?<login>.+)$/ },
  ]
  const grammar = { ...servUGrammar, events: [...events, ...servUGrammar.events] }
  expect(await servU({ log, timeZone: 'UTC', grammar }).list(signal)).toMatchObject([{ ip: '192.0.2.1', login: 'ann' }])
})

test('it is ended as the option says, or not at all', async () => {
  write(`[02] ${stamp(0)} - (000001) Connected to 192.0.2.1 (local address 198.51.100.1, port 21)`)
  const refusing = servU({ log, timeZone: 'UTC' })
  const [session] = await refusing.list(signal)
  await expect(refusing.end(session!, signal)).rejects.toThrow('serv-u only writes a log')
  const asked: unknown[] = []
  const ending = servU({ log, timeZone: 'UTC', end: async ({ handle }) => (asked.push(handle.ip), 'asked' as const) })
  const [same] = await ending.list(signal)
  expect(await ending.end(same!, signal)).toBe('asked')
  expect(asked).toEqual(['192.0.2.1'])
})
