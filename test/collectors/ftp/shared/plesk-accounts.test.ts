import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import '../../../fresh-dist.mjs'
import { pleskAccounts } from '../../../../src/collectors/ftp/shared/plesk-accounts.js'
import type { PleskConnection } from '../../../../src/collectors/panel/plesk/connection-options.js'
import { giveDateBack, moveDateOn, takeDate } from '../../../date.js'
import { freePort } from '../../../servers/server.js'
import { until } from '../../../until.js'
import { failed, PASSWORD } from '../../panel/plesk/hosting-packets.js'
import {
  ADMIN,
  API_KEY,
  packetOf,
  type PleskStandIn,
  selfSigned,
  send,
  startPleskStandIn,
  system,
} from '../../panel/plesk/plesk-stand-in.js'

type Accounts = ReturnType<typeof pleskAccounts>

let pem: string
let server: PleskStandIn
let accounts: Accounts

beforeAll(() => {
  pem = selfSigned()
})
beforeEach(async () => {
  takeDate()
  server = await startPleskStandIn(pem)
  server.hosting = {
    webspaces: [{ id: 1, name: 'example.com', login: 'alice' }],
    sites: [{ id: 2, name: 'shop.example.com', login: 'shop', webspaceId: 1, parent: 'example.com' }],
    ftpUsers: [{ name: 'photo1', webspaceId: 1 }],
    webUsers: [{ login: 'wanda', site: 'shop.example.com' }],
  }
  accounts = made()
})
afterEach(async () => {
  giveDateBack()
  await server.stop()
})

const made = (options: object = {}) =>
  pleskAccounts({ url: server.url, apiKey: API_KEY, fingerprint: server.fingerprint, ...options } as PleskConnection)
const of = async (login: string) => accounts(login, { key: '1', login })
/** What it says of a login once Plesk has answered, or has failed to. */
const settled = (login: string) =>
  until(`an answer of ${login}`, async () => {
    const account = await of(login)
    return account?.type != null && account
  })
const warning = () =>
  until('a warning', async () => {
    await of('nobody')
    return accounts.warnings!()[0]
  })
const unknown = { type: null }
/** Whether it asks for accounts, and not for their web users, which it does next. */
const isFirst = (packet: string) => packet.includes('<webspace>')
const timesAsked = () => server.packets.filter(isFirst).length
const nextMinute = () => moveDateOn(60_001)

/** Has Plesk keep back its answers until they are let go. */
function heldBack() {
  const held: (() => void)[] = []
  server.instead = (packet, response, request) => {
    held.push(() => send(response, server.answer(request, packet)))
    return true
  }
  return {
    asked: () => until('a request', () => held.length > 0),
    letGo() {
      server.instead = null
      held.splice(0).forEach((answer) => answer())
    },
  }
}

describe('whose a login is', () => {
  test('type and domain, of one request and one for web users', async () => {
    expect(await of('alice')).toEqual({ type: 'domain-user', domain: 'example.com' })
    expect(await of('shop')).toEqual({ type: 'subdomain-user', domain: 'shop.example.com' })
    expect(await of('photo1')).toEqual({ type: 'domain-user', domain: 'example.com' })
    expect(await of('wanda')).toEqual({ type: 'web-user', domain: 'shop.example.com' })
    expect(server.packets).toHaveLength(2)
    expect(accounts.warnings!()).toEqual([])
  })

  test.each([
    ['a key', { apiKey: API_KEY }],
    ['login and password', { apiKey: undefined, ...ADMIN }],
  ])('by %s', async (_, logon) => {
    accounts = made(logon)
    expect(await of('alice')).toMatchObject({ type: 'domain-user' })
  })

  test('one that Plesk does not tell of is not known, whatever it is like', async () => {
    for (const login of ['Alice', 'alic', 'alice ', '', 'root']) expect(await of(login)).toEqual(unknown)
    expect(timesAsked()).toBe(1)
    expect(accounts.warnings!()).toEqual([])
  })

  test('nobody has an account, and nobody has hosting', async () => {
    server.hosting = { webspaces: [], sites: [], ftpUsers: [], webUsers: [] }
    expect(await of('alice')).toEqual(unknown)
    expect(server.packets).toHaveLength(1)
    expect(accounts.warnings!()).toEqual([])
  })

  test('Plesk Obsidian has no web users, and is asked for them once', async () => {
    server.hosting.webUsers = null
    expect(await of('alice')).toMatchObject({ domain: 'example.com' })
    expect(await of('wanda')).toEqual(unknown)
    nextMinute()
    expect(await settled('shop')).toMatchObject({ type: 'subdomain-user' })
    expect(server.packets.filter((packet) => packet.includes('<webuser>'))).toHaveLength(1)
    expect(accounts.warnings!()).toEqual([])
  })

  test('in pieces of a byte each', async () => {
    server.hosting.webspaces = [{ id: 1, name: 'bücher.example', login: 'Ünï🙂' }]
    server.instead = (packet, response, request) => {
      const body = Buffer.from(server.answer(request, packet))
      const more = (at: number) => {
        if (at === body.length) response.end()
        else response.write(body.subarray(at, at + 1), () => more(at + 1))
      }
      more(0)
      return true
    }
    expect(await settled('Ünï🙂')).toEqual({ type: 'domain-user', domain: 'bücher.example' })
  })

  test('of three thousand domains, 10 MiB of hosting', async () => {
    server.hosting.webspaces = Array.from({ length: 3000 }, (_, i) => ({
      ...{ id: i, name: `example${i}.com${' '.repeat(3000)}`, login: `user${i}` },
    }))
    expect(await settled('user2999')).toEqual({ type: 'domain-user', domain: 'example2999.com' })
  })
})

describe('how often Plesk is asked', () => {
  test('once a minute, whatever is asked of how many logins', async () => {
    const logins = Array.from({ length: 200 }, (_, i) => `user${i}`)
    await Promise.all(['alice', 'root', ...logins].map(of))
    for (const login of ['alice', 'root', ...logins]) await of(login)
    expect(timesAsked()).toBe(1)
    moveDateOn(59_000)
    await of('root')
    await of('alice')
    expect(timesAsked()).toBe(1)
  })

  test('anew after a minute, in the background: until it has answered nothing is said', async () => {
    await of('alice')
    server.hosting.webspaces[0]!.name = 'example.org'
    nextMinute()
    const { asked, letGo } = heldBack()
    expect(accounts('alice', { key: '1' })).toBeInstanceOf(Promise)
    expect(await of('alice')).toEqual(unknown)
    await asked()
    expect(await of('alice')).toEqual(unknown)
    expect(await of('shop')).toEqual(unknown)
    letGo()
    expect(await settled('alice')).toEqual({ type: 'domain-user', domain: 'example.org' })
    expect(timesAsked()).toBe(2)
  })

  test('by one request at a time, also where the clock is set forward meanwhile', async () => {
    const { asked, letGo } = heldBack()
    await of('alice')
    await asked()
    nextMinute()
    await of('alice')
    nextMinute()
    await of('root')
    letGo()
    await settled('alice')
    await until('nothing is under way', () => server.open === 0)
    // What was told first was too old by then.
    expect(timesAsked()).toBe(2)
  })

  test('not before somebody is there to ask for', async () => {
    await of('alice')
    nextMinute()
    nextMinute()
    expect(timesAsked()).toBe(1)
  })

  test('also where the clock was set back', async () => {
    await of('alice')
    moveDateOn(-3_600_000)
    server.hosting.webspaces[0]!.name = 'example.org'
    expect(await settled('alice')).toEqual({ type: 'domain-user', domain: 'example.org' })
  })

  test('the first look waits for a slow Plesk, but not for ever', async () => {
    const { asked, letGo } = heldBack()
    expect(await of('alice')).toEqual(unknown)
    await asked()
    letGo()
    expect(await settled('alice')).toMatchObject({ domain: 'example.com' })
  })
})

describe('what cannot be had is a warning that says what to do', () => {
  const answering = (body: string | Buffer, status?: number) => {
    server.instead = (_, response) => (send(response, body, status), true)
  }

  test('what was known last is said, and it recovers by itself', async () => {
    await of('alice')
    nextMinute()
    answering('Bad gateway', 502)
    expect(await settled('alice')).toMatchObject({ domain: 'example.com' })
    expect(accounts.warnings!()).toEqual([
      expect.stringMatching(
        /^Type and Domain of FTP sessions are empty, or as last known: .*\(HTTP 502\): see its panel/,
      ),
    ])
    for (let i = 0; i < 10; i++) await of('root')
    expect(timesAsked()).toBe(2)
    server.instead = null
    nextMinute()
    await settled('alice')
    await until('all is well', () => accounts.warnings!().length === 0)
  })

  test.each([
    [system(11003, 'Invalid secret key usage.'), /Plesk refused its FTP accounts \(11003, .*secret_key --create/],
    [system(1006, 'Permission denied.'), /Plesk refused its FTP accounts \(1006, .*administrator/],
    [system(1014, 'Parser error'), /\(1014, "Parser error"\): its XML API.*Plesk 10\.4/],
    [packetOf('<webspace><get/></webspace>'), /is not as expected.*says nothing of site/],
    ['<html><body>Sign in</body></html>', /is not as expected/],
    ['', /where XML was expected/],
  ])('%s', async (body, message) => {
    answering(body)
    expect(await warning()).toMatch(message)
    expect(await of('alice')).toEqual(unknown)
  })

  test('nothing listens there', async () => {
    accounts = made({ url: `https://127.0.0.1:${await freePort()}` })
    expect(await warning()).toMatch(/Nothing listens at https:\/\/127\.0\.0\.1:\d+: is Plesk running/)
  })

  test('nothing is sent to another certificate', async () => {
    accounts = made({ fingerprint: server.fingerprint.replace(/^../, (first) => (first === 'AA' ? 'BB' : 'AA')) })
    expect(await warning()).toMatch(/is not the one that fingerprint says/)
    expect(server.requests).toBe(0)
  })

  test('a wrong password is not shown, and not tried again within five minutes', async () => {
    accounts = made({ apiKey: undefined, login: 'admin', password: 'hunter2-wrong' })
    expect(await warning()).toMatch(/\(1001, "You have entered incorrect/)
    nextMinute()
    await warning()
    nextMinute()
    expect(await warning()).not.toContain('hunter2')
    expect(server.requests).toBe(1)
  })

  test.each([
    ['webspace', 'photo1', 'wanda'],
    ['subdomain', 'shop', 'alice'],
    ['site', 'shop', 'alice'],
    ['ftp-user', 'photo1', 'alice'],
    ['webuser', 'wanda', 'shop'],
  ])('one operator that is refused: %s', async (operator, missing, there) => {
    server.failing.set(operator, [1006, 'Permission denied.'])
    expect(await settled(there)).toMatchObject({ domain: expect.stringContaining('example.com') })
    expect(await of(missing)).toEqual(unknown)
    expect(accounts.warnings!()).toEqual([
      `Plesk refused a part of its FTP accounts, by ${operator} (1006, "Permission denied."): it tells all of them to its ` +
        'administrator alone. Give his login, or a key that was made for him. Type and Domain of their sessions are empty.',
    ])
  })

  test('web users that cannot be asked for: the others are known all the same', async () => {
    server.instead = (packet, response) => !isFirst(packet) && (send(response, 'Bad gateway', 502), true)
    expect(await settled('alice')).toMatchObject({ domain: 'example.com' })
    expect(accounts.warnings!()).toEqual([
      expect.stringMatching(/HTTP 502.*Type and Domain of their sessions are empty/),
    ])
  })

  test('an answer without end is left at 32 MiB', async () => {
    server.instead = (_, response) => {
      const piece = Buffer.alloc(1 << 20, ' ')
      const more = () => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', more).on('error', () => {})
      more()
      return true
    }
    expect(await warning()).toMatch(/more than 32 MiB/)
  })

  test('no warning shows a password of a customer', async () => {
    const login = `<property><name>ftp_password</name><value>${PASSWORD}</value></property>`
    answering(packetOf(`<webspace><get><result>${failed(1023, 'x')}<data>${login}</data></result></get></webspace><`))
    expect(await warning()).not.toContain(PASSWORD)
  })
})

test('a Plesk that does not answer keeps no process from its end', async () => {
  let asked = 0
  server.instead = () => (asked++, true)
  const code = `
    const { pleskAccounts } = await import('./dist/index.js')
    const accounts = pleskAccounts(${JSON.stringify({ url: server.url, apiKey: API_KEY, fingerprint: server.fingerprint })})
    console.log(JSON.stringify(await accounts('alice', { key: '1' })))
    process.on('exit', () => console.log(JSON.stringify(accounts.warnings())))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (data) => (out += data))
  expect(await once(child, 'close')).toEqual([0, null])
  // With a warning it would have waited until Plesk's time was up.
  expect([out.trim(), asked]).toEqual(['{"type":null}\n[]', 1])
})

test.each([
  [{}, /^pleskAccounts: option "url"/],
  [{ url: 'http://plesk.example.com', apiKey: 'a' }, /"url".*https:/],
  [{ url: 'https://plesk.example.com', apiKey: 'a', timeZone: 'UTC' }, /no option of that name: timeZone/],
])('options: %j', (options, message) => {
  expect(() => pleskAccounts(options as never)).toThrow(message)
})
