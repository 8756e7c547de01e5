import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT, runCommand } from '../../src/cli/run-command.js'

const module = fileURLToPath(new URL('probed-module.mjs', import.meta.url))

/** Runs the command; `enough` ends it, as Ctrl-C does. */
async function run(args: string[], { enough = (_: string) => false, isTTY = false, columns = 80, rows = 24 } = {}) {
  const stopping = new AbortController()
  let [out, error] = ['', '']
  const write = (text: string) => {
    out += text
    if (enough(out)) stopping.abort()
  }
  const code = await runCommand(args, {
    out: { write, isTTY, columns, rows },
    error: { write: (text) => void (error += text) },
    signal: stopping.signal,
  })
  return { code, out, error }
}

describe('a reading', () => {
  test('is a table, with whatever the source tells beside, and nothing that drives a terminal', async () => {
    const { code, out, error } = await run(['probe', module, '--once'])
    expect({ code, error }).toEqual({ code: EXIT.ok, error: '' })
    expect(
      out
        .replace(/at \d.*Z/, 'at TIME')
        .replaceAll('\u00a0', ' ')
        .split('\n'),
    ).toEqual([
      'probed (ftp, from its log): 2 sessions, at TIME',
      'LOGIN                                     CONNECTED   MOVED',
      'a␛[2J⟨U+202E⟩gnp.exe⟨U+009B⟩␊b            3 min 20 s  12.4 MB',
      `${'x'.repeat(39)}…`,
      'Not told of any just now: person, type, status, domain, ip, protocol, idle, of, file, location, command',
      'Not shown in full: 1 session is left out: a [2J⟨U+202E⟩gnp.exe b',
      'How it ends a session: by a kick list.',
      'Not allowed: to read /var/log/ftp. Add the back office to the group adm.',
      'Of 340 lines of the log 12 were not understood, like these:',
      '?? a␛[2J⟨U+202E⟩gnp.exe⟨U+009B⟩␊b',
      '',
      '',
    ])
  })

  test('is a line of JSON for machines, in ASCII, without handles', async () => {
    const { code, out } = await run(['probe', module, '--once', '--json'])
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/^[ -~]+\n$/)
    const { sessions, ...rest } = JSON.parse(out) as { sessions: Record<string, unknown>[] }
    expect(rest).toMatchObject({
      source: 'probed',
      kind: 'ftp',
      evidence: 'log',
      error: null,
      unread: { lines: 12, of: 340 },
      warnings: [expect.stringContaining('1 session is left out')],
    })
    expect(sessions[0]).toMatchObject({
      key: '1',
      login: 'a\x1b[2J\u202Egnp.exe\u009b\nb',
      transferredBytes: 12_400_000,
    })
    expect(sessions[0]).not.toHaveProperty('handle')
  })

  test('at a source that cannot be read says why, and ends with 1', async () => {
    const { code, out } = await run(['probe', '--once', module, '--broken'])
    expect(code).toBe(EXIT.unreadable)
    expect(out).toContain('probed (ftp, from its log): could not be read, at ')
    expect(out).toContain('\nThe log /var/log/ftp is not there. Is the server installed?\n')
    const json = await run(['probe', '--once', '--json', module, '--broken'])
    expect(json.code).toBe(EXIT.unreadable)
    expect(JSON.parse(json.out)).toMatchObject({ sessions: null, error: expect.stringContaining('is not there') })
  })
})

describe('until it is stopped, it reads again', () => {
  test('as soon as the source has news', async () => {
    const { code, out } = await run(['probe', module, '--json'], { enough: (text) => text.includes('"looks":3') })
    expect(code).toBe(EXIT.ok)
    expect(out.trimEnd().split('\n')).toHaveLength(3)
  })

  test('in the place of the last reading, no larger than the terminal', async () => {
    const enough = (text: string) => text.split('\x1b[H').length > 2
    const { out } = await run(['probe', module], { enough, isTTY: true, columns: 30, rows: 5 })
    const [, first] = out.split('\x1b[H')
    const lines = first!.replaceAll('\x1b[K', '').replace('\x1b[J', '').split('\n')
    expect(lines.slice(-2)).toEqual(['… 7 lines more', ''])
    expect(lines).toHaveLength(5)
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(30)
  })

  test('also at a source that fails, and then ends with 1', async () => {
    const enough = (text: string) => text.split('is not there').length > 2
    expect((await run(['probe', module, '--broken'], { enough })).code).toBe(EXIT.unreadable)
  })
})

describe('options go to the adapter', () => {
  test.each([
    [['--scoreboard', '/run/s'], { scoreboard: '/run/s' }],
    [['--scoreboard=/run/s'], { scoreboard: '/run/s' }],
    [['--controls.socket', '/a', '--controls.ftpdctl', 'b'], { controls: { socket: '/a', ftpdctl: 'b' } }],
    [['--anonymous', 'ftp', '--anonymous', 'web'], { anonymous: ['ftp', 'web'] }],
    [['--anonymous', '["ftp"]', '--port', '21', '--name', '"21"'], { anonymous: ['ftp'], port: 21, name: '21' }],
    [['--tls'], { tls: true }],
  ])('%j', async (args, options) => {
    const { out } = await run(['probe', module, '--once', '--json', ...args])
    expect((JSON.parse(out) as { sessions: unknown[] }).sessions[1]).toHaveProperty('options', options)
  })
})

describe('wrong usage ends with 2 and says what was expected', () => {
  test.each([
    [['look'], 'Expected a command, like probe or list, found look.'],
    [['probe'], 'Expected the name of an adapter after probe, found none.'],
    [['probe', 'proftpd', 'vsftpd'], 'Expected one adapter, found proftpd and vsftpd.'],
    [['probe', 'proftpd', '-x'], 'The option -x is not known.'],
    [['probe', 'proftpd', '--json=1'], '--json takes no value.'],
    [['probe', 'proftpd', '--__proto__.x', '1'], 'The option --__proto__.x is not known.'],
    [['probe', 'proftpd', '--a', '1', '--a.b', '2'], '--a.b: a already has a value.'],
    [
      ['probe', 'ftpd'],
      /^There is no adapter ftpd: expected one of proftpd, .*, or the path of a module, like \.\/ftpd\.mjs\./,
    ],
    [
      ['probe', 'proftpd', '--scoreboard', 'here'],
      /^proftpd: option "scoreboard" is "here"; expected an absolute path\./,
    ],
    [['probe', module, '--color', 'red'], 'probed: no option of that name: color; expected broken.'],
    [['probe', './none.mjs'], /^The module \.\/none\.mjs could not be loaded: /],
  ])('%j', async (args, message) => {
    const { code, out, error } = await run(args)
    expect({ code, out }).toEqual({ code: EXIT.wrongUsage, out: '' })
    expect(error.split('\n')[0]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  test.each([
    ['export const source = 1', 'has no default export: expected a source, or a function that makes one.'],
    [
      'export default {}',
      'gives no source: expected an object with name, kind, evidence, list and end, or a list of such.',
    ],
    [
      'export default { list() {}, end() {} }',
      'exports a source and no function that makes one, so it takes no options.',
    ],
  ])('a module with %s', async (text, message) => {
    const directory = mkdtempSync(join(tmpdir(), 'probe-'))
    const path = join(directory, 'adapter.mjs')
    writeFileSync(path, text)
    const { code, error } = await run(['probe', path, ...(message.includes('options') ? ['--a', 'b'] : [])])
    rmSync(directory, { recursive: true })
    expect(code).toBe(EXIT.wrongUsage)
    expect(error).toContain(message)
  })
})

test.each([[[]], [['--help']], [['probe', 'proftpd', '-h']]])('%j tells how it is used', async (args) => {
  const { code, out } = await run(args)
  expect(code).toBe(EXIT.ok)
  expect(out).toMatch(/^adminjs-sessions probe ADAPTER/)
})
