import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { plesk, type PleskOptions } from '../../../../src/collectors/panel/plesk/plesk.js'
import { RemovalRefused, type ListedPanelSession, type PanelSource } from '../../../../src/session-source.js'
import { freePort } from '../../../servers/server.js'
import { giveDateBack, moveDateOn, takeDate } from '../../../date.js'
import { pausesDuring } from '../../../turns.js'
import { until } from '../../../until.js'
import {
  ADMIN,
  API_KEY,
  dateTime,
  got,
  type PleskStandIn,
  refused,
  selfSigned,
  send,
  startPleskStandIn,
  system,
  terminated,
} from './plesk-stand-in.js'

let pem: string
let server: PleskStandIn
let source: PanelSource
const { signal } = new AbortController()

beforeAll(() => {
  pem = selfSigned()
})
beforeEach(async () => {
  server = await startPleskStandIn(pem)
  source = made()
})
afterEach(() => server.stop())

const made = (options: Partial<PleskOptions> = {}) =>
  plesk({ url: server.url, apiKey: API_KEY, fingerprint: server.fingerprint, ...options } as PleskOptions)
const byPassword = (options: object = {}) => made({ apiKey: undefined, ...ADMIN, ...options } as never)
const list = () => source.list(signal)
const only = async () => {
  const sessions = await list()
  expect(sessions).toHaveLength(1)
  return sessions[0]!
}
const end = (session: ListedPanelSession) => source.end(session, signal, list)
const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  )
const failure = () => messageOf(list())

/** Waits until nothing can come any more of what there was. */
async function nothingWasSent(to = server): Promise<void> {
  await until('the connection has ended', () => to.connections === 1 && to.open === 0)
  expect(to.requests).toBe(0)
}

describe('what is listed', () => {
  test('nobody', async () => {
    expect(await list()).toEqual([])
  })

  test('a session, by the SHA-256 of its id; the id itself is in its handle alone', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000
    const { id } = server.logOn({ type: 'admin', login: 'admin', 'login-time': dateTime(now), idle: dateTime(now) })
    const { handle, ...session } = await only()
    expect(session).toEqual({
      key: createHash('sha256').update(id).digest('hex'),
      ...{ type: 'administrator', login: 'admin', ip: '192.0.2.1' },
      ...{ loggedInAt: new Date(now), lastActiveAt: new Date(now) },
    })
    expect(handle).toBe(id)
    expect(source.warnings!()).toEqual([])
  })

  test('by one packet, which names no version', async () => {
    server.logOn()
    server.logOn({ type: 'mail-user', login: 'info@example.com' })
    expect((await list()).map(({ login }) => login)).toEqual(['alice', 'info@example.com'])
    expect(server.packets).toEqual(['<?xml version="1.0" encoding="UTF-8"?><packet><session><get/></session></packet>'])
  })

  test('logins that are anything', async () => {
    const logins = ['<b>&amp;</b>', ']]>', '"\'', 'Ünï🙂', '../../etc', '${7*7}', 'a\u202eb', 'x'.repeat(100_000)]
    for (const login of logins) server.logOn({ login })
    expect((await list()).map(({ login }) => login)).toEqual(logins)
  })

  test('the event loop can be let go between sessions', async () => {
    for (let i = 0; i < 300; i++) server.logOn()
    expect(await pausesDuring(list)).toBeGreaterThanOrEqual(300)
  })

  test('times without a zone are unknown, and the page says what to do; with timeZone they are instants', async () => {
    server.logOn({ 'login-time': '2026-07-01T12:00:00', idle: '2026-07-01T12:30:00' })
    server.logOn({ 'login-time': '2026-07-01T12:00:00', idle: '2026-07-01T12:30:01' })
    expect(await list()).toMatchObject([{ loggedInAt: null, lastActiveAt: null }, { loggedInAt: null }])
    expect(source.warnings!()).toEqual([expect.stringMatching(/option timeZone/)])
    source = made({ timeZone: 'Europe/Berlin' })
    expect(await list()).toMatchObject([
      { loggedInAt: new Date('2026-07-01T10:00:00Z'), lastActiveAt: new Date('2026-07-01T10:30:00Z') },
      {},
    ])
    expect(source.warnings!()).toEqual([])
  })

  test('in pieces of a byte each', async () => {
    server.logOn({ login: 'Ünï🙂' })
    server.instead = (_, response) => {
      const body = Buffer.from(got([...server.sessions.values()]))
      const more = (at: number) => {
        if (at === body.length) response.end()
        else response.write(body.subarray(at, at + 1), () => more(at + 1))
      }
      more(0)
      return true
    }
    expect((await only()).login).toBe('Ünï🙂')
  })

  test('the same id twice is one session', async () => {
    const session = server.logOn()
    server.instead = (_, response) => (send(response, got([session, session])), true)
    await only()
  })

  test('ten thousand of them', async () => {
    for (let i = 0; i < 10_000; i++) server.logOn({ login: `user${i}` })
    expect(new Set((await list()).map(({ key }) => key)).size).toBe(10_000)
  })
})

describe('ending', () => {
  test('ends that one and no other', async () => {
    const [first, second] = [server.logOn(), server.logOn()]
    const [session] = await list()
    expect(await end(session!)).toBe('asked')
    expect([...server.sessions.keys()]).toEqual([second.id])
    expect(server.packets.at(-1)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><packet><session>' +
        `<terminate><session-id>${first.id}</session-id></terminate></session></packet>`,
    )
    expect(await end(session!)).toBe('already-gone')
  })

  test('an id that looks like XML is no XML', async () => {
    server.logOn({ id: '</session-id></terminate><get/>&amp;"' })
    const other = server.logOn()
    expect(await end((await list())[0]!)).toBe('asked')
    expect([...server.sessions.keys()]).toEqual([other.id])
  })

  test('one that has gone between the look and the end', async () => {
    const { id } = server.logOn()
    const session = await only()
    server.instead = (packet) => void (packet.includes('<terminate>') && server.sessions.delete(id))
    expect(await end(session)).toBe('already-gone')
    expect(server.packets.at(-1)).toContain('<terminate>')
  })

  test('one that is newer than the list by which it is checked', async () => {
    const before = await list()
    server.logOn()
    expect(await source.end(await only(), signal, async () => before)).toBe('asked')
    expect(server.sessions.size).toBe(0)
  })

  test('one that has become somebody else is refused', async () => {
    const client = server.logOn()
    const session = await only()
    client.login = 'bob'
    await expect(end(session)).rejects.toThrow(RemovalRefused)
    expect(server.sessions.size).toBe(1)
  })

  test.each([
    [1006, 'Permission denied.'],
    [1010, 'Access to Plesk denied.'],
    [11003, 'Invalid secret key usage.'],
  ])('is refused in the words of Plesk (%d)', async (code, text) => {
    server.logOn()
    const session = await only()
    server.instead = (packet, response) =>
      packet.includes('<terminate>') && (send(response, terminated([code, text])), true)
    const ending = end(session)
    await expect(ending).rejects.toThrow(RemovalRefused)
    await expect(ending).rejects.toThrow(`Plesk refused to end the session (${code}, "${text}")`)
  })

  test('Plesk fails at it', async () => {
    const { id } = server.logOn()
    const session = await only()
    server.instead = (packet, response) =>
      packet.includes('<terminate>') && (send(response, terminated([1023, `Operation failed: ${id}`])), true)
    const error = (await end(session).catch((error: unknown) => error)) as Error
    expect(error).not.toBeInstanceOf(RemovalRefused)
    expect(error.message).toMatch(/^Plesk refused to end the session \(1023, "Operation failed: …"\).*panel\.log/)
  })

  test('a hundred are checked by one list', async () => {
    for (let i = 0; i < 100; i++) server.logOn({ login: `user${i}` })
    const sessions = await list()
    server.packets.splice(0)
    let shared: ReturnType<typeof list> | undefined
    const answers = await Promise.all(
      sessions.map((one) => source.end(one, new AbortController().signal, () => (shared ??= list()))),
    )
    expect(new Set(answers)).toEqual(new Set(['asked']))
    expect(server.packets.filter((packet) => packet.includes('<get/>'))).toHaveLength(1)
    expect(server.sessions.size).toBe(0)
  })

  test('nothing is asked where its signal is aborted', async () => {
    server.logOn()
    const session = await only()
    const before = server.connections
    await expect(source.end(session, AbortSignal.abort(new Error('Too late.')), list)).rejects.toThrow('Too late.')
    expect([server.connections, server.sessions.size]).toEqual([before, 1])
  })
})

describe('whose Plesk it is', () => {
  test('nothing is sent to another certificate than the pinned one; what was found is told', async () => {
    const wrong = server.fingerprint.replace(/^../, (first) => (first === 'AA' ? 'BB' : 'AA'))
    source = made({ fingerprint: wrong })
    const message = await failure()
    expect(message).toContain(`is not the one that fingerprint says: expected ${wrong}, found ${server.fingerprint}`)
    expect(message).toMatch(/Nothing was sent.*openssl s_client/)
    await nothingWasSent()
  })

  test('the fingerprint may be written without colons and in small letters', async () => {
    source = made({ fingerprint: server.fingerprint.replaceAll(':', '').toLowerCase() })
    expect(await list()).toEqual([])
  })

  test('nothing is sent to a certificate that nobody vouches for; how to pin it is told', async () => {
    source = made({ fingerprint: undefined })
    const message = await failure()
    expect(message).toMatch(/is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*openssl s_client/)
    expect(message).toContain(`fingerprint: '${server.fingerprint}'`)
    await nothingWasSent()
  })

  test('not even where Node is told to trust everybody', async () => {
    source = made({ fingerprint: undefined })
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      expect(await failure()).toMatch(/is not trusted/)
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
    await nothingWasSent()
  })

  test('an issuer of your own', async () => {
    source = made({ fingerprint: undefined, ca: server.certificate })
    expect(await list()).toEqual([])
    source = made({ fingerprint: undefined, ca: selfSigned().replace(/^[^]*(?=-----BEGIN C)/, '') })
    expect(await failure()).toMatch(/is not trusted/)
    expect(server.requests).toBe(1)
  })

  test('of your own issuer, but of another name', async () => {
    const other = await startPleskStandIn(selfSigned('DNS:other.example.com'))
    source = plesk({ url: other.url, apiKey: API_KEY, ca: other.certificate })
    expect(await failure()).toMatch(/is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/)
    await nothingWasSent(other)
    await other.stop()
  })

  test('a redirect is not followed: the key would go along', async () => {
    const other = await startPleskStandIn(pem)
    server.instead = (_, response) => (send(response, '', 307, { location: `${other.url}/` }), true)
    expect(await failure()).toMatch(/redirects elsewhere \(HTTP 307\).*key/)
    expect(other.connections).toBe(0)
    await other.stop()
  })
})

describe('by login and password', () => {
  beforeEach(() => {
    takeDate()
  })
  afterEach(() => {
    giveDateBack()
  })

  test('of any characters', async () => {
    source = byPassword()
    server.logOn()
    await only()
  })

  test('a wrong one is told, never shown, and not tried at every look: Plesk locks out who fails often', async () => {
    source = byPassword({ password: 'hunter2-wrong' })
    server.instead = (_, response) => (send(response, system(1001, 'No such password: hunter2-wrong.')), true)
    const message = await failure()
    expect(message).toMatch(/^Plesk refused its sessions \(1001, "No such password: …\."\): .*five minutes/)
    expect(await failure()).toBe(message)
    expect(server.requests).toBe(1)
    server.instead = null
    moveDateOn(300_001)
    expect(await failure()).toMatch(/1001, "You have entered incorrect/)
    expect(server.requests).toBe(2)
  })
})

describe('what cannot be had is an error that says what to do', () => {
  const answering = (body: string | Buffer, status?: number) => {
    server.instead = (_, response) => (send(response, body, status), true)
  }

  test('a wrong key, which is not shown', async () => {
    source = made({ apiKey: 'wrong-key' })
    const message = await failure()
    expect(message).toMatch(/^Plesk refused its sessions \(11003, "PleskAPIInvalidSecretKey.*secret_key/)
    expect(message).not.toContain('wrong-key')
  })

  test('recovers by itself', async () => {
    answering('Bad gateway', 502)
    expect(await failure()).toMatch(/Plesk, or a proxy before it, failed \(HTTP 502\)/)
    server.instead = null
    expect(await list()).toEqual([])
  })

  test.each([
    [refused(1006, 'Permission denied.'), /^Plesk refused its sessions \(1006, "Permission denied\."\).*administrator/],
    [system(1014, 'Parser error: <session>'), /\(1014, "Parser error: <session>"\).*Plesk 12\.0/],
    [system(1005, 'Version'), /Plesk 12\.0/],
    [system(1012, 'Locked'), /unlock/i],
    [system(1003, 'Agent\ninitialization failed'), /\(1003, "Agent␊initialization failed"\).*panel\.log/],
    [got([], '<status>error</status>'), /^Plesk refused its sessions \(without a code/],
    [got([], ''), /is not as expected.*no status/],
    [got([], '<status>maybe</status>'), /is not as expected.*status is "maybe"/],
    ['<packet><session><get/></session></packet>', /is not as expected.*no status/],
    ['<html><body>Sign in</body></html>', /is not as expected.*no status/],
    [got([{ id: 'a' }, { login: 'bob' }]), /is not as expected.*session 2 has no id/],
    [got([{ id: '' }]), /session 1 has no id/],
    ['{"code": 0}', /begins with "\{\\"code\\": 0\}", where XML was expected \(Non-whitespace/],
    ['<!DOCTYPE html><title>Sign in</title>', /begins with "<!DOCTYPE html>.*where XML was expected \(a DOCTYPE/],
    ['', /begins with "", where XML was expected/],
    [got([{ id: 'a' }]).slice(0, -30), /where XML was expected \(Unclosed/],
  ])('%s', async (body, message) => {
    answering(body)
    expect(await failure()).toMatch(message)
  })

  test.each([
    [403, /does not let this machine use its API \(HTTP 403\).*panel\.ini.*allowedIPs/],
    [401, /does not let this machine use its API/],
    [404, /There is no XML API at https:.*\(HTTP 404\)/],
    [418, /answered with HTTP 418, where 200 was expected/],
  ])('HTTP %d', async (status, message) => {
    answering('', status)
    expect(await failure()).toMatch(message)
  })

  test('entities that expand are not expanded', async () => {
    const laughs = Array.from({ length: 20 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
    answering(
      `<!DOCTYPE packet [<!ENTITY l0 "ha">${laughs}]>${got([{ id: 'a', login: 'x' }])}`.replace('>x<', '>&l20;<'),
    )
    expect(await failure()).toMatch(/a DOCTYPE is in it/)
  })

  test('an answer without end is left at 8 MiB', async () => {
    let sent = 0
    const over = new Promise<void>((resolve) => {
      server.instead = (_, response) => {
        const piece = Buffer.alloc(1 << 20, ' ')
        const more = () => {
          do sent++
          while (!response.destroyed && response.write(piece))
        }
        response
          .on('drain', more)
          .on('error', () => {})
          .on('close', resolve)
        more()
        return true
      }
    })
    expect(await failure()).toMatch(/more than 8 MiB/)
    await over
    expect(sent).toBeLessThan(64)
  })

  test('an answer that breaks off', async () => {
    server.instead = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('<packet>', () => response.destroy())
      return true
    }
    expect(await failure()).toMatch(/broke off before its answer was complete/)
  })

  test.each(['before the answer', 'within the answer'])('no answer: the signal ends it, %s', async (when) => {
    const asked = new Promise<void>((resolve) => {
      server.instead = (_, response) => {
        if (when === 'within the answer') response.write('<packet>')
        resolve()
        return true
      }
    })
    const stop = new AbortController()
    const listing = messageOf(source.list(stop.signal))
    await asked
    stop.abort(new Error('The list did not come within 5 s.'))
    expect(await listing).toBe('The list did not come within 5 s.')
  })

  test('nobody shakes hands: the signal ends it', async () => {
    const silent = createServer()
    const connected = once(silent.listen(0, '127.0.0.1'), 'connection')
    await once(silent, 'listening')
    source = made({ url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` })
    const stop = new AbortController()
    const listing = messageOf(source.list(stop.signal))
    const [socket] = await connected
    socket.on('error', () => {})
    stop.abort(new Error('The list did not come within 5 s.'))
    expect(await listing).toBe('The list did not come within 5 s.')
    silent.close()
    await once(silent, 'close')
  })

  test('nothing listens there', async () => {
    source = made({ url: `https://127.0.0.1:${await freePort()}` })
    expect(await failure()).toMatch(/Nothing listens at https:\/\/127.0.0.1:\d+: is Plesk running/)
  })

  test('a name that nobody knows', async () => {
    source = made({ url: 'https://plesk.invalid:8443' })
    expect(await failure()).toMatch(/name in https:\/\/plesk.invalid:8443 is not known/)
  })

  test('no TLS there', async () => {
    const http = createHttpServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    source = made({ url: `https://127.0.0.1:${(http.address() as AddressInfo).port}` })
    expect(await failure()).toMatch(/does not speak TLS/)
    http.close()
    await once(http, 'close')
  })
})

describe('options', () => {
  const url = 'https://plesk.example.com:8443'
  test.each([
    [{}, /"url"/],
    [{ url: 'http://plesk.example.com:8880', apiKey: 'a' }, /"url".*https:/],
    [{ url: 'http://127.0.0.1:8880', apiKey: 'a' }, /"url".*https:/],
    [{ url: 'https://admin:hunter2@plesk.example.com', apiKey: 'a' }, /"url".*no login/],
    [{ url }, /"login".*or an apiKey/],
    [{ url, login: 'admin' }, /"password"/],
    [{ url, apiKey: 'a', password: 'hunter2' }, /"password".*left out/],
    [{ url, apiKey: 'line\nbreak' }, /"apiKey"/],
    [{ url, login: 'admin', password: 'line\r\nbreak: 1' }, /"password"/],
    [{ url, apiKey: 'a', name: '' }, /"name"/],
    [{ url, apiKey: 'a', fingerprint: 'AA:BB' }, /"fingerprint".*SHA-256/],
    [{ url, apiKey: 'a', ca: '/etc/ssl/ca.pem' }, /"ca".*BEGIN CERTIFICATE/],
    [{ url, apiKey: 'a', fingerprint: 'a'.repeat(64), ca: '-----BEGIN CERTIFICATE-----' }, /"ca".*left out/],
    [{ url, apiKey: 'a', timeZone: 'Nowhere/Here' }, /"timeZone".*Europe\/Berlin/],
    [{ url, apiKey: 'a', insecure: true }, /no option of that name: insecure/],
  ])('%j', (options, message) => {
    expect(() => plesk(options as never)).toThrow(message)
    expect(() => plesk(options as never)).not.toThrow(/hunter2|line/)
  })

  test('its name is plesk', () => {
    expect(plesk({ url, apiKey: 'a' })).toMatchObject({ name: 'plesk', kind: 'panel', evidence: 'live' })
  })
})
