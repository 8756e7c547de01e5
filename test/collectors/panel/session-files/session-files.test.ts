import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionFiles, type SessionFilesOptions } from '../../../../src/collectors/panel/session-files/session-files.js'
import { type ListedPanelSession, RemovalRefused } from '../../../../src/session-source.js'
import { pausesDuring } from '../../../turns.js'
import { until } from '../../../until.js'
import { FakeSite, list } from '../express-sessions/fake-site.js'

const { signal } = new AbortController()
let parent: string
let directory: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'session-files-unit-'))
  directory = join(parent, 'sessions')
  mkdirSync(directory)
})
afterEach(() => rmSync(parent, { recursive: true }))

interface Data {
  user?: string
}
type Options = Partial<SessionFilesOptions<Data, unknown>>

const session = ({ user }: Data) => (user === undefined ? null : { login: user })
const made = (options: Options = {}) => sessionFiles<Data, unknown>({ directory, session, ...options })
const path = (id: string) => join(directory, `${id}.json`)
const long = new Date('2026-01-02T03:04:05.000Z')
/** A session's file that was not written just now, so that nobody takes it for half of one. */
function write(id: string, content: unknown, at: Date | null = long): void {
  writeFileSync(path(id), typeof content === 'string' ? content : JSON.stringify(content))
  if (at) utimesSync(path(id), at, at)
}
const loginsOf = (sessions: ListedPanelSession[]) => sessions.map(({ login }) => login).sort()
const keyOf = (id: string) => createHash('sha256').update(id).digest('hex')
const end = async (source = made(), listed?: ListedPanelSession) =>
  source.end(listed ?? (await list(source))[0]!, signal, () => list(source))

describe('what is listed', () => {
  test('nobody', async () => {
    const source = made()
    expect(await list(source)).toEqual([])
    expect(source.warnings!()).toEqual([])
  })

  test('the event loop can be let go between files: where they are read, told, kept, and looked for again', async () => {
    for (let i = 0; i < 100; i++) write(`s${i}`, { user: `user${i}` })
    const source = made()
    expect(await pausesDuring(() => list(source))).toBeGreaterThanOrEqual(400)
    expect(await pausesDuring(() => list(source))).toBeGreaterThanOrEqual(500)
  })

  test('a session, by the SHA-256 of its id; the name of its file is in its handle alone', async () => {
    write('secret', { user: 'alice' })
    const [{ handle, ...listed }, ...more] = (await list(made())) as [ListedPanelSession, ...ListedPanelSession[]]
    expect(more).toEqual([])
    expect(handle).toBe('secret.json')
    expect(listed).toMatchObject({
      key: keyOf('secret'),
      login: 'alice',
      lastActiveAt: long,
      expiresAt: null,
      ip: null,
    })
    expect(JSON.stringify(listed)).not.toContain('secret')
  })

  test('what session tells, and what it leaves out', async () => {
    write('a', { user: 'alice' })
    const told = {
      ...{
        login: 7,
        type: 'administrator',
        ip: '::ffff:192.0.2.1',
        logonIp: '2001:db8::1',
        userAgent: 'curl',
        person: 'A',
      },
      ...{ loggedInAt: new Date(1000), lastActiveAt: null, expiresAt: new Date(2000) },
    }
    const [listed] = await list(made({ session: () => told }))
    expect(listed).toMatchObject({ ...told, login: '7', ip: '192.0.2.1' })
    const [other] = await list(made({ session: () => ({ login: null, lastActiveAt: undefined }) }))
    expect(other).toMatchObject({ login: null, type: null, lastActiveAt: long })
    expect(other).not.toHaveProperty('person')
  })

  test('lifetime says when each ends; one whose time is up is there until it is removed', async () => {
    write('a', { user: 'alice' })
    const [listed] = await list(made({ lifetime: 1440 }))
    expect(listed!.expiresAt).toEqual(new Date(long.getTime() + 1_440_000))
  })

  test('whoever is not logged in is no session, and other files are none', async () => {
    write('guest', {})
    for (const other of ['a.json.4711', 'notes.txt', '.json', 'x.json.bak', '...json']) {
      writeFileSync(join(directory, other), JSON.stringify({ user: other }))
    }
    const source = made({ files: /^([a-z]+)\.json$/ })
    expect(await list(source)).toEqual([])
    expect(source.warnings!()).toEqual([])
  })

  test('a decoder of the host', async () => {
    writeFileSync(join(directory, 's-1'), 'alice')
    writeFileSync(join(directory, 's-2'), 'bob')
    const named: string[] = []
    const decode = (content: Buffer, name: string) => (named.push(name), { user: content.toString() })
    expect(loginsOf(await list(made({ decode, files: /^s-(\d+)$/ })))).toEqual(['alice', 'bob'])
    expect(named.sort()).toEqual(['s-1', 's-2'])
  })

  test('what is not in the data is looked up for all at once', async () => {
    for (let i = 0; i < 1500; i++) write(`s${i}`, { user: `${i}` })
    const asked: number[] = []
    const lookup = async (all: Data[]) => (
      asked.push(all.length),
      new Map(all.map(({ user }) => [user, `name ${user}`]))
    )
    const source = made({
      lookup,
      session: ({ user }, found) => ({ login: (found as Map<unknown, string>).get(user) }),
    })
    expect(new Set(loginsOf(await list(source)))).toEqual(new Set(Array.from({ length: 1500 }, (_, i) => `name ${i}`)))
    expect(asked).toEqual([1000, 500])
  })
})

describe('what cannot be read is told, and hides no other', () => {
  test.each<[string, (file: string) => void, RegExp]>([
    ['a link', (file) => symlinkSync(path('a'), file), /a symbolic link/],
    ['a directory', (file) => mkdirSync(file), /what is no file/],
    ['a pipe that nobody writes into', (file) => void execFileSync('mkfifo', [file]), /what is no file/],
    ['more than 1 MiB', (file) => writeFileSync(file, ' '.repeat((1 << 20) + 1)), /more than 1 MiB/],
    ['half of a session', (file) => writeFileSync(file, '{"user":"b'), /10 bytes that can't be decoded/],
    ['no object', (file) => writeFileSync(file, 'null'), /4 bytes that hold no session/],
  ])('%s', async (_, make, what) => {
    write('a', { user: 'alice' })
    make(path('hidden'))
    const source = made()
    expect(loginsOf(await list(source))).toEqual(['alice'])
    const [warning, ...more] = source.warnings!()
    expect(more).toEqual([])
    expect(warning).toMatch(what)
    expect(warning).toMatch(/^1 session can't be decoded and is left out: .*let the back office read it/)
    expect(warning).toContain(keyOf('hidden').slice(0, 8))
    expect(warning).not.toContain('hidden')
  })

  test('1 MiB is read', async () => {
    write('a', `{"user":"alice"}${' '.repeat((1 << 20) - 16)}`)
    expect(loginsOf(await list(made()))).toEqual(['alice'])
  })

  test('where none can be decoded the list fails', async () => {
    write('a', 'x')
    write('b', 'y')
    await expect(list(made())).rejects.toThrow(
      /^None of the sessions .*\(2\) can be decoded.*Is decode what wrote them/,
    )
  })

  test('no file has a name as sessions have: told', async () => {
    writeFileSync(join(directory, 'sess_abc'), 'x')
    const source = made()
    expect(await list(source)).toEqual([])
    expect(source.warnings!()).toEqual([
      expect.stringMatching(/Of the 1 files .* none has a name .*check the option files/),
    ])
  })

  test.each<[string, () => unknown, RegExp]>([
    [
      'there is none',
      () => rmSync(directory, { recursive: true }),
      /There is no directory .*: is it where the panel keeps/,
    ],
    [
      'it is a file',
      () => (rmSync(directory, { recursive: true }), writeFileSync(directory, '')),
      /can't be listed \(ENOTDIR\)/,
    ],
  ])('no directory to list, for %s: an error, until it is back', async (_, make, message) => {
    write('a', { user: 'alice' })
    const source = made()
    await list(source)
    make()
    await expect(list(source)).rejects.toThrow(message)
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory)
    write('b', { user: 'bob' })
    expect(loginsOf(await list(source))).toEqual(['bob'])
  })
})

describe("the host's functions", () => {
  beforeEach(() => {
    write('a', { user: 'alice' })
    write('b', { user: 'bob' })
  })

  test.each<[string, (user: string) => unknown, RegExp]>([
    ['throws', () => JSON.parse('{'), /The option session of sessionFiles threw: /],
    ['answers no login', () => ({}), /answered without a login/],
    ['is async', () => Promise.reject(new Error('late')), /is async; what takes its time is for the option lookup/],
    ['answers a text', (user) => user, /answered a string; expected null, or an object with a login/],
    ['answers an empty login', () => ({ login: '' }), /a login that is empty; expected a text/],
    ['answers a type that is none', () => ({ login: 'a', type: {} }), /a type that is a object; expected a text/],
    [
      'answers a time that is none',
      () => ({ login: 'a', loggedInAt: new Date(NaN) }),
      /a loggedInAt that is no time; expected a Date/,
    ],
    [
      'answers a number for a time',
      () => ({ login: 'a', expiresAt: 1 }),
      /an? expiresAt that is a number; expected a Date/,
    ],
    ['answers a number for an address', () => ({ login: 'a', ip: 1 }), /an? ip that is a number; expected a text/],
  ])('session that %s for one: that one is shown without a login, and told of', async (_, tell, why) => {
    const source = made({ session: ({ user }) => (user === 'bob' ? (tell(user) as never) : { login: user }) })
    const sessions = await list(source)
    expect(sessions).toHaveLength(2)
    expect(sessions.find(({ key }) => key === keyOf('b'))!.login).toBeNull()
    expect(source.warnings!()).toEqual([expect.stringMatching(why)])
    expect(source.warnings!()[0]).toMatch(/^1 session is shown without a login\. /)
  })

  test('session that throws for all: the list fails', async () => {
    const broken = () => {
      throw new Error('no such field')
    }
    await expect(list(made({ session: broken }))).rejects.toThrow('session of sessionFiles threw: no such field')
  })

  test('lookup that fails: so does the list', async () => {
    const lookup = () => Promise.reject(new Error('no database'))
    await expect(list(made({ lookup }))).rejects.toThrow('The option lookup of sessionFiles failed: no database')
  })
})

describe('hints', () => {
  let stop: () => Promise<unknown>
  function watching(files: number) {
    for (let i = 0; i < files; i++) write(`s${i}`, { user: `u${i}` })
    const source = made()
    const site = new FakeSite()
    const stopping = new AbortController()
    const started = source.start!(site, stopping.signal)
    stop = () => (stopping.abort(), Promise.resolve(started))
    return { source, site }
  }
  afterEach(() => stop())

  test.each([3, 400])('of %d files, when one comes and when one goes', async (files) => {
    const { source, site } = watching(files)
    await list(source)
    let n = files
    await until('a hint that one has come', () => (write(`s${n++}`, {}), site.hints > 0))
    await list(source)
    const before = site.hints
    unlinkSync(path('s0'))
    await until('a hint that one has gone', () => site.hints > before)
  })

  test('a burst is more than one hint and no failure; the directory may be replaced', async () => {
    const { source, site } = watching(3)
    await list(source)
    let n = 3
    await until('a first hint', () => (write(`s${n++}`, {}), site.hints > 0))
    for (let i = 0; i < 1000; i++) write(`s${n++}`, { user: 'u' })
    expect(await list(source)).toHaveLength(1003)

    renameSync(directory, `${directory}.old`)
    await expect(list(source)).rejects.toThrow('There is no directory')
    mkdirSync(directory)
    expect(await list(source)).toEqual([])
    const before = site.hints
    await until('a hint from the new directory', () => (write(`t${n++}`, { user: 'u' }), site.hints > before))
    expect(source.warnings!()).toEqual([])
  })
})

describe('a file that is being written', () => {
  /** It is so when it is read for so many times, and otherwise after that. */
  const decodeOnce = (content: string, then: string, times = 1) => {
    let calls = 0
    const decode = (read: Buffer) => {
      if (++calls === times) write('a', then, null)
      return read.length === 0 ? {} : (JSON.parse(read.toString()) as Data)
    }
    write('a', content, null)
    return { decode, files: /^(.+)\.json$/, calls: () => calls }
  }

  test.each([['half of it'], ['']])('%j, and whole a moment later: it is read again', async (half) => {
    const { decode, files } = decodeOnce(half, '{"user":"alice"}')
    const source = made({ decode, files })
    expect(loginsOf(await list(source))).toEqual(['alice'])
    expect(source.warnings!()).toEqual([])
  })

  test.each([['half of it'], ['']])('%j for long: whoever was logged in to it is not lost', async (half) => {
    write('a', { user: 'alice' })
    const times = 4
    let calls = -1
    const decode = (read: Buffer) => {
      if (++calls === times) write('a', { user: 'alice' }, null)
      return read.length === 0 ? {} : (JSON.parse(read.toString()) as Data)
    }
    const source = made({ decode, files: /^(.+)\.json$/ })
    expect(loginsOf(await list(source))).toEqual(['alice'])
    write('a', half, null)
    expect(loginsOf(await list(source))).toEqual(['alice'])
    expect(calls).toBe(times + 1)
  })

  test('nor where there was no list before; where nobody was logged in to it, it is not waited for again', async () => {
    const { decode, files } = decodeOnce('', '{"user":"alice"}', 3)
    expect(loginsOf(await list(made({ decode, files })))).toEqual(['alice'])
    unlinkSync(path('a'))
    const visitor = decodeOnce('', '{"user":"alice"}', 3)
    unlinkSync(path('a'))
    const source = made({ decode: visitor.decode, files })
    expect(await list(source)).toEqual([])
    write('a', '', null)
    expect(await list(source)).toEqual([])
    expect(visitor.calls()).toBe(2)
  })

  test('one that stays empty is nobody as soon as it is old', async () => {
    write('a', { user: 'alice' })
    const source = made({
      decode: (read) => (read.length === 0 ? {} : (JSON.parse(read.toString()) as Data)),
      files: /^(.+)\.json$/,
    })
    expect(loginsOf(await list(source))).toEqual(['alice'])
    write('a', '', new Date(Date.now() - 1_800))
    expect(await list(source)).toEqual([])
  })

  test('nor is one waited for without end whose time is to come, as after a clock was set back', async () => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    write('a', '', new Date(Date.now() + 3_600_000))
    await Promise.all([
      expect(list(source)).rejects.toThrow("can't be decoded"),
      expect(end(source, listed)).rejects.toThrow("can't be decoded"),
    ])
  })

  test('one that stays half a file is told of, one that stays empty is nobody', async () => {
    write('a', { user: 'alice' })
    const almostOld = new Date(Date.now() - 1_900)
    write('b', '{"us', almostOld)
    const source = made()
    expect(loginsOf(await list(source))).toEqual(['alice'])
    expect(source.warnings!()).toHaveLength(1)
    write('b', '', almostOld)
    const empty = made({ decode: () => ({}), files: /^(b)\.json$/ })
    expect(await list(empty)).toEqual([])
    expect(empty.warnings!()).toEqual([])
  })

  test('an old one is not waited for', async () => {
    const { decode, files, calls } = decodeOnce('', '')
    utimesSync(path('a'), long, long)
    await list(made({ decode, files }))
    expect(calls()).toBe(1)
  })

  test('one that a look at the directory misses, because it is replaced just then, is still there', async () => {
    let isMissed = false
    /** As if the directory had not shown the file. */
    class Missing extends RegExp {
      override exec(name: string) {
        const missed = isMissed
        isMissed = false
        return missed ? null : super.exec(name)
      }
    }
    write('a', { user: 'alice' })
    const source = made({ files: new Missing('^(.+)\\.json$') })
    await list(source)
    isMissed = true
    expect(loginsOf(await list(source))).toEqual(['alice'])
    unlinkSync(path('a'))
    expect(await list(source)).toEqual([])
  })

  test('of 10,000, while others are replaced, none is missed', async () => {
    for (let i = 0; i < 10_000; i++) write(`s${i}`, { user: `u${i}` })
    const source = made()
    let isOver = false
    const lists = (async () => {
      for (let i = 0; i < 3; i++) {
        expect(await list(source)).toHaveLength(10_000)
        expect(source.warnings!()).toEqual([])
      }
    })().finally(() => (isOver = true))
    for (let i = 0; !isOver; i++) {
      const id = `s${(i * 7919) % 10_000}`
      const file = path(id)
      writeFileSync(`${file}.${i}`, readFileSync(file))
      renameSync(`${file}.${i}`, file)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await lists
  })
})

describe('ending', () => {
  test('removes that file and no other', async () => {
    write('a', { user: 'alice' })
    write('b', { user: 'alice' })
    const source = made()
    const listed = (await list(source)).find(({ key }) => key === keyOf('a'))!
    expect(await end(source, listed)).toBe('asked')
    expect([existsSync(path('a')), existsSync(path('b'))]).toEqual([false, true])
    expect(await end(source, listed)).toBe('already-gone')
  })

  test('one that was written anew since, or replaced, is the same session', async () => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    write('new', { user: 'alice', n: 1 })
    renameSync(path('new'), path('a'))
    expect(await end(source, listed)).toBe('asked')
    expect(existsSync(path('a'))).toBe(false)
  })

  test.each<[string, () => void]>([
    ["another login's", () => write('a', { user: 'bob' })],
    ['a link', () => (write('b', { user: 'alice' }), unlinkSync(path('a')), symlinkSync(path('b'), path('a')))],
    ['no session', () => write('a', 'x')],
  ])('one that is now %s is refused', async (_, make) => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    make()
    await expect(end(source, listed)).rejects.toThrow(RemovalRefused)
    await expect(end(source, listed)).rejects.toThrow(/^It is no longer the session that was listed/)
    expect(existsSync(path('a'))).toBe(true)
  })

  test('one to which nobody is logged in any more has gone', async () => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    write('a', {})
    expect(await end(source, listed)).toBe('already-gone')
    expect(existsSync(path('a'))).toBe(true)
  })

  test('one that is written between the check and the removal is checked again', async () => {
    write('a', { user: 'alice' })
    const source = made({
      session(data) {
        meanwhile()
        return session(data)
      },
    })
    let meanwhile = () => {}
    const [listed] = await list(source)
    let n = 0
    meanwhile = () => n++ < 3 && write('a', { user: 'alice', n }, null)
    expect(await end(source, listed)).toBe('asked')
    expect(n).toBe(4)

    write('a', { user: 'alice' })
    meanwhile = () => write('a', { user: 'alice', n: n++ }, null)
    await expect(end(source, listed)).rejects.toThrow(/written anew each time .* 10 times/)
    meanwhile = () => write('a', { user: 'bob' })
    await expect(end(source, listed)).rejects.toThrow(RemovalRefused)
    expect(existsSync(path('a'))).toBe(true)
  })

  test('one that is half written is read again', async () => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    write('a', '{"user":"al', null)
    const ending = end(source, listed)
    write('a', { user: 'alice' }, null)
    expect(await ending).toBe('asked')
  })

  test('one that is empty for long has not gone', async () => {
    write('a', { user: 'alice' })
    let reads = 0
    const decode = (read: Buffer) => {
      if (read.length > 0) return JSON.parse(read.toString()) as Data
      if (++reads === 4) write('a', { user: 'alice' }, null)
      return {}
    }
    const source = made({ decode, files: /^(.+)\.json$/ })
    const [listed] = await list(source)
    write('a', '', null)
    expect(await end(source, listed)).toBe('asked')
    expect(existsSync(path('a'))).toBe(false)
  })

  test('nothing is done where its signal is aborted', async () => {
    write('a', { user: 'alice' })
    const source = made()
    const [listed] = await list(source)
    await expect(source.end(listed!, AbortSignal.abort(new Error('Too late.')), () => list(source))).rejects.toThrow(
      'Too late.',
    )
    expect(existsSync(path('a'))).toBe(true)
    await expect(source.list(AbortSignal.abort(new Error('Too late.')))).rejects.toThrow('Too late.')
  })
})

describe('options', () => {
  const right = { directory: '/var/lib/php/sessions', session }
  test.each([
    [{}, /"directory" is missing; expected an absolute path/],
    [{ ...right, directory: 'sessions' }, /"directory" is "sessions"; expected an absolute path/],
    [{ directory: '/s' }, /"session" is missing; expected a function/],
    [{ ...right, session: 'user' }, /"session" is "user"; expected a function/],
    [{ ...right, decode: 'igbinary' }, /"decode" is "igbinary"; expected 'json', 'php', 'php_serialize' or a function/],
    [{ ...right, decode: 'toString' }, /"decode" is "toString"/],
    [{ ...right, decode: () => ({}) }, /"files" is missing; expected a RegExp that says which files are sessions/],
    [{ ...right, files: 'sess_*' }, /"files" is "sess_\*"; expected a RegExp without the flags g and y, with a group/],
    [{ ...right, files: /^sess_(.*)$/g }, /"files".*without the flags g and y/],
    [{ ...right, files: /^sess_/ }, /"files".*with a group/],
    [{ ...right, lookup: {} }, /"lookup" is an object; expected a function/],
    [{ ...right, lifetime: 0 }, /"lifetime" is 0; expected a number of seconds, 1 to 1,000,000,000/],
    [{ ...right, lifetime: Infinity }, /"lifetime" is null; expected a number of seconds/],
    [{ ...right, name: '' }, /"name" is ""; expected a text of 1 to 64 characters/],
    [{ ...right, host: 1 }, /"host" is 1; expected a text/],
    [{ ...right, path: '/s' }, /no option of that name: path; expected one of directory, decode, files/],
    [null, /"directory" is missing/],
  ])('%j', (options, message) => {
    expect(() => sessionFiles(options as never)).toThrow(TypeError)
    expect(() => sessionFiles(options as never)).toThrow(message)
  })

  test('its name is session-files', () => {
    expect(sessionFiles(right)).toMatchObject({
      name: 'session-files',
      kind: 'panel',
      evidence: 'live',
      host: undefined,
    })
    expect(sessionFiles({ ...right, name: 'shop', host: 'panel' })).toMatchObject({ name: 'shop', host: 'panel' })
  })
})
