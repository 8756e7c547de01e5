import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gene6, type Gene6Options } from '../../../../src/collectors/ftp/gene6/gene6.js'

const { signal } = new AbortController()
let directory: string
let spool: string
let kicks: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gene6-'))
  spool = join(directory, 'gene6.jsonl')
  kicks = join(directory, 'kicks')
  mkdirSync(kicks)
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A line as gene6-sessions.vbs writes it. */
const tell = (event: string, login = '', ip = '192.0.2.1') => {
  const at = new Date().toISOString().slice(0, 19).replace('T', ' ')
  appendFileSync(spool, `{"at":"${at}","domain":"example.com","ip":"${ip}","login":"${login}","event":"${event}"}\r\n`)
}

test('what the script tells', async () => {
  const ftp = gene6({ spool, kicks, timeZone: 'UTC' })
  tell('OnClientConnected')
  expect(await ftp.list(signal)).toMatchObject([{ status: 'authenticating', login: null, domain: 'example.com' }])
  tell('OnClientLoggedIn', 'o\\u0022b\\u00e9\\u76ee')
  tell('OnDirListed', 'o\\u0022b\\u00e9\\u76ee')
  const [session] = await ftp.list(signal)
  expect(session).toMatchObject({
    status: 'idle',
    login: 'o"b\u00e9\u76ee',
    ip: '192.0.2.1',
    location: null,
    fileName: null,
  })
  tell('OnClientDisconnected', 'o\\u0022b\\u00e9\\u76ee')
  expect(await ftp.list(signal)).toEqual([])
  tell('OnClientConnected')
  appendFileSync(spool, '{"at":"2026-11-23 12:00:00","domain":"example.com","event":"OnDomainStarted"}\r\n')
  expect(await ftp.list(signal)).toEqual([])
  expect(ftp.unread().lines).toBe(0)
})

test('an end is a file that names the client as the script does', async () => {
  const ftp = gene6({ spool, kicks, timeZone: 'UTC' })
  tell('OnClientConnected')
  tell('OnClientLoggedIn', 'o\\u0022b\\u00e9')
  const [session] = await ftp.list(signal)
  expect(ftp.endsBy).toMatch(/kicks the client at its next action/)
  expect(await ftp.end(session!, signal)).toBe('asked')
  expect(await ftp.end(session!, signal)).toBe('asked')
  expect(readdirSync(kicks)).toEqual([`${session!.key}.kick`])
  expect(readFileSync(join(kicks, `${session!.key}.kick`), 'utf8')).toBe(
    '"domain":"example.com","ip":"192.0.2.1","login":"o\\u0022b\\u00e9"',
  )
})

test('who cannot be named is not ended; nor anybody without a folder for it', async () => {
  tell('OnClientConnected')
  const ftp = gene6({ spool, kicks: join(directory, 'nowhere'), timeZone: 'UTC' })
  const [unnamed] = await ftp.list(signal)
  await expect(ftp.end(unnamed!, signal)).rejects.toThrow(/nothing by which a client that has not logged on/)
  tell('OnClientLoggedIn', 'ann')
  const [session] = await ftp.list(signal)
  await expect(ftp.end(session!, signal)).rejects.toThrow(
    /nowhere could not be written to \(ENOENT\)\. Make that folder/,
  )
  await expect(gene6({ spool, timeZone: 'UTC' }).end(session!, signal)).rejects.toThrow(/gene6 only writes a log/)
})

test('its own log in the format of the W3C, whose lines may name no session', async () => {
  const log = join(directory, 'example.com-*.log')
  const at = new Date().toISOString().slice(0, 19).replace('T', ' ')
  const line = (ip: string, user: string, rest: string) => `${at} ${ip} ${user} ${rest}\r\n`
  writeFileSync(
    join(directory, 'example.com-2026-11-23.log'),
    '#Version: 1.0\r\n#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status\r\n' +
      line('192.0.2.1', '-', 'USER ann 331') +
      line('192.0.2.1', 'ann', 'PASS - 230') +
      line('192.0.2.1', 'ann', 'CWD /in 250') +
      line('192.0.2.2', 'bob', 'PASS - 230') +
      line('192.0.2.1', 'ann', 'RETR /in/a 150') +
      line('192.0.2.2', 'bob', 'QUIT - 221'),
  )
  expect(await gene6({ log, timeZone: 'UTC' }).list(signal)).toMatchObject([
    { login: 'ann', ip: '192.0.2.1', status: 'downloading', fileName: '/in/a', location: '/in', connectedAt: null },
  ])
})

test('options', () => {
  expect(() => gene6({} as Gene6Options)).toThrow(
    /"spool" is missing; expected either `spool`, the script's file, or `log`/,
  )
  expect(() => gene6({ spool, log: spool } as unknown as Gene6Options)).toThrow(TypeError)
  expect(() => gene6({ spool, kicks: 5 as unknown as string })).toThrow(/"kicks" is 5/)
})
