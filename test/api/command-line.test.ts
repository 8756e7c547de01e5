import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../src/cli/run-command.js'
import { ran } from '../cli/ran.js'
import { until } from '../until.js'
import { apiOffice, tokens, type Office } from './api-office.js'

const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-command-line-'))
const [tokenFile, config] = [join(directory, 'token'), join(directory, 'sessions.config.mjs')]
afterAll(() => rmSync(directory, { recursive: true }))

/** Both are asked with the same words, and answer the same. */
const ways = [
  { over: 'the HTTP API', where: ({ base }: Office) => ['--url', base, '--token-file', tokenFile] },
  { over: 'the database', where: () => ['--config', config, '--by', 'billing'] },
]

describe.each(ways)('the command line, over $over', ({ where }) => {
  let office: Office
  let failing = false
  beforeAll(async () => {
    office = await apiOffice(
      { pollEvery: 300, endsWithin: 1000 },
      {
        list: async () => {
          if (failing) throw new Error('the scoreboard is away')
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
        end: async ({ key, login }) => {
          if (login === 'endless') return new Promise(() => {})
          if (login === 'stubborn') throw new Error('not today')
          return office.ftp.sessions.delete(key) ? 'asked' : 'already-gone'
        },
      },
    )
    writeFileSync(tokenFile, `${tokens.all}\n`, { mode: 0o600 })
    // What is in another process is never asked for sessions by a command.
    writeFileSync(
      config,
      [
        `const never = () => { throw new Error('A command has asked a source.') }`,
        `const sources = [{ name: 'fake-ftp', kind: 'ftp', evidence: 'live', list: never, end: never, start: never }]`,
        `export default { sources, database: { type: 'sqlite', database: ${JSON.stringify(office.database)} }, host: 'test-host' }`,
      ].join('\n'),
    )
    await allIsWell()
  })
  afterAll(() => office.stop())
  afterEach(async () => {
    office.ftp.sessions.clear()
    failing = false
    await allIsWell()
  })

  /** Until nobody is connected, and the source was read. */
  const allIsWell = () =>
    until('all is well', async () => {
      office.ftp.site?.changed()
      const { code, out } = await run(['list', 'ftp'])
      return code === 0 && out === 'No FTP sessions.\n'
    })

  const run = (args: string[], signal?: AbortSignal) => ran([...args, ...where(office)], signal)
  const listed = (...logins: string[]) =>
    until(`rows of ${logins.join()}`, async () => {
      office.ftp.site?.changed()
      const { out } = await run(['list', 'ftp', '--json'])
      return logins.every((login) => out.includes(`"login":"${login}"`))
    })

  test('list shows sessions as a table and as JSON, narrowed by what is asked', async () => {
    office.ftp.add('alice', {
      status: 'uploading',
      fileName: 'a\u001b[2J日本.doc',
      connectedAt: new Date(Date.now() - 90_000),
    })
    office.ftp.add('bob')
    await listed('alice', 'bob')
    const { code, out, error } = await run(['list', 'ftp'])
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).toMatch(/^ID +LOGIN +TYPE +STATUS +IP +SINCE +IDLE +FILE +SPEED +SOURCE +HOST\n/)
    expect(out).toMatch(/^\d+ +alice +uploading +192\.0\.2\.1 .*日本\.doc +fake-ftp +test-host$/m)
    expect(out).not.toContain('\u001b')
    const one = await run(['list', 'ftp', '--login', 'bob', '--json'])
    expect(one.out.trim().split('\n').map((line) => JSON.parse(line))).toMatchObject([{ kind: 'ftp', login: 'bob' }]) // prettier-ignore
    expect((await run(['list', 'ftp', '--login', 'nobody'])).out).toBe('No FTP sessions.\n')
  })

  test('a source that fails is said, and is no success', async () => {
    failing = true
    await until('the failure', async () => {
      office.ftp.site?.changed()
      const { code, error } = await run(['list', 'ftp'])
      return code === 1 && /fake-ftp on test-host is failing, .*: the scoreboard is away\n/.test(error)
    })
  })

  test('remove shows what would end, and ends it by --yes only', async () => {
    office.ftp.add('alice')
    office.ftp.add('bob')
    await listed('alice', 'bob')
    const shown = await run(['remove', '--login', 'alice'])
    expect(shown).toMatchObject({ code: 3, error: 'Nothing was ended. With --yes these end.\n' })
    expect(shown.out).toMatch(/alice/)
    expect(shown.out).not.toMatch(/bob/)
    expect(office.ftp.sessions.size).toBe(2)
    const { code, out } = await run(['remove', '--login', 'alice', '--reason', 'a test', '--yes'])
    expect(code).toBe(0)
    expect(out).toMatch(/alice +192\.0\.2\.1 +fake-ftp +test-host +ended +billing +a test/)
    expect([...office.ftp.sessions.keys()]).toEqual(['bob'])
    expect((await run(['remove', '--login', 'alice', '--yes'])).out).toBe('No such session.\n')
  })

  test('what does not end is no success', async () => {
    office.ftp.add('stubborn')
    await listed('stubborn')
    const { code, out } = await run(['remove', '--login', 'stubborn', '--yes'])
    expect(code).toBe(1)
    expect(out).toMatch(/stubborn .* failed .*not today/)
  })

  test('whoever interrupts it while outcomes are open is not told that all is done', async () => {
    office.ftp.add('endless')
    await listed('endless')
    const stopping = new AbortController()
    const removing = run(['remove', '--login', 'endless', '--yes'], stopping.signal)
    await until('the removal', async () => (await run(['removals'])).out.includes('endless'))
    stopping.abort()
    expect(await removing).toEqual({
      code: 1,
      out: '',
      error: 'Interrupted. What was asked for goes on: adminjs-sessions removals shows it.\n',
    })
  })

  test('a removal at a host that is silent stays pending: it is said why, and not waited for; it is no success', async () => {
    const tenMinutesAgo = new Date(Date.now() - 600_000).toISOString().replace(/[TZ]/g, ' ').trim()
    await office.sql(
      `INSERT INTO adminjs_sessions_source (host, name, kind, evidence, keepOut, state, sessions, seenAt) VALUES ('away', 'ftpd', 'ftp', 'live', '', 'ok', 1, '${tenMinutesAgo}')`,
    )
    await office.sql(
      `INSERT INTO adminjs_sessions_ftp (host, source, key, login, ip) VALUES ('away', 'ftpd', 'k', 'grace', '192.0.2.7')`,
    )
    const { code, out, error } = await run(['remove', '--login', 'grace', '--yes'])
    // One that may wait is as it was asked for.
    const whenIdle = await run(['remove', '--login', 'grace', '--when-idle', '--yes'])
    for (const table of ['source', 'ftp']) await office.sql(`DELETE FROM adminjs_sessions_${table} WHERE host = 'away'`)
    expect(out).toMatch(/grace +192\.0\.2\.7 +ftpd +away +pending +billing +Nobody reads ftpd on away just now\. /)
    expect({ code, error }).toEqual({ code: 1, error: '' })
    expect(whenIdle.code).toBe(0)
  })

  test('keep-out, removals and release', async () => {
    expect((await run(['keep-out', '--login', 'mallory', '--minutes', '5'])).code).toBe(3)
    const kept = await run(['keep-out', '--login', 'mallory', '--minutes', '5', '--yes', '--json'])
    expect(kept.code).toBe(0)
    const removals = kept.out.trim().split('\n').map((line) => JSON.parse(line)) // prettier-ignore
    const [{ id, batch }] = removals
    expect(removals).toContainEqual(
      expect.objectContaining({ outcome: 'kept-out', login: 'mallory', keepOutBy: 'login' }),
    )
    expect((await run(['removals', '--batch', batch])).out).toMatch(/mallory .* kept-out +billing/)
    expect((await run(['release', String(id)])).code).toBe(3)
    const { code, out } = await run(['release', String(id), '--yes', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ id, releasedBy: 'billing' })
  })

  test('watch tells of what happens until it is stopped', async () => {
    const stopping = new AbortController()
    let out = ''
    const watching = runCommand(['watch', ...where(office)], {
      out: { write: (text: string) => (out += text) },
      error: { write: () => {} },
      signal: stopping.signal,
    })
    await until('its logon', async () => {
      office.ftp.add(`carol ${office.ftp.sessions.size}`)
      office.ftp.site?.changed()
      return /session-opened {2}carol \d/.test(out)
    })
    stopping.abort()
    expect(await watching).toBe(0)
  })

  test.each([
    [['list', 'mail'], 'Expected panel or ftp, found mail.'],
    [['list', '--logn', 'a'], "Unknown option '--logn'"],
    [['remove', '--yes'], 'Expected which sessions'],
    [['remove', '--source', 'fake-ftp', '--yes'], 'Expected which sessions'],
    [['remove', '--login', 'a', '--idle', 'long', '--yes'], 'Expected a number of minutes after --idle'],
    [['remove', '--login', 'a', '--keep-out', 'login', '--yes'], 'Expected how long they are kept out'],
    [['keep-out', '--minutes', '5', '--yes'], 'Expected either --login or --ip.'],
    [['release', 'x', '--yes'], 'Expected the id of one removal'],
  ])('%j is wrong usage', async (args, message) => {
    office.ftp.add('a')
    const { code, error } = await run(args)
    expect(error).toContain(message)
    expect(code).toBe(2)
    expect(office.ftp.sessions.size).toBe(1)
  })
})

test('completion gives bash the commands, and the options of each', async () => {
  let script = ''
  const terminal = { out: { write: (text: string) => (script += text) }, error: { write: () => {} }, signal: new AbortController().signal } // prettier-ignore
  expect(await runCommand(['completion', 'bash'], terminal)).toBe(0)
  const completed = (words: string[]) =>
    execFileSync('bash', ['-c', `${script}\nCOMP_WORDS=(${words.join(' ')} ''); COMP_CWORD=${words.length}; _adminjs_sessions; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: 'utf8' }) // prettier-ignore
  expect(completed(['adminjs-sessions'])).toMatch(/^list$/m)
  expect(completed(['adminjs-sessions', 'remove'])).toMatch(/^--when-idle$/m)
  expect(completed(['adminjs-sessions', 'remove'])).toMatch(/^--config$/m)
  expect(completed(['adminjs-sessions', 'remove'])).not.toMatch(/^--batch$/m)
  expect(await runCommand(['completion', 'fish'], terminal)).toBe(2)
})

describe('where it is asked', () => {
  test('a wrong token is said in the API’s words; one that can’t be read is wrong usage', async () => {
    const office = await apiOffice()
    const wrong = join(directory, 'wrong')
    writeFileSync(wrong, 'wrong')
    const asked = () => ran(['list', '--url', office.base, '--token-file', wrong])
    expect(await asked()).toMatchObject({ code: 1, error: expect.stringContaining('answered 401: Nobody has this token.') }) // prettier-ignore
    rmSync(wrong)
    expect(await asked()).toMatchObject({ code: 2, error: expect.stringContaining('could not be read') })
    await office.stop()
  })

  test.each([
    [[], 'Expected where to ask: a back office, as --url https://panel.example.com/sessions or in ADMINJS_SESSIONS_URL, or its database, as --config sessions.config.mjs; found neither.'],
    [['--url', 'panel'], 'as --url https://panel.example.com/sessions or in ADMINJS_SESSIONS_URL, or its database, as --config sessions.config.mjs; found "panel".'],
    [['--url', 'http://127.0.0.1:9', '--config', 'a.mjs'], 'Expected either --url or --config, found both.'],
    [['--token-file', 'token', '--config', 'a.mjs'], '--token-file is of --url: over a database no token is asked for.'],
    [['--url', 'http://127.0.0.1:9', '--by', 'carol'], '--by is of --config: a back office has the token’s name on record.'],
    [['--config', 'nowhere.mjs'], 'The configuration nowhere.mjs could not be loaded'],
    [['--config', 'a.mjs', '--by', ''], 'Expected a name after --by: who is on record.'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, out, error } = await ran(['list', ...args])
    expect(error).toContain(message)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  }) // prettier-ignore
})
