import '../fresh-dist.mjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import session from 'express-session'
import pg from 'pg'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { backOffice } from '../actions/back-office.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import { postgresMissing, startPostgres, type Postgres } from '../servers/postgres.js'
import { proftpdMissing, startProftpd, type ProftpdServer } from '../servers/proftpd.js'
import { tcpProxy } from '../servers/tcp-proxy.js'
import { until } from '../until.js'

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const ours = pathToFileURL(fileURLToPath(new URL('../../dist/collect.js', import.meta.url))).href
const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-hosts-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Runs `adminjs-sessions collect` with a configuration of these lines. */
function collect(lines: string[], name = 'sessions.config.mjs', clockIsOffBy = 0) {
  const config = join(directory, name)
  writeFileSync(config, lines.join('\n'))
  return run(['collect', '--config', config], clockIsOffBy)
}

function run(args: string[], clockIsOffBy = 0) {
  const clock = ['--import', new URL('./machines/clock.mjs', import.meta.url).href]
  const env = { ...process.env, CLOCK_IS_OFF_BY: String(clockIsOffBy) }
  const child = spawn(process.execPath, [...clock, command, ...args], { cwd: directory, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, exit, said: () => said }
}

describe('the command collect', () => {
  const broken = async (running: ReturnType<typeof run>) => ({ code: await running.exit, said: running.said() })

  test.each([
    ['no configuration', ['collect'], 'Expected the path of a module after --config'],
    [
      'one that is not there',
      ['collect', '--config', 'nowhere.mjs'],
      'The configuration nowhere.mjs could not be loaded',
    ],
    [
      'something else as well',
      ['collect', 'proftpd', '--config', 'a.mjs'],
      'collect takes --config alone, found proftpd',
    ],
  ])('%s is wrong usage', async (_, args, message) => {
    const { code, said } = await broken(run(args))
    expect(said).toContain(message)
    expect(code).toBe(2)
  })

  test.each([
    ['without a default export', 'export const sources = []', 'has no default export'],
    [
      'with a wrong option',
      'export default { sources: [], database: {} }',
      'collectSessions: option "sources" is an array of 0',
    ],
    [
      'with an option of a back office',
      `const none = () => []; export default { sources: [{ name: 'a', kind: 'ftp', evidence: 'live', list: none, end: none }], access: {} }`,
      'no option of that name: access',
    ],
  ])('a configuration %s is wrong usage', async (_, line, message) => {
    const { code, said } = await broken(collect([line], 'broken.mjs'))
    expect(said).toContain(message)
    expect(code).toBe(2)
  })

  test('a database that is not there ends it, and it says which', async () => {
    const { code, said } = await broken(
      collect([
        `import { proftpd } from ${JSON.stringify(ours)}`,
        `export default () => ({ sources: [proftpd()], database: { type: 'postgres', url: 'postgres://127.0.0.1:9/none' } })`,
      ]),
    )
    expect(said).toMatch(/the postgres database on postgres:\/\/127\.0\.0\.1:9\/none could not be opened/)
    expect(code).toBe(1)
  })
})

const missing = postgresMissing ?? proftpdMissing
const describeReal = missing ? describe.skip : describe
describeReal(`a ProFTPD that another machine's back office shows${missing ? ` (${missing})` : ''}`, () => {
  let postgres: Postgres
  let server: ProftpdServer
  let office: Awaited<ReturnType<typeof backOffice>>
  let admin: Awaited<ReturnType<typeof office.login>>
  const children: ChildProcess[] = []
  beforeAll(async () => {
    ;[postgres, server] = await Promise.all([startPostgres(), startProftpd()])
    const store = new session.MemoryStore()
    office = await backOffice(
      { sources: [expressSessions({ store })], database: { type: 'postgres', url: postgres.url }, pollEvery: 60_000 },
      {},
      () => {},
      store,
    )
    admin = await office.login('admin@example.com')
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  afterAll(async () => {
    await office.stop()
    await Promise.all([postgres.stop(), server.stop()])
  })

  async function startCollector(clockIsOffBy = 0) {
    const lines = [
      `import { proftpd } from ${JSON.stringify(ours)}`,
      `export default async () => ({`,
      `  sources: [proftpd({ scoreboard: ${JSON.stringify(server.scoreboard)} })],`,
      `  database: { type: 'postgres', url: ${JSON.stringify(postgres.url)} },`,
      `  host: 'ftp1',`,
      `})`,
    ]
    const running = collect(lines, undefined, clockIsOffBy)
    children.push(running.child)
    await until('its first reading', () => running.said().includes('proftpd on ftp1 is read: '))
    return running
  }
  const rows = async () => (await admin.list('FtpSession')).records.map(({ params }) => params)
  const rowOf = (login: string) =>
    until(`a row of ${login}`, async () => (await rows()).find((row) => row.login === login))
  const stateOf = async (name: string) =>
    (await admin.list('FtpSession')).sessions.sources.find((source) => source.name === name)

  test('is shown with its host, and a removal is carried out where the session is', async () => {
    const running = await startCollector()
    const [alice, bob] = [await RawClient.connect(server.port, 'alice'), await RawClient.connect(server.port, 'bob')]
    expect(await rowOf('alice')).toMatchObject({ host: 'ftp1', source: 'proftpd', ip: '127.0.0.1' })
    expect(await stateOf('proftpd')).toMatchObject({ state: 'ok' })
    const { id } = await rowOf('alice')
    const { removals } = await admin.remove('FtpSession', String(id), { reason: 'a test' })
    expect(removals).toMatchObject([{ outcome: 'ended' }])
    expect(await alice.command('NOOP')).not.toMatch(/^200/)
    expect(await bob.command('NOOP')).toMatch(/^200/)
    await until('its word', () => /proftpd: alice, removed by admin@example\.com: ended\./.test(running.said()))
    running.child.kill('SIGTERM')
    expect(await running.exit).toBe(0)
    bob.close()
  })

  test('a host that is killed keeps its rows; what is removed meanwhile is pending, and is ended when it is back', async () => {
    const first = await startCollector()
    const carol = await RawClient.connect(server.port, 'carol')
    const { id } = await rowOf('carol')
    first.child.kill('SIGKILL')
    await first.exit
    const batch = crypto.randomUUID()
    const asked = () =>
      admin.agent.post(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`).send({ batch }).expect(200)
    expect((await asked()).body.removals).toMatchObject([{ outcome: 'pending' }])
    expect(await rowOf('carol')).toMatchObject({ id })
    expect(await carol.command('NOOP')).toMatch(/^200/)

    // As after ten minutes: it is said that nobody reads it, and the row says since when it is as it is.
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    await client.query(
      `UPDATE adminjs_sessions_source SET "seenAt" = now() - interval '10 minutes' WHERE host = 'ftp1'`,
    )
    await client.end()
    expect(await stateOf('proftpd')).toMatchObject({ state: 'failing' })
    expect((await rowOf('carol')).staleSince).not.toBeNull()

    const other = await admin.agent
      .post(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`)
      .send({ batch: crypto.randomUUID() })
      .expect(200)
    expect(other.body.removals).toMatchObject([
      { outcome: 'pending', message: expect.stringContaining('Nobody reads proftpd on ftp1 just now.') },
    ])

    await startCollector()
    await until('the outcome', async () => (await asked()).body.removals[0].outcome === 'ended')
    expect(await carol.command('NOOP')).not.toMatch(/^200/)
    expect(await stateOf('proftpd')).toMatchObject({ state: 'ok' })
  })

  test.each([
    ['behind', -10],
    ['ahead of', 10],
  ])('whose clock is %s the database’s is read all the same, and said to be', async (which, minutes) => {
    await startCollector(minutes * 60_000)
    const warning = expect.stringMatching(`The clock of .* is (599|60[01]) s ${which} the database's`)
    await until('its state', async () => (await stateOf('proftpd')).warning !== null)
    expect(await stateOf('proftpd')).toMatchObject({ state: 'ok', warning })
    const { records } = await admin.list('SessionSourceStatus', 'filters.state=ok')
    expect(records.map(({ params }) => params.name)).toContain('proftpd')
    // The sign of life is as old as it is.
    const { seenAt } = records.find(({ params }) => params.name === 'proftpd')!.params
    expect(Math.abs(Date.now() - Date.parse(seenAt as string))).toBeLessThan(3 * 60_000)
  })

  test('what is removed is heard of at once, and not at the next poll', async () => {
    const slow = collect([
      `import { proftpd } from ${JSON.stringify(ours)}`,
      `export default {`,
      `  sources: [proftpd({ name: 'slow', scoreboard: ${JSON.stringify(server.scoreboard)} })],`,
      `  database: { type: 'postgres', url: ${JSON.stringify(postgres.url)} },`,
      `  host: 'ftp2',`,
      `  pollEvery: 3600_000,`,
      `}`,
    ])
    children.push(slow.child)
    const dave = await RawClient.connect(server.port, 'dave')
    const { id } = await rowOf('dave')
    const { removals } = await admin.remove('FtpSession', String(id))
    expect(removals).toMatchObject([{ outcome: 'ended' }])
    expect(await dave.command('NOOP')).not.toMatch(/^200/)
  })
})

const describeAway = postgresMissing ? describe.skip : describe
describeAway('collectSessions, alone in its process', () => {
  test('lives while its database is away, and goes on when it is back', async () => {
    const postgres = await startPostgres()
    const proxy = await tcpProxy(Number(new URL(postgres.url).port))
    const place = join(directory, 'away')
    mkdirSync(join(place, 'sessions'), { recursive: true })
    const url = Object.assign(new URL(postgres.url), { port: String(proxy.port) }).href
    const files = new URL('./files-as-sessions.mjs', import.meta.url).href
    const script = join(directory, 'alone.mjs')
    writeFileSync(
      script,
      [
        `import { collectSessions } from ${JSON.stringify(ours)}`,
        `import { filesAsSessions } from ${JSON.stringify(files)}`,
        `const sources = [filesAsSessions(${JSON.stringify(place)})]`,
        `await collectSessions({ sources, database: { type: 'postgres', url: ${JSON.stringify(url)} }, host: 'away', pollEvery: 300 })`,
      ].join('\n'),
    )
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'pipe'] })
    const client = new pg.Client({ connectionString: postgres.url })
    try {
      await client.connect()
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
      const lives = () => {
        if (child.exitCode !== null) throw new Error(`It has ended with ${child.exitCode}: ${said}`)
      }
      const isThere = async (login: string) => {
        lives()
        const { rows } = await client
          .query('SELECT login FROM adminjs_sessions_ftp')
          .catch(() => ({ rows: [] as { login: string }[] }))
        return rows.some((row: { login: string }) => row.login === login)
      }
      writeFileSync(join(place, 'sessions', 'before'), '')
      await until('it reads', () => isThere('before'))
      proxy.cut()
      await until('it says that the database is away', () => {
        lives()
        return said.includes('ECONNRESET')
      })
      // Until nothing is open any more that would keep it alive.
      for (let polls = 0; polls < 10; polls++) {
        lives()
        await sleep(300)
      }
      writeFileSync(join(place, 'sessions', 'after'), '')
      proxy.heal()
      await until('it reads again', () => isThere('after'))
    } finally {
      child.kill('SIGKILL')
      await client.end()
      await proxy.close()
      await postgres.stop()
    }
  })
})
