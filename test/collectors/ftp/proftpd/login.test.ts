import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { Client } from 'basic-ftp'
import { spawn } from 'node:child_process'
import type { ListedFtpSession } from '../../../../src/session-source.js'
import { speaksAgainst, wholeLogin } from '../../../../src/collectors/ftp/proftpd/login.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries, type ScoreboardEntry } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const entryOf = (user: string, clientAddress = '192.0.2.7'): ScoreboardEntry =>
  [...readEntries(scoreboardBytes({}, [{ pid: 7, user, clientAddress }]))][0]!
const latin1 = (title: string) => Buffer.from(title).toString('latin1')

describe('the title of a process', () => {
  const long = 'somebody.with.a.long.name@customers.example.org'
  const cyrillic = 'кто-то.с.длинным.именем@example.org'

  test.each([
    ['the whole login', long, `proftpd: ${long} - 192.0.2.7: IDLE`, long],
    ['beyond ASCII, cut in the middle of a character', cyrillic, `proftpd: ${cyrillic} - 192.0.2.7: IDLE`, cyrillic],
    ['while a command runs', long, `proftpd: ${long} - 192.0.2.7: STOR a - b: c`, long],
    [
      'a login that is as long as the field',
      long.slice(0, 31),
      `proftpd: ${long.slice(0, 31)} - 192.0.2.7: IDLE`,
      long.slice(0, 31),
    ],
    ['a login with a mark of its own', `${long} - x: y`, `proftpd: ${long} - x: y - 192.0.2.7: IDLE`, `${long} - x: y`],
    ['that of another', long, `proftpd: nobody.with.a.long.name@customers.example.org - 192.0.2.7: IDLE`, null],
    ['of another client', long, `proftpd: ${long} - 198.51.100.1: IDLE`, null],
    ['cut off itself', long, `proftpd: ${long.slice(0, 40)}`, null],
    ['terse', long, 'proftpd: processing connection', null],
    ['none', long, '', null],
    // Which is the login? A file may have any name.
    ['with the mark twice', long, `proftpd: ${long} - 192.0.2.7: STOR a - 192.0.2.7: b`, null],
  ])('%s', (_, login, title, whole) => {
    const entry = entryOf(login)
    expect(entry.userCut).toBe(true)
    expect(wholeLogin(entry, latin1(title))).toBe(whole)
  })

  test('a login that is not cut needs none', () => {
    expect(wholeLogin(entryOf('alice'), '')).toBe('alice')
  })

  test.each([
    ['its own', 'alice', 'proftpd: alice - 192.0.2.7: IDLE', false],
    [
      'its own, with a file that calls itself a login',
      'alice',
      'proftpd: alice - 192.0.2.7: STOR bob - 192.0.2.7: x',
      false,
    ],
    ['its own, of a login that was cut', long, `proftpd: ${long} - 192.0.2.7: IDLE`, false],
    ['its own before the login', '(none)', 'proftpd: 192.0.2.7:40000: USER bob - x: y', false],
    ['its own, which is not yet that of a login', 'alice', 'proftpd: 192.0.2.7:40000: PASS (hidden)', false],
    ['one that says nothing', 'alice', 'proftpd: (accepting connections)', false],
    ['none', 'alice', '', false],
    ['of another login', 'alice', 'proftpd: bob - 192.0.2.7: IDLE', true],
    ['of a longer login', 'alice', 'proftpd: alice2 - 192.0.2.7: IDLE', true],
    ['of another client', 'alice', 'proftpd: alice - 198.51.100.1: IDLE', true],
    ['of another client before the login', '(none)', 'proftpd: 198.51.100.1:40000: (none)', true],
  ])('%s speaks against an entry, or not', (_, login, title, against) => {
    expect(speaksAgainst(entryOf(login), latin1(title))).toBe(against)
  })
})

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a login longer than the scoreboard's 31 bytes${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  const signal = new AbortController().signal
  const asked: string[] = []
  const accounts = (login: string) => (asked.push(login), { type: 'web-user' as const, domain: 'example.org' })
  let server: ProftpdServer
  const leave: (() => void)[] = []

  beforeAll(async () => {
    server = await startProftpd()
  })
  afterAll(() => server?.stop())
  afterEach(() => {
    leave.splice(0).forEach((close) => close())
    asked.splice(0)
  })

  const only = (source: ReturnType<typeof proftpd>, condition: (session: ListedFtpSession) => boolean) =>
    until(async () => {
      const sessions = await source.list(signal)
      return sessions.length === 1 && condition(sessions[0]!) && sessions[0]!
    })

  test.each(['FTP', 'FTPS'])('is shown and looked up whole over %s, and is ended', async (over) => {
    const source = proftpd({ scoreboard: server.scoreboard, accounts })
    const client = new Client()
    leave.push(() => client.close())
    const tls = over === 'FTPS' ? { secure: true, secureOptions: { rejectUnauthorized: false } } : {}
    await client.access({ host: '127.0.0.1', port: server.port, user: server.longLogin, password: 'secret', ...tls })
    const session = await only(source, ({ login }) => login === server.longLogin)
    expect(session).toMatchObject({ type: 'web-user', domain: 'example.org' })
    expect(new Set(asked)).toEqual(new Set([server.longLogin]))
    expect(await source.end(session, signal, () => source.list(signal))).toBe('asked')
    await until(async () => (await source.list(signal)).length === 0)
  })

  test('is shown whole over SFTP', async () => {
    const source = proftpd({ scoreboard: server.scoreboard })
    const url = `sftp://127.0.0.1:${server.sftpPort}/big.bin`
    const user = `${server.longLogin}:secret`
    const args = ['--silent', '--insecure', '--limit-rate', '50k', '--user', user, '--output', '/dev/null', url]
    const child = spawn('curl', args, { stdio: 'ignore' })
    leave.push(() => child.kill('SIGKILL'))
    await only(source, ({ login, status }) => login === server.longLogin && status === 'downloading')
    child.kill('SIGKILL')
    await until(async () => (await source.list(signal)).length === 0)
  })

  test('stays what it is, whatever its client calls its files', async () => {
    const source = proftpd({ scoreboard: server.scoreboard })
    const client = await RawClient.connect(server.port, server.longLogin)
    leave.push(() => client.close())
    await only(source, ({ login }) => login === server.longLogin)
    await client.begin('STOR a - 127.0.0.1: b')
    const session = await only(source, ({ status }) => status === 'uploading')
    expect(session.login).toBe(server.longLogin)
    // To who sees it for the first time, either may be the login: it is told that it is cut.
    const other = proftpd({ scoreboard: server.scoreboard, accounts })
    expect(await other.list(signal)).toMatchObject([{ login: `${server.longLogin.slice(0, 31)}…`, type: null }])
    expect(asked).toEqual([])
  })

  test('is shown as cut where no title tells it, nothing is looked up, and it is ended all the same', async () => {
    const terse = await startProftpd(['ProcessTitles terse'])
    try {
      const source = proftpd({ scoreboard: terse.scoreboard, accounts })
      const client = await RawClient.connect(terse.port, terse.longLogin)
      leave.push(() => client.close())
      const session = await only(source, ({ login }) => login !== null)
      expect(session).toMatchObject({ login: `${terse.longLogin.slice(0, 31)}…`, type: null, domain: 'Main host' })
      expect(asked).toEqual([])
      expect(await source.end(session, signal, () => source.list(signal))).toBe('asked')
      await until(() => client.control.closed)
    } finally {
      await terse.stop()
    }
  })
})
