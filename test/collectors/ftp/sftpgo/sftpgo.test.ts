import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { createServer } from 'node:net'
import { RemovalRefused, type FtpSource, type ListedFtpSession } from '../../../../src/session-source.js'
import { sftpgo } from '../../../../src/collectors/ftp/sftpgo/sftpgo.js'
import { ADMIN, API_KEY, reply, type SftpgoStandIn, startSftpgoStandIn } from '../../../servers/sftpgo-stand-in.js'
import { freePort } from '../../../servers/server.js'
import { until } from '../../../until.js'

let server: SftpgoStandIn
let source: FtpSource
const { signal } = new AbortController()

beforeEach(async () => {
  server = await startSftpgoStandIn()
  source = sftpgo({ url: server.url, apiKey: API_KEY })
})
afterEach(() => server.stop())

const list = () => source.list(signal)
const only = async () => {
  const sessions = await list()
  expect(sessions).toHaveLength(1)
  return sessions[0]!
}
const end = (session: ListedFtpSession) => source.end(session, signal, list)
const failure = () =>
  list().then(
    () => 'no error',
    (error: Error) => error.message,
  )

describe('what is listed', () => {
  test('nobody', async () => {
    expect(await list()).toEqual([])
  })

  test('an idle FTP session', async () => {
    const client = server.connect({ username: 'alice', command: 'NOOP', client_version: 'lftp/4.9.2' })
    const asked = Date.now()
    const { handle: _, ...session } = await only()
    const took = Date.now() - asked
    expect(session).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      login: 'alice',
      ip: '127.0.0.1',
      protocol: 'ftp',
      status: 'idle',
      ...{ command: null, fileName: null, transferredBytes: null, totalBytes: null },
      ...{ type: null, domain: null, location: null },
      connectedAt: expect.any(Date),
      lastActiveAt: expect.any(Date),
    })
    // The server's clock is known as well as its answer was quick.
    expect(Math.abs(session.connectedAt!.getTime() - client.connection_time)).toBeLessThanOrEqual(took + 1)
  })

  test('one that has not logged on', async () => {
    server.connect()
    expect(await only()).toMatchObject({ login: null, status: 'authenticating' })
  })

  test('a download, and its bytes', async () => {
    const transfer = { operation_type: 'download' as const, path: '/pub/big.bin', start_time: Date.now(), size: 4096 }
    const client = server.connect({ username: 'carol', command: 'RETR', active_transfers: [transfer] })
    expect(await only()).toMatchObject({
      ...{ status: 'downloading', command: 'RETR', fileName: '/pub/big.bin', transferredBytes: 4096, totalBytes: null },
    })
    transfer.size = 8192
    expect(await only()).toMatchObject({ transferredBytes: 8192 })
    client.active_transfers = []
    expect(await only()).toMatchObject({ status: 'idle', command: null, fileName: null, transferredBytes: null })
  })

  test('of many files at once the one that began first, in whatever order they come', async () => {
    const upload = (path: string, start_time: number, size: number) => ({ ...UPLOAD, path, start_time, size })
    server.connect({
      ...{ protocol: 'SFTP', username: 'dave' },
      active_transfers: [upload('/b', 1_700_000_002_000, 9), upload('/a', 1_700_000_001_000, 5)],
    })
    expect(await only()).toMatchObject({ status: 'uploading', fileName: '/a', transferredBytes: 5 })
  })

  test.each([
    ['FTP', 'ftp'],
    ['SFTP', 'sftp'],
    ['SCP', 'sftp'],
    ['SSH', 'sftp'],
    ['DAV', null],
    ['HTTP', null],
    ['constructor', null],
  ])('protocol %s', async (protocol, shown) => {
    server.connect({ protocol, username: 'alice' })
    expect(await only()).toMatchObject({ protocol: shown })
  })

  test('a command over SSH is under way as long as its connection', async () => {
    server.connect({ protocol: 'SSH', username: 'alice', command: 'git-upload-pack' })
    expect(await only()).toMatchObject({ status: 'busy', command: 'git-upload-pack' })
  })

  test.each([
    ['192.0.2.7:50123', '192.0.2.7'],
    ['[2001:db8::7]:50123', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['192.0.2.7', '192.0.2.7'],
    ['somewhere', null],
    ['', null],
  ])('the address %s', async (remote_address, ip) => {
    server.connect({ username: 'alice', remote_address })
    expect(await only()).toMatchObject({ ip })
  })

  test('whose account it is, as the host knows', async () => {
    const accounts = (login: string) =>
      login === 'alice' ? { type: 'web-user' as const, domain: 'example.org' } : null
    source = sftpgo({ url: server.url, apiKey: API_KEY, accounts })
    for (const username of ['alice', 'bob', '']) server.connect({ username })
    expect((await list()).map(({ login, type, domain }) => [login, type, domain])).toEqual([
      ['alice', 'web-user', 'example.org'],
      ['bob', 'not-registered', null],
      [null, null, null],
    ])
  })

  test('hostile names do no harm', async () => {
    server.connect({
      username: 'x\u001b[2J\n<script>',
      active_transfers: [{ ...UPLOAD, path: '/\u0000\ud800"$(id)' }],
    })
    expect(await only()).toMatchObject({ login: 'x␛[2J␊<script>', fileName: '/␀\ufffd"$(id)' })
  })

  test('what an older or a newer version leaves out is unknown', async () => {
    const bare = { username: 'alice', connection_id: 'FTP_0_1', connection_time: 1_700_000_000_000 }
    server.instead = (_, response) => (reply(response, 200, [bare]), true)
    expect(await only()).toMatchObject({ login: 'alice', ip: null, protocol: null, lastActiveAt: null })
  })
})

const UPLOAD = { operation_type: 'upload' as const, path: '/up.bin', start_time: 1_700_000_000_000, size: 1 }

describe('keys', () => {
  test('stay over time, transfers and the logon', async () => {
    const client = server.connect()
    const { key, connectedAt } = await only()
    server.logOn(client, 'alice')
    expect(await only()).toMatchObject({ key, connectedAt, login: 'alice' })
    client.active_transfers = [UPLOAD]
    expect(await only()).toMatchObject({ key, connectedAt })
  })

  test('are the same for another process', async () => {
    server.connect({ username: 'alice' })
    const { key } = await only()
    source = sftpgo({ url: server.url, apiKey: API_KEY })
    expect((await only()).key).toBe(key)
  })

  test('are not given again when SFTPGo counts from 1 again, be it from the same port', async () => {
    const first = server.connect({ username: 'alice', connection_time: Date.now() - 60_000 })
    const { key } = await only()
    server.restart()
    const second = server.connect({ username: 'alice', remote_address: first.remote_address })
    expect(second.connection_id).toBe(first.connection_id)
    expect((await only()).key).not.toBe(key)
  })

  test('tell nodes apart that count alike', async () => {
    const common = { username: 'alice', connection_id: 'FTP_0_1', connection_time: 1_700_000_000_000 }
    server.connect({ ...common, node: 'one' })
    server.connect({ ...common, node: 'two' })
    const [one, two] = await list()
    expect(one!.key).not.toBe(two!.key)
  })
})

describe('times', () => {
  test("are set right where SFTPGo's clock is wrong, and then stand still", async () => {
    server.clocks.set('', 3_600_000)
    const connected = Date.now()
    const client = server.connect({ username: 'alice' })
    const before = await only()
    const took = Date.now() - connected
    expect(Math.abs(before.connectedAt!.getTime() - connected)).toBeLessThanOrEqual(took + 1)
    const after = await only()
    expect([after.connectedAt, after.lastActiveAt]).toEqual([before.connectedAt, before.lastActiveAt])
    client.last_activity += 60_000
    expect((await only()).lastActiveAt!.getTime() - before.lastActiveAt!.getTime()).toBeGreaterThan(59_000)
  })
})

describe('ending', () => {
  test('ends that one and no other, and answers before it is done', async () => {
    const [alice, bob] = [server.connect({ username: 'alice' }), server.connect({ username: 'bob' })]
    const [first] = await list()
    expect(await end(first!)).toBe('asked')
    await until('she has gone', () => !server.isConnected(alice))
    expect(server.isConnected(bob)).toBe(true)
    expect(await end(first!)).toBe('already-gone')
    expect(server.requests.filter((one) => one.startsWith('DELETE'))).toHaveLength(1)
  })

  test('at the right node, by an id with odd characters', async () => {
    const id = 'DAV_a/b?c#d %2f'
    const there = server.connect({ username: 'alice', connection_id: id, node: 'node one&two' })
    const here = server.connect({ username: 'alice', connection_id: id, node: 'three' })
    const [first] = await list()
    expect(await end(first!)).toBe('asked')
    await until('it has gone', () => !server.isConnected(there))
    expect(server.isConnected(here)).toBe(true)
  })

  test('somebody else with the same id after a restart is left alone', async () => {
    server.connect({ username: 'alice' })
    const session = await only()
    server.restart()
    const other = server.connect({ username: 'bob' })
    expect(other.connection_id).toBe('FTP_0_1')
    expect(await end(session)).toBe('already-gone')
    expect(server.isConnected(other)).toBe(true)
  })

  test('who has logged on as somebody else is refused', async () => {
    const client = server.connect({ username: 'alice' })
    const session = await only()
    server.logOn(client, 'bob')
    await expect(end(session)).rejects.toThrow(RemovalRefused)
    expect(server.isConnected(client)).toBe(true)
  })

  test('one that has gone in between', async () => {
    const client = server.connect({ username: 'alice' })
    const session = await only()
    server.instead = (request) => void (request.method === 'DELETE' && server.disconnect(client))
    expect(await end(session)).toBe('already-gone')
  })

  test('a 404 is no end where the session is still listed', async () => {
    const client = server.connect({ username: 'alice' })
    const session = await only()
    server.instead = ({ method }, response) =>
      method === 'DELETE' && (reply(response, 404, { message: 'Not Found' }), true)
    await expect(end(session)).rejects.toThrow(/did not find connection FTP_0_1, though it lists it/)
    expect(server.isConnected(client)).toBe(true)
  })

  test('without the permission it is refused by its name', async () => {
    server.connect({ username: 'alice' })
    const session = await only()
    server.permissions.delete('close_conns')
    await expect(end(session)).rejects.toThrow(/close_conns/)
    await expect(end(session)).rejects.toThrow(RemovalRefused)
  })

  test('a batch is checked by one list', async () => {
    const clients = Array.from({ length: 100 }, (_, n) => server.connect({ username: `user${n}` }))
    const sessions = await list()
    server.requests.splice(0)
    let shared: ReturnType<typeof list> | undefined
    const answers = await Promise.all(sessions.map((one) => source.end(one, signal, () => (shared ??= list()))))
    expect(new Set(answers)).toEqual(new Set(['asked']))
    expect(server.requests.filter((one) => one.startsWith('GET'))).toEqual(['GET /api/v2/connections'])
    expect(server.requests.filter((one) => one.startsWith('DELETE'))).toHaveLength(100)
    await until('all have gone', () => !clients.some((client) => server.isConnected(client)))
  })

  test('nothing is asked where its signal is aborted', async () => {
    const client = server.connect({ username: 'alice' })
    const session = await only()
    server.requests.splice(0)
    const aborted = AbortSignal.abort(new Error('Too late.'))
    await expect(source.end(session, aborted, list)).rejects.toThrow('Too late.')
    expect(server.requests).toEqual([])
    expect(server.isConnected(client)).toBe(true)
  })

  test('SFTPGo fails at it', async () => {
    server.connect({ username: 'alice' })
    const session = await only()
    server.instead = ({ method }, response) =>
      method === 'DELETE' && (reply(response, 500, { error: 'out of order' }), true)
    await expect(end(session)).rejects.toThrow(/failed at the end of a connection.*out of order/)
  })
})

describe('by name and password', () => {
  beforeEach(() => {
    source = sftpgo({ url: server.url, ...ADMIN })
  })
  const logons = () => server.requests.filter((one) => one === 'GET /api/v2/token').length

  test('one token serves until it has run out', async () => {
    await list()
    await list()
    expect(logons()).toBe(1)
    server.expireTokens()
    expect(await list()).toEqual([])
    expect(logons()).toBe(2)
  })

  test('a session is ended over a token that has run out', async () => {
    const client = server.connect({ username: 'alice' })
    const session = await only()
    server.expireTokens()
    expect(await end(session)).toBe('asked')
    await until('it has gone', () => !server.isConnected(client))
  })

  test('a wrong password is named, never shown, and not tried at every look', async () => {
    source = sftpgo({ url: server.url, username: 'adminjs', password: 'hunter2-wrong' })
    server.instead = ({ url }, response) =>
      url === '/api/v2/token' && (reply(response, 401, { error: 'hunter2-wrong is not it' }), true)
    const message = await failure()
    expect(message).toMatch(/does not let the administrator adminjs in \(HTTP 401, "… is not it"\).*second factor/)
    expect(message).not.toContain('hunter2')
    expect(await failure()).toBe(message)
    expect(logons()).toBe(1)
  })

  test('a token endpoint that gives none', async () => {
    server.instead = ({ url }, response) => url === '/api/v2/token' && (reply(response, 200, {}), true)
    expect(await failure()).toMatch(/gave no access_token/)
  })

  test('tokens that are never accepted end in an error, not in a loop', async () => {
    server.instead = ({ url }) => void (url === '/api/v2/connections' && server.expireTokens())
    expect(await failure()).toMatch(/does not accept the token that it has just given/)
    expect(logons()).toBe(2)
  })
})

describe('what cannot be had is an error that says what to do', () => {
  const answering = (status: number, body: unknown) => {
    server.instead = (_, response) => (reply(response, status, body), true)
  }

  test('recovers by itself', async () => {
    answering(500, { error: 'database is locked' })
    expect(await failure()).toMatch(/failed at its connections \(HTTP 500, "database is locked"\): see its log/)
    server.instead = null
    expect(await list()).toEqual([])
  })

  test('without the permission', async () => {
    server.permissions.delete('view_conns')
    expect(await failure()).toMatch(/view_conns/)
  })

  test('a wrong API key', async () => {
    source = sftpgo({ url: server.url, apiKey: 'wrong.key' })
    const message = await failure()
    expect(message).toMatch(/does not accept the API key \(HTTP 401, "the provided api key cannot be authenticated"\)/)
    expect(message).not.toContain('wrong.key')
    source = sftpgo({ url: server.url, apiKey: 'half' })
    expect(await failure()).toMatch(/does not accept the API key \(HTTP 400, "the provided api key is not valid"\)/)
  })

  test.each([
    [404, { message: 'Not Found' }, /no REST API at .*enable_rest_api/],
    [429, { message: 'Too Many Requests' }, /asked too often .*pollEvery/],
    [502, 'Bad gateway', /or a proxy before it, failed/],
    [418, {}, /answered its connections with HTTP 418, where 200 was expected/],
    [200, { connections: [] }, /it is no list/],
    [200, null, /it is no list/],
    [200, [null], /connection_id of entry 1 is missing/],
    [200, [{ connection_id: 'FTP_0_1', username: 'a' }], /connection_time of entry 1 is missing/],
    [
      200,
      [{ connection_id: 'FTP_0_1', username: 'a', connection_time: '2026' }],
      /connection_time of entry 1 is "2026"/,
    ],
    [200, [{ connection_id: 'FTP_0_1', username: 7, connection_time: 1e12 }], /username of entry 1 is 7/],
  ])('HTTP %s %j', async (status, body, message) => {
    answering(status, body)
    expect(await failure()).toMatch(message)
  })

  test("another program's page", async () => {
    const page = '<!DOCTYPE html>\n<title>Sign in</title>'
    server.instead = (_, response) => (response.writeHead(200, { 'content-type': 'text/html' }).end(page), true)
    expect(await failure()).toMatch(/text\/html that begins with "<!DOCTYPE html>␊.*where JSON was expected/)
  })

  test('a redirect is not followed: the key would go along', async () => {
    const other = await startSftpgoStandIn()
    server.instead = (_, response) => (
      response.writeHead(302, { location: `${other.url}/web/admin/login` }).end(),
      true
    )
    expect(await failure()).toMatch(/redirects elsewhere/)
    expect(other.requests).toEqual([])
    await other.stop()
  })

  test('an answer without end', async () => {
    server.instead = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, ' ')));
      }
      response.on('drain', more).on('error', () => {})
      more()
      return true
    }
    expect(await failure()).toMatch(/more than 16 MiB/)
  })

  test('an answer that breaks off', async () => {
    server.instead = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('[', () => response.destroy())
      return true
    }
    expect(await failure()).toMatch(/broke off before its answer was complete/)
  })

  test('no answer: the signal ends it, with its own words', async () => {
    const asked = new Promise<void>((resolve) => (server.instead = () => (resolve(), true)))
    const stop = new AbortController()
    const listing = source.list(stop.signal)
    await asked
    stop.abort(new Error('The list did not come within 5 s.'))
    await expect(listing).rejects.toThrow('The list did not come within 5 s.')
  })

  test('nothing listens there', async () => {
    source = sftpgo({ url: `http://127.0.0.1:${await freePort()}`, apiKey: API_KEY })
    expect(await failure()).toMatch(/Nothing listens at http:\/\/127.0.0.1:\d+: is SFTPGo running/)
  })

  test('a name that nobody knows', async () => {
    source = sftpgo({ url: 'http://sftpgo.invalid', apiKey: API_KEY })
    expect(await failure()).toMatch(/name in http:\/\/sftpgo.invalid is not known/)
  })

  test('https where http is spoken', async () => {
    source = sftpgo({ url: server.url.replace('http:', 'https:'), apiKey: API_KEY })
    expect(await failure()).toMatch(/does not speak TLS .*http:\/\//)
  })

  test('a certificate of an issuer that Node does not know', async () => {
    const pem = execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-subj', '/CN=127.0.0.1', '-days', '2'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const https = createHttpsServer({ key: pem, cert: pem }).listen(0, '127.0.0.1')
    await once(https, 'listening')
    source = sftpgo({ url: `https://127.0.0.1:${(https.address() as { port: number }).port}`, apiKey: API_KEY })
    expect(await failure()).toMatch(
      /certificate of https:.* is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS/,
    )
    https.close()
    await once(https, 'close')
  })

  test('http where https is spoken, in the words of SFTPGo', async () => {
    answering(400, 'Client sent an HTTP request to an HTTPS server.')
    expect(await failure()).toMatch(/wants TLS .*write https:\/\//)
  })

  test('an FTP server', async () => {
    const ftp = createServer((socket) =>
      socket
        .resume()
        .on('error', () => {})
        .end('220 ProFTPD\r\n'),
    ).listen(0, '127.0.0.1')
    await once(ftp, 'listening')
    source = sftpgo({ url: `http://127.0.0.1:${(ftp.address() as { port: number }).port}`, apiKey: API_KEY })
    expect(await failure()).toMatch(/does not speak HTTP/)
    ftp.close()
    await once(ftp, 'close')
  })
})

describe('options', () => {
  test.each([
    [{}, /"url"/],
    [{ url: 'ftp://127.0.0.1', apiKey: 'a' }, /"url"/],
    [{ url: 'http://admin:secret@127.0.0.1', apiKey: 'a' }, /"url".*no login/],
    [{ url: 'http://127.0.0.1' }, /"username".*or an apiKey/],
    [{ url: 'http://127.0.0.1', username: 'a' }, /"password"/],
    [{ url: 'http://127.0.0.1', apiKey: 'a', password: 'b' }, /"password".*left out/],
    [{ url: 'http://127.0.0.1', apiKey: 'line\nbreak' }, /"apiKey"/],
    [{ url: 'http://127.0.0.1', apiKey: 'a', name: '' }, /"name"/],
    [{ url: 'http://127.0.0.1', apiKey: 'a', insecure: true }, /no option of that name: insecure/],
    [{ url: 'http://127.0.0.1', apiKey: 'a', accounts: {} }, /"accounts"/],
  ])('%j', (options, message) => {
    expect(() => sftpgo(options as never)).toThrow(message)
    expect(() => sftpgo(options as never)).not.toThrow(/secret|line/)
  })

  test('a path before the API, as behind a proxy', async () => {
    source = sftpgo({ url: `${server.url}/files`, apiKey: API_KEY })
    await failure()
    expect(server.requests).toEqual(['GET /files/api/v2/connections'])
  })
})
