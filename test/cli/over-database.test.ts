import '../fresh-dist.mjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataSource } from 'typeorm'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import { firstVersion } from '../database/first-version.js'
import { databasePlaces } from '../servers/database-places.js'
import { postgresMissing, startPostgres } from '../servers/postgres.js'
import { thorough } from '../thorough.js'
import { until } from '../until.js'
import { ran as ranHere } from './ran.js'

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const files = new URL('../hosts/files-as-sessions.mjs', import.meta.url).href
const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-over-database-'))
afterAll(() => rmSync(directory, { recursive: true }))

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function run(args: string[]) {
  const child = spawn(process.execPath, [command, ...args], { cwd: directory })
  children.push(child)
  let [out, error] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (error += text))
  const exit = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, out: () => out, error: () => error, exit, all: async () => ({ code: await exit, out, error }) }
}

/** Runs a command to its end, as a process of its own. */
const ranAlone = (...args: string[]) => run(args).all()

/** The same within this process. */
const ran = (...args: string[]) => ranHere(args)

/** A configuration whose source is a directory: each file in `sessions/` is a session of the login that is its name. */
function configuration(name: string, database: DatabaseOptions, more: object = {}) {
  const place = join(directory, name)
  for (const part of ['sessions', 'ended', 'asked']) mkdirSync(join(place, part), { recursive: true })
  const config = join(place, 'sessions.config.mjs')
  writeFileSync(
    config,
    [
      `import { renameSync, statSync, writeFileSync } from 'node:fs'`,
      `import { filesAsSessions } from ${JSON.stringify(files)}`,
      `const place = ${JSON.stringify(place)}`,
      `const source = filesAsSessions(place)`,
      `const asked = () => writeFileSync(place + '/asked/' + process.pid, '')`,
      `const dated = (one) => {`,
      `  const connectedAt = statSync(place + '/sessions/' + one.login).mtime`,
      `  return { ...one, key: one.login + connectedAt.toISOString(), connectedAt }`,
      `}`,
      `const keptOut = (holds) => {`,
      // Whole or not at all: the test reads it at any time.
      `  writeFileSync(place + '/kept-out.new', JSON.stringify(holds.map(({ value }) => value)))`,
      `  renameSync(place + '/kept-out.new', place + '/kept-out')`,
      `}`,
      `export default () => ({`,
      `  sources: [{`,
      `    ...source,`,
      `    start: asked,`,
      `    list: async () => (asked(), (await source.list()).map(dated)),`,
      `    keepOut: { by: ['login'], apply: async (holds) => keptOut(holds) },`,
      `  }],`,
      `  database: ${JSON.stringify(database)},`,
      `  host: 'h1',`,
      `  ...${JSON.stringify({ pollEvery: 300, ...more })},`,
      `})`,
    ].join('\n'),
  )
  return {
    config,
    open: (login: string) => writeFileSync(join(place, 'sessions', login), ''),
    sessions: () => readdirSync(join(place, 'sessions')).sort(),
    /** The processes that have started or read the source. */
    readers: () => readdirSync(join(place, 'asked')).map(Number),
    keptOut: () =>
      existsSync(join(place, 'kept-out'))
        ? (JSON.parse(readFileSync(join(place, 'kept-out'), 'utf8')) as string[])
        : [],
  }
}

const json = (out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe.each(databasePlaces)('over $name alone', ({ name, missing, start }) => {
  const testHere = missing ? test.skip : test
  const testAlso = thorough || name !== 'PostgreSQL' ? testHere : () => {}
  let place: Awaited<ReturnType<typeof start>>
  let database: Database
  let host: ReturnType<typeof configuration>
  beforeAll(async () => {
    if (missing) return
    place = await start()
    database = await openDatabase(place.options)
    host = configuration(name.replaceAll(' ', '-'), place.options)
  })
  afterAll(async () => {
    await database?.close()
    await place?.stop()
  })

  async function collector(config = host.config) {
    const running = run(['collect', '--config', config])
    await until('its first reading', () => running.out().includes('files on h1 is read: '))
    return running
  }
  const on = (...args: string[]) => [...args, '--config', host.config]
  const listed = (login: string) => until(`a row of ${login}`, () => database.ftpSessions.findOneBy({ login }))
  /** As three minutes after its last sign of life. */
  const silent = () => database.sourceStatuses.update({ host: 'h1' }, { seenAt: new Date(Date.now() - 10 * 60_000) })
  const lease = () => database.leases.findOneByOrFail({ host: 'h1' })

  testAlso('list reads the rows; nothing is collected, and the lease stays where it is', async () => {
    host.open('alice')
    const running = await collector()
    await listed('alice')
    const before = await lease()
    const shown = await ranAlone(...on('list'))
    expect(shown).toMatchObject({ code: 0, error: '' })
    expect(shown.out).toMatch(/^No panel sessions\.\nID +LOGIN .*\n\d+ +alice +idle +192\.0\.2\.1 .*files +h1\n$/)
    const { code, out } = await ran(...on('list', 'ftp', '--login', 'alice', '--json'))
    expect({ code, rows: json(out) }).toEqual({
      code: 0,
      rows: [expect.objectContaining({ kind: 'ftp', login: 'alice', host: 'h1', source: 'files', status: 'idle' })],
    })
    expect((await ran(...on('list', 'ftp', '--login', 'nobody'))).out).toBe('No FTP sessions.\n')
    expect(host.readers()).toEqual([running.child.pid])
    expect(await lease()).toEqual({ ...before, challenge: expect.anything(), answer: expect.anything() })
  })

  testHere(
    'remove writes what the collector carries out, at once; who asked is the system’s user, or who is said',
    async () => {
      // It is told, or finds out by the file: an hour from now it would poll.
      const slow = configuration(`${name.replaceAll(' ', '-')}-slow`, place.options, {
        pollEvery: 3600_000,
        host: 'h2',
      })
      slow.open('bob')
      slow.open('carol')
      const running = run(['collect', '--config', slow.config])
      await until('its first reading', () => running.out().includes('files on h2 is read: '))
      await listed('carol')
      const at = ['--host', 'h2', '--config', slow.config]
      expect(await ran('remove', '--login', 'bob', ...at)).toMatchObject({
        code: 3,
        error: 'Nothing was ended. With --yes these end.\n',
      })
      expect(slow.sessions()).toEqual(['bob', 'carol'])
      const bob = await ranAlone('remove', '--login', 'bob', '--reason', 'a test', '--yes', ...at)
      expect(bob.out).toMatch(new RegExp(`bob +192\\.0\\.2\\.1 +files +h2 +ended +${userInfo().username} +a test`))
      expect(bob).toMatchObject({ code: 0, error: '' })
      expect(slow.sessions()).toEqual(['carol'])
      const carol = await ran('remove', '--login', 'carol', '--by', 'support', '--yes', '--json', ...at)
      expect(json(carol.out)).toMatchObject([
        { login: 'carol', outcome: 'ended', removedBy: 'support', removedVia: 'cli', removedFromIp: null },
      ])
      await until('its word', () => /files: carol, removed by support: ended\./.test(running.out()))
      running.child.kill('SIGKILL')
      await running.exit
      await database.sourceStatuses.delete({ host: 'h2' })
    },
  )

  testAlso('whom it keeps out is kept out by the collector, and let in by release', async () => {
    await collector()
    expect((await ran(...on('keep-out', '--login', 'mallory', '--minutes', '5'))).code).toBe(3)
    const kept = await ran(...on('keep-out', '--login', 'mallory', '--minutes', '5', '--yes', '--json'))
    expect(kept).toMatchObject({ code: 0, error: '' })
    const [{ id, batch, ...record }] = json(kept.out)
    expect(record).toMatchObject({ outcome: 'kept-out', login: 'mallory', removedVia: 'cli', removedBy: userInfo().username }) // prettier-ignore
    expect(host.keptOut()).toEqual(['mallory'])
    expect((await ran(...on('removals', '--batch', String(batch)))).out).toMatch(/ mallory .* kept-out /)
    const released = await ran(...on('release', String(id), '--by', 'support', '--yes', '--json'))
    expect(released).toMatchObject({ code: 0, error: '' })
    expect(json(released.out)).toMatchObject([{ id, releasedBy: 'support' }])
    await until('he is let in', () => host.keptOut().length === 0)
    const none = await ran(...on('keep-out', '--ip', '192.0.2.9', '--minutes', '5', '--yes'))
    expect(none.error).toContain('none of the sources can keep out by address')
    expect(none.code).toBe(1)
    expect(await ran(...on('release', '999999', '--yes'))).toMatchObject({
      code: 1,
      error: 'No removal has this id.\n',
    })
  })

  testHere('watch tells of what collectors write, whichever process that is, until Ctrl-C', async () => {
    const first = await collector()
    const watching = run(on('watch', '--json'))
    const told = () => json(watching.out()) as { event: string; data: Record<string, Record<string, unknown>> }[]
    const event = (name: string, is: (data: Record<string, Record<string, unknown>>) => boolean) =>
      until(name, () => told().find((one) => one.event === name && is(one.data))?.data)
    // It begins when it is there.
    let opened = 0
    await until('the first', () => {
      host.open(`early ${opened++}`)
      return told().length > 0
    })
    host.open('dave')
    const { kind, session } = await event('session-opened', (data) => data.session?.login === 'dave')
    expect({ kind, session }).toMatchObject({ kind: 'ftp', session: { host: 'h1', source: 'files', ip: '192.0.2.1' } })
    expect((await ran(...on('remove', '--login', 'dave', '--yes'))).code).toBe(0)
    expect(await event('removed', ({ login }) => String(login) === 'dave')).toMatchObject({ outcome: 'ended', removedVia: 'cli' }) // prettier-ignore
    const ended = await event('session-ended', (data) => data.session?.login === 'dave')
    // That it has gone may be seen before the removal has its outcome.
    expect(ended).toMatchObject({ how: expect.stringMatching(/^(removed|unknown)$/), session: { id: session!.id } })
    host.open('dave')
    await event('came-back', ({ login }) => String(login) === 'dave')
    // A source that fails, and is well again.
    const sessions = join(directory, name.replaceAll(' ', '-'), 'sessions')
    rmSync(sessions, { recursive: true })
    expect(await event('source-failing', () => true)).toMatchObject({ name: 'files', host: 'h1', state: 'failing' })
    mkdirSync(sessions)
    expect(await event('source-ok', () => true)).toMatchObject({ name: 'files', state: 'ok' })
    expect(told().filter(({ event, data }) => event === 'removed' && String(data.login) === 'dave')).toHaveLength(1)
    watching.child.kill('SIGINT')
    expect(await watching.all()).toMatchObject({ code: 0, error: '' })
    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
  })

  testAlso(
    'with no collector at work a removal stays pending, and it is said why; it is carried out by the next',
    async () => {
      host.open('erin')
      const first = await collector()
      await listed('erin')
      first.child.kill('SIGKILL')
      await first.exit
      await silent()
      const shown = await ran(...on('list', 'ftp'))
      expect(shown.code).toBe(1)
      expect(shown.out).toMatch(/ erin /)
      expect(shown.error).toMatch(/^files on h1 is failing, .*: No running process reads this source any more\.\n$/)
      const asked = await ran(...on('remove', '--login', 'erin', '--yes', '--json'))
      const [{ batch, ...record }] = json(asked.out)
      expect(record).toMatchObject({
        outcome: 'pending',
        message: 'Nobody reads files on h1 just now. It is ended as soon as somebody does again.',
      })
      expect(asked.code).toBe(1)
      expect(host.sessions()).toContain('erin')
      await collector()
      await until('its end', () => database.removals.findOneBy({ batch: String(batch), outcome: 'ended' }))
      const removals = json((await ran(...on('removals', '--batch', String(batch), '--json'))).out)
      expect(removals).toMatchObject([{ login: 'erin', outcome: 'ended' }])
      expect(host.sessions()).not.toContain('erin')
    },
  )

  testAlso('whoever interrupts it is not told that all is done', async () => {
    host.open('frank')
    const first = await collector()
    await listed('frank')
    first.child.kill('SIGKILL')
    await first.exit
    const removing = run(on('remove', '--login', 'frank', '--yes'))
    await until('the record', () => database.removals.findOneBy({ login: 'frank' }))
    removing.child.kill('SIGINT')
    expect(await removing.all()).toEqual({
      code: 1,
      out: '',
      error: 'Interrupted. What was asked for goes on: adminjs-sessions removals shows it.\n',
    })
  })
})

const engines = [
  {
    name: 'SQLite',
    missing: null,
    start: async () => {
      const database = join(directory, `${crypto.randomUUID()}.sqlite`)
      return { options: { type: 'sqlite', database } as DatabaseOptions, stop: async () => {} }
    },
  },
  {
    name: 'PostgreSQL',
    missing: postgresMissing,
    start: async () => {
      const { url, stop } = await startPostgres()
      return { options: { type: 'postgres', url } as DatabaseOptions, stop }
    },
  },
]

describe.each(thorough ? engines : engines.slice(0, 1))(
  'tables of $name that are not this version’s are left as they are',
  ({ missing, start }) => {
    const testHere = missing ? test.skip : test

    /** The names of all tables, and of the migrations that have made them. */
    async function state(options: DatabaseOptions) {
      const connection = await new DataSource(options).initialize()
      const tables: { name: string }[] = await connection.query(
        options.type === 'sqlite'
          ? `SELECT name FROM sqlite_master WHERE type = 'table'`
          : `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
      )
      const names = tables.map(({ name }) => name).sort()
      const done = names.includes('adminjs_sessions_migrations')
        ? ((await connection.query('SELECT name FROM adminjs_sessions_migrations')) as unknown[])
        : []
      await connection.destroy()
      return { names, done }
    }

    async function refused(options: DatabaseOptions, message: string) {
      const before = await state(options)
      const { config } = configuration(crypto.randomUUID(), options)
      const commands = [['remove', '--login', 'a', '--yes'], ['list'], ['watch']]
      for (const args of thorough ? commands : commands.slice(0, 1)) {
        const { code, out, error } = await ran(...args, '--config', config)
        expect(error).toContain(message)
        expect({ code, out }).toEqual({ code: 1, out: '' })
      }
      expect(await state(options)).toEqual(before)
    }

    testHere('those of an earlier one', async () => {
      const { options, stop } = await start()
      await (await firstVersion(options)).destroy()
      await refused(
        options,
        'its tables were made by an earlier version of adminjs-sessions, and a command changes none. Ask with that version, or start a collector or a back office of this one, which brings them up to date.',
      )
      await stop()
    })

    testHere('those of a later one', async () => {
      const { options, stop } = await start()
      const later = await openDatabase(options)
      const migration = { timestamp: 4102444800000, name: 'FromTheFuture4102444800000' }
      await later.connection
        .createQueryBuilder()
        .insert()
        .into('adminjs_sessions_migrations')
        .values(migration)
        .execute()
      await later.close()
      await refused(
        options,
        'its tables were made by a later version of adminjs-sessions (FromTheFuture4102444800000), which this one would damage. Install that version here as well',
      )
      await stop()
    })

    testHere('a database without any', async () => {
      const { options, stop } = await start()
      await state(options)
      await refused(
        options,
        'it has no tables of adminjs-sessions. Check "database" of the configuration, or start a collector or a back office on it first, which makes them.',
      )
      await stop()
    })
  },
)

describe('a database that can’t be opened', () => {
  test.each([
    [
      'a file that is not there, which is not made',
      { type: 'sqlite', database: join(directory, 'nowhere', 'at-all.sqlite') },
      'there is no such file',
    ],
    ['a file of something else', { type: 'sqlite', database: join(directory, 'else.sqlite') }, 'SQLITE_NOTADB'],
    [
      'a server that does not answer',
      { type: 'postgres', url: 'postgres://u:secret@127.0.0.1:9/none' },
      'ECONNREFUSED',
    ],
    ['an engine of another kind', { type: 'mysql' }, 'expected "sqlite" or "postgres"'],
  ] as const)('%s', async (_, database, message) => {
    writeFileSync(join(directory, 'else.sqlite'), 'This is no database.'.repeat(100))
    const { config } = configuration(crypto.randomUUID(), database as DatabaseOptions)
    const { code, out, error } = await ran('list', '--config', config)
    expect(error).toContain(message)
    expect(error).not.toContain('secret')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  test('a wrong configuration is wrong usage, in the words of collect', async () => {
    const config = join(directory, 'wrong.mjs')
    writeFileSync(config, 'export default { sources: [], database: {} }')
    const { code, error } = await ran('list', '--config', config)
    expect(error).toContain(`${config}: collectSessions: option "sources" is an array of 0`)
    expect(code).toBe(2)
  })

  test('a back office and a database at once are refused', async () => {
    const { code, error } = await ran('list', '--config', 'a.mjs', '--url', 'http://127.0.0.1:9')
    expect(error).toContain('Expected either --url or --config, found both.')
    expect(code).toBe(2)
  })
})
