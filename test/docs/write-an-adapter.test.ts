import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exampled } from '../../examples/adapter/exampled.mjs'
import { ftpClient } from '../../examples/adapter/ftp-client.mjs'
import { startExampled } from '../../examples/adapter/fake-server.mjs'
import { otherd } from '../../examples/adapter/otherd.mjs'
import '../fresh-dist.mjs'
import { RemovalRefused, type FtpSource, type Site } from '../../src/session-source.js'
import { freePort } from '../servers/server.js'
import { allChecks } from '../../src/testing/check-source.js'
import { rowRules } from '../../src/testing/row-rules.js'
import { checkSource, type Scenario, type ScenarioClient } from '../../src/testing/index.js'
import { thorough } from '../thorough.js'
import { hangs, patience, until } from '../until.js'
import { type OtherdSession, startOtherd } from './otherd.js'

/* The adapters to which the page leads. */

const { signal } = new AbortController()
let source: FtpSource
const list = () => source.list(signal)
const only = async () => {
  const sessions = await list()
  expect(sessions).toHaveLength(1)
  return sessions[0]!
}
const failure = () =>
  list().then(
    () => 'no error',
    (error: Error) => error.message,
  )

describe('by a status command', () => {
  let server: Awaited<ReturnType<typeof startExampled>>

  beforeEach(async () => {
    server = await startExampled()
    source = exampled(server)
  })
  afterEach(() => server.stop())

  test('lists what the page shows', async () => {
    expect(await list()).toEqual([])
    server.connect({ id: 17, since: '2026-11-23T10:43:36Z', login: 'alice', state: 'idle', directory: '/pub' })
    server.connect({ id: 18, login: 'carol', state: 'download', file: '/big.bin', done: 4194304, size: 8388608 })
    server.connect({ id: 19 })
    expect(await list()).toMatchObject([
      {
        ...{ key: '17@2026-11-23T10:43:36Z', login: 'alice', ip: '127.0.0.1', status: 'idle', location: '/pub' },
        ...{ fileName: null, transferredBytes: null, connectedAt: new Date('2026-11-23T10:43:36Z') },
      },
      { login: 'carol', status: 'downloading', fileName: '/big.bin', transferredBytes: 4194304, totalBytes: 8388608 },
      { login: null, status: 'authenticating', location: null },
    ])
  })

  test('names that try to break the line', async () => {
    server.connect({ login: 'a\tb\nc\\d', state: 'upload', file: '$(id)\u001b"\u0000' })
    expect(await only()).toMatchObject({ login: 'a\tb\nc\\d', fileName: '$(id)\u001b"\u0000' })
  })

  test('ends that one, then it has gone', async () => {
    const [alice, bob] = [server.connect({ login: 'alice' }), server.connect({ login: 'bob' })]
    const [first] = await list()
    expect(await source.end(first!, signal)).toBe('asked')
    expect([server.isConnected(alice), server.isConnected(bob)]).toEqual([false, true])
    expect(await source.end(first!, signal)).toBe('already-gone')
  })

  test('leaves alone who has the number now, and who has logged on as somebody else', async () => {
    const client = server.connect({ login: 'alice', since: '2026-11-23T10:00:00Z' })
    const session = await only()
    client.login = 'bob'
    await expect(source.end(session, signal)).rejects.toThrow(RemovalRefused)
    server.restart()
    const other = server.connect({ login: 'carol' })
    expect(other.id).toBe(client.id)
    expect(await source.end(session, signal)).toBe('already-gone')
    expect(server.isConnected(other)).toBe(true)
  })

  test('hints when something changes, until its signal', async () => {
    let hints = 0
    const stop = new AbortController()
    const running = source.start!({ changed: () => hints++ } as unknown as Site, stop.signal)
    await until('a hint', () => {
      server.connect()
      return hints > 0
    })
    stop.abort()
    await running
  })

  const tool = (code: string) => server.replaceTool(`#!${process.execPath}\n${code}`)

  test.each([
    ['it fails', 'console.error("no rights"); process.exit(1)', /exit code 1: no rights/],
    ['nothing', '', /printed "", where a whole list of "exampled 1"/],
    ['a later version', 'console.log("exampled 2")', /printed "exampled 2"/],
    ["another program's output", 'console.log("usage: exampledctl")', /printed "usage: exampledctl"/],
    ['half a list', 'process.stdout.write("exampled 1\\n17\\t2026")', /where a whole list/],
    [
      'another line',
      'console.log("exampled 1\\n17\\talice")',
      /Line 2 of exampledctl is not as expected: "17\\talice"/,
    ],
    ['no end', 'require("child_process").spawnSync("yes", { stdio: "inherit" })', /more than 16 MiB/],
  ])('what cannot be had is an error: %s', async (_, code, message) => {
    tool(code)
    expect(await failure()).toMatch(message)
  })

  test('what cannot be had is an error: not running, until it is', async () => {
    const goOn = await server.pause()
    expect(await failure()).toMatch(/exit code 1: exampled is not running/)
    await goOn()
    expect(await list()).toEqual([])
  })

  test('what cannot be had is an error: not installed, not allowed', async () => {
    source = exampled({ ...server, program: join(server.runDirectory, 'nowhere') })
    expect(await failure()).toMatch(/There is no program .*nowhere\. Install exampled, or give its path as program\.$/)
    chmodSync(server.program, 0o644)
    source = exampled(server)
    expect(await failure()).toMatch(/may not be run: it is no program/)
  })

  test('a tool that hangs is stopped by the signal, with its own words', async () => {
    tool('setInterval(() => {}, 1000)')
    const stop = new AbortController()
    const listing = source.list(stop.signal)
    stop.abort(new Error('Too late.'))
    await expect(listing).rejects.toThrow('Too late.')
  })

  test('whom its tool can be told of is kept out, also where it cannot be told of another', async () => {
    const hold = (value: string) => ({ by: 'login' as const, value, until: new Date(Date.now() + 60_000) })
    const [odd, alice] = [hold('a\u0000b'), hold('alice')]
    await expect(source.keepOut!.apply([odd, alice], signal)).rejects.toMatchObject({ failed: [odd] })
    const client = await ftpClient(server.port)
    await expect(client.logOn('alice')).rejects.toThrow('530')
    await client.logOn('a')
    await client.disconnect()
  })
})

describe('by an HTTP API', () => {
  let server: Awaited<ReturnType<typeof startOtherd>>

  beforeEach(async () => {
    server = await startOtherd('key')
    source = otherd({ url: server.url, apiKey: 'key' })
  })
  afterEach(() => server.stop())

  const answering = (status: number, text: string) => {
    server.instead = (_, response) => (response.writeHead(status).end(text), true)
  }

  test('lists', async () => {
    expect(await list()).toEqual([])
    const { id } = server.connect({ user: 'alice', transfer: { up: true, path: '/a"\u0000.bin', bytes: 7 } })
    expect(await only()).toMatchObject({
      ...{ key: id, login: 'alice', status: 'uploading', fileName: '/a"\u0000.bin', transferredBytes: 7 },
      ...{ totalBytes: null, location: null },
    })
  })

  test('ends that one, then it has gone', async () => {
    const [alice, bob] = [server.connect({ user: 'alice' }), server.connect({ user: 'bob' })]
    const [first] = await list()
    expect(await source.end(first!, signal)).toBe('asked')
    expect([...server.sessions.values()]).toEqual([bob])
    expect(first!.key).toBe(alice.id)
    expect(await source.end(first!, signal)).toBe('already-gone')
  })

  test('refuses who has logged on as somebody else, and where the key may not end', async () => {
    const client = server.connect({ user: 'alice' })
    const session = await only()
    client.user = 'bob'
    await expect(source.end(session, signal)).rejects.toThrow(/^Session .+ is not .+'s any more\.$/)
    client.user = 'alice'
    server.instead = ({ method }, response) => method === 'DELETE' && (response.writeHead(403).end(), true)
    await expect(source.end(session, signal)).rejects.toThrow(RemovalRefused)
  })

  test.each([
    [500, '', /HTTP 500 to GET sessions: see its log/],
    [404, '', /HTTP 404: url must be its address/],
    [403, '', /HTTP 403.*may read sessions/],
    [200, '<!DOCTYPE html>', /"<!DOCTYPE html>", where JSON was expected/],
    [200, '{}', /no list of sessions/],
    [200, '[{"id":"../x"}]', /whose id is "..\/x"/],
    [200, `"${' '.repeat(17 << 20)}"`, /more than 16 MiB/],
  ])('what cannot be had is an error: HTTP %s, %#', async (status, text, message) => {
    answering(status, text)
    expect(await failure()).toMatch(message)
  })

  test('what cannot be had is an error: wrong key, nothing there, a redirect', async () => {
    source = otherd({ url: server.url, apiKey: 'other' })
    expect(await failure()).toMatch(/does not accept the key/)
    source = otherd({ url: `http://127.0.0.1:${await freePort()}`, apiKey: 'key' })
    expect(await failure()).toMatch(/cannot be reached at .*ECONNREFUSED/)
    source = otherd({ url: server.url, apiKey: 'key' })
    server.instead = ({ url }, response) =>
      url === '/sessions' && (response.writeHead(302, { location: '/x' }).end(), true)
    expect(await failure()).toMatch(/cannot be reached at/)
  })

  test('no answer: the signal ends it, with its own words', async () => {
    const stop = new AbortController()
    const asked = new Promise<void>((resolve) => (server.instead = () => (resolve(), true)))
    const listing = source.list(stop.signal)
    await asked
    stop.abort(new Error('Too late.'))
    await expect(listing).rejects.toThrow('Too late.')
  })
})

describe('the kit', () => {
  const page = readFileSync(new URL('../../docs/write-an-adapter.md', import.meta.url), 'utf8')

  // It takes longer than all the others together, and what is asked of the first is tested above.
  const testThoroughly = thorough ? test : () => {}
  testThoroughly('holds of the first, with every part of a scenario, by its own program', async () => {
    const env = { ...process.env, WITHIN: String(hangs) }
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/adapter/check.mjs'], { env })
    const [can, cannot] = stdout.split(/^exampled, if it could end nobody: /m)
    const notChecked = (said: string) => [...said.matchAll(/^Not checked: ([\w-]+),/gm)].map(([, name]) => name)
    expect(can).toContain(`exampled: ${[...rowRules, ...allChecks].length - 1} rules hold.\n`)
    expect(page).toContain(can!.trim())
    expect(notChecked(can!)).toEqual(['end-refuses-where-it-cannot'])
    expect(cannot).toMatch(/^\d+ rules hold\.$/m)
    const ofEnds = allChecks.map(({ name }) => name).filter((name) => /^end-/.test(name))
    expect(notChecked(cannot!)).toEqual(ofEnds.filter((name) => name !== 'end-refuses-where-it-cannot'))
  })

  test('has the rules that the page lists, in these words', () => {
    const table = page.slice(page.indexOf('### The rules'))
    const rows = [...table.matchAll(/^\| `([\w-]+)` +\| (.*?) +\|$/gm)].map(([, name, says]) => ({ name, says }))
    expect(rows).toEqual([...rowRules, ...allChecks].map(({ name, says }) => ({ name, says })))
  })

  test('holds of the second', async () => {
    const server = await startOtherd('key')
    try {
      const { notChecked } = await checkSource(
        otherd({ url: server.url, apiKey: 'key' }),
        otherdScenario(server),
        patience,
      )
      expect(notChecked.map(({ name }) => name)).not.toContain('end-ends-that-one')
    } finally {
      await server.stop()
    }
  })
})

function otherdScenario(server: Awaited<ReturnType<typeof startOtherd>>): Scenario {
  const open = (user: string | null): ScenarioClient => {
    const session = server.connect({ user })
    const change = (fields: Partial<OtherdSession>) =>
      void Object.assign(session, { active: new Date().toISOString() }, fields)
    const transfer = (up: boolean, path: string) => {
      change({ transfer: { up, path, bytes: 0 } })
      return {
        more: async () => change({ transfer: { ...session.transfer!, bytes: session.transfer!.bytes + (1 << 20) } }),
        finish: async () => change({ transfer: null }),
      }
    }
    return {
      isConnected: async () => server.sessions.get(session.id) === session,
      act: async () => change({}),
      disconnect: async () => void server.sessions.delete(session.id),
      logOn: async (login) => change({ user: login }),
      become: async (login) => change({ user: login }),
      upload: async () => transfer(true, '/up.bin'),
      download: async () => transfer(false, '/big.bin'),
      useName: async (name) => void transfer(true, name.toString()),
    }
  }
  const fail = (instead: typeof server.instead) => async () => {
    server.instead = instead
    return async () => void (server.instead = null)
  }
  return {
    logins: ['alice', 'bob'],
    connect: async (login) => open(login),
    connectWithoutLogon: async () => open(null),
    breakServer: fail((_, response) => (response.writeHead(500).end(), true)),
    stallServer: fail(() => true),
  }
}
