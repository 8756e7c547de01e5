import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PatternGrammar } from '../../../../src/collectors/ftp/log/grammar.js'
import { logServer, type LogServerOptions } from '../../../../src/collectors/ftp/log/log-server.js'
import { RemovalRefused, type Site } from '../../../../src/session-source.js'

const { signal } = new AbortController()
let directory: string
let log: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-server-'))
  log = join(directory, 'ftp.log')
})
afterEach(() => rmSync(directory, { recursive: true }))

const grammar: PatternGrammar = {
  line: /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>[\d.]+)Z (?:#(?<session>\d+) )?/,
  events: [
    { event: 'connected', pattern: /^connect (?<ip>\S+)$/ },
    { event: 'logged-in', pattern: /^login (?:(?<ip>[\d.]+) )?(?<login>\S+)$/ },
    { event: 'directory', pattern: /^cd (?<location>\S+)$/ },
    { event: 'transfer-began', way: 'down', pattern: /^get (?<file>\S+) of (?<size>\d+)$/ },
    { event: 'transfer-began', way: 'up', pattern: /^put (?<file>\S+)$/ },
    { event: 'moved', pattern: /^moved (?<bytes>\d+)$/ },
    { event: 'transfer-ended', pattern: /^done$/ },
    { event: 'closed', pattern: /^bye(?: (?<ip>[\d.]+) (?<login>\S+))?$/ },
    { event: 'server-started', pattern: /^ready$/ },
  ],
}
const source = (options: Partial<LogServerOptions> = {}) =>
  logServer({ name: 'any', log, grammar, timeZone: 'UTC', ...options })

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
/** Lines of one minute after the other, the last one of now. */
const write = (...lines: string[]) =>
  appendFileSync(log, lines.map((line, i) => `${minutesAgo(lines.length - 1 - i)} ${line}\n`).join(''))

test('a session through all that it does', async () => {
  const ftp = source()
  const shown = async () => {
    const [session] = await ftp.list(signal)
    const { status, login, location, fileName, transferredBytes, totalBytes } = session!
    return { status, login, location, fileName, transferredBytes, totalBytes }
  }
  const nothing = { login: null, location: null, fileName: null, transferredBytes: null, totalBytes: null }
  write('#1 connect 192.0.2.1')
  const [first] = await ftp.list(signal)
  expect(await shown()).toEqual({ ...nothing, status: 'authenticating' })
  write('#1 login ann', '#1 cd /a')
  const idle = { ...nothing, status: 'idle', login: 'ann', location: '/a' }
  expect(await shown()).toEqual(idle)
  write('#1 get /a/b of 1000', '#1 moved 250')
  const down = { status: 'downloading', fileName: '/a/b', transferredBytes: 250, totalBytes: 1000 }
  expect(await shown()).toEqual({ ...idle, ...down })
  write('#1 done')
  expect(await shown()).toEqual(idle)
  write('#1 put c')
  expect(await shown()).toEqual({ ...idle, status: 'uploading', fileName: 'c' })
  const [last] = await ftp.list(signal)
  expect(last!.key).toBe(first!.key)
  expect(last!.connectedAt).toEqual(first!.connectedAt)
  write('#1 bye', '#1 done', '#1 cd /late')
  expect(await ftp.list(signal)).toEqual([])
})

test('a number that comes again is another session', async () => {
  const ftp = source()
  write('#1 connect 192.0.2.1', '#1 login ann', '#2 connect 192.0.2.2')
  const before = await ftp.list(signal)
  write('#1 connect 192.0.2.3')
  const after = await ftp.list(signal)
  expect(after.map(({ ip, login }) => [ip, login]).sort()).toEqual([
    ['192.0.2.2', null],
    ['192.0.2.3', null],
  ])
  expect(before.map(({ key }) => key)).not.toContain(after.find(({ ip }) => ip === '192.0.2.3')!.key)
})

test('started in the middle: unknown is null, not guessed', async () => {
  write('#1 cd /a', '#2 bye')
  const [session, ...others] = await source().list(signal)
  expect(session).toMatchObject({ login: null, ip: null, status: null, connectedAt: null, location: '/a', type: null })
  expect(others).toEqual([])
})

test('read anew, a session has the same key', async () => {
  write('#1 connect 192.0.2.1', '#1 login ann')
  const [one] = await source().list(signal)
  const [other] = await source().list(signal)
  expect(other!.key).toBe(one!.key)
})

test('whose end was never logged is forgotten; after a start of the server nobody is left', async () => {
  writeFileSync(log, `${minutesAgo(30)} #1 connect 192.0.2.1\n${minutesAgo(20)} #2 connect 192.0.2.2\n`)
  expect(await source({ forgetAfter: 25 * 60_000 }).list(signal)).toHaveLength(1)
  expect(await source({ forgetAfter: 35 * 60_000 }).list(signal)).toHaveLength(2)
  write('ready')
  expect(await source().list(signal)).toEqual([])
})

describe('a log without numbers of sessions', () => {
  test('tells sessions apart by address and login', async () => {
    write('login 192.0.2.1 ann', 'login 192.0.2.1 bob', 'login 192.0.2.2 ann', 'bye 192.0.2.1 ann')
    const listed = await source().list(signal)
    expect(listed.map(({ ip, login }) => `${ip} ${login}`)).toEqual(['192.0.2.1 bob', '192.0.2.2 ann'])
  })

  test('twins are counted, say nothing that may be the other’s, and are not ended', async () => {
    const ftp = source({ end: async () => 'asked' })
    write('connect 192.0.2.1', 'login 192.0.2.1 ann', 'connect 192.0.2.1', 'login 192.0.2.1 ann')
    const twins = await ftp.list(signal)
    expect(twins).toHaveLength(2)
    for (const twin of twins) expect(twin).toMatchObject({ login: 'ann', connectedAt: null, lastActiveAt: null })
    await expect(ftp.end(twins[0]!, signal)).rejects.toThrow(RemovalRefused)
    write('bye 192.0.2.1 ann')
    const [left, ...others] = await ftp.list(signal)
    expect(others).toEqual([])
    expect(left).toMatchObject({ status: 'idle', connectedAt: null })
    await expect(ftp.end(left!, signal)).resolves.toBe('asked')
  })
})

test('whose a login is comes from `accounts`', async () => {
  write('#1 connect 192.0.2.1', '#1 login ann')
  const accounts = () => ({ type: 'web-user' as const, domain: 'example.org' })
  expect(await source({ accounts }).list(signal)).toMatchObject([{ type: 'web-user', domain: 'example.org' }])
  expect(await source({ anonymous: ['ann'] }).list(signal)).toMatchObject([{ type: 'anonymous', domain: null }])
})

test('without a way to end, it is refused', async () => {
  write('#1 connect 192.0.2.1')
  const ftp = source()
  const [session] = await ftp.list(signal)
  await expect(ftp.end(session!, signal)).rejects.toThrow(/only writes a log; no way to end/)
})

test('lines that no pattern knows are counted and the last are kept', async () => {
  write('#1 connect 192.0.2.1', '#1 whatever', 'nonsense')
  appendFileSync(log, `garbage \x1b[2J ${'x'.repeat(500)}\n`)
  const ftp = source()
  await ftp.list(signal)
  const { lines, of, samples } = ftp.unread()
  expect([lines, of]).toEqual([3, 4])
  expect(samples.at(-1)).toMatch(/^garbage ␛\[2J x+$/)
  expect(samples.at(-1)!.length).toBe(200)
})

test('a hint when something was written, until the signal', async () => {
  write('#1 connect 192.0.2.1')
  const stopping = new AbortController()
  const hint = new Promise<void>((resolve) => {
    const site = { changed: resolve } as unknown as Site
    source().start!(site, stopping.signal)
    const writing = setInterval(() => write('#1 cd /a'), 50)
    stopping.signal.addEventListener('abort', () => clearInterval(writing))
  })
  await hint
  stopping.abort()
})

test('a list that is aborted goes on at the next one', async () => {
  write('#1 connect 192.0.2.1')
  const ftp = source()
  await expect(ftp.list(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  expect(await ftp.list(signal)).toHaveLength(1)
  expect(await Promise.all([ftp.list(signal), ftp.list(signal)])).toMatchObject([
    [{ ip: '192.0.2.1' }],
    [{ ip: '192.0.2.1' }],
  ])
})

describe('bad input, each with a message of its own', () => {
  test.each([
    ['no log', () => undefined, /There is no log at .*ftp\.log\. Is the path right/],
    ['no directory', () => (log = join(directory, 'nowhere', 'ftp.log')), /There is no .*nowhere: check the path/],
    ['a directory', () => mkdirSync(log), /is a directory; expected a log\. Name the log in it/],
    ['a file for a directory', () => (writeFileSync(log, ''), (log = join(log, 'ftp.log'))), /is no directory/],
    [
      'another format',
      () => writeFileSync(log, 'Nov 23 12:00:00 host sshd[1]: hello\n'.repeat(10)),
      /None of 10 lines of .* is as expected, the last one being "Nov 23 12:00:00 host sshd\[1\]: hello"\. Is it the right log/,
    ],
    [
      'another zone',
      () => writeFileSync(log, `${minutesAgo(-120)} #1 connect 192.0.2.1\n`),
      /which is yet to come: say with timeZone in which zone its times are; they were read as UTC/,
    ],
  ])('%s', async (_, prepare, message) => {
    prepare()
    await expect(source().list(signal)).rejects.toThrow(message)
  })

  test('an empty log is a server without sessions', async () => {
    writeFileSync(log, '')
    expect(await source().list(signal)).toEqual([])
  })

  test.each<[string, Partial<LogServerOptions>, RegExp]>([
    ['log', { log: 'ftp.log' }, /any: option "log" is "ftp.log"; expected an absolute path/],
    ['log', { log: '/var/*/ftp.log' }, /"log"/],
    ['timeZone', { timeZone: 'CEST' }, /"timeZone" is "CEST"; expected an IANA zone/],
    ['encoding', { encoding: 'klingon' }, /"encoding" is "klingon"/],
    ['readBack', { readBack: -1 }, /"readBack" is -1/],
    ['forgetAfter', { forgetAfter: 5 }, /"forgetAfter" is 5/],
    ['grammar', { grammar: {} as PatternGrammar }, /"grammar" is an object; expected a table/],
    ['other', { other: 1 } as Partial<LogServerOptions>, /no option of that name: other/],
  ])('option %s', (_, options, message) => {
    expect(() => source(options)).toThrow(message)
    expect(() => source(options)).toThrow(TypeError)
  })
})
