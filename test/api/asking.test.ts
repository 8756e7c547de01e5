import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import { thorough } from '../thorough.js'
import { apiOffice, known, tokens, type Office } from './api-office.js'

describe('who may ask', () => {
  let office: Office
  beforeAll(async () => {
    office = await apiOffice({ pollEvery: 3600_000 })
  })
  afterAll(() => office.stop())

  test('nobody without a token; the answer says how, and what is there is not told', async () => {
    for (const [method, path] of [
      ['GET', '/ftp'],
      ['GET', '/openapi.json'],
      ['GET', '/nothing'],
      ['OPTIONS', '/ftp'],
      ['PUT', '/ftp'],
      ['GET', '/events'],
      ['POST', '/removals'],
    ] as const) {
      const { status, headers, body } = await office.ask(method, path, { token: '' })
      expect([path, status, body.detail]).toEqual([path, 401, 'No token came with this request.'])
      expect(headers.get('www-authenticate')).toBe('Bearer realm="adminjs-sessions"')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test.each([
    ['a wrong one', `Bearer ${tokens.all}x`],
    ['the digest of one', `Bearer ${known[0]!.sha256}`],
    ['none', 'Bearer '],
    ['one in another scheme', `Basic ${Buffer.from(`x:${tokens.all}`).toString('base64')}`],
    ['two', `Bearer ${tokens.all}, Bearer ${tokens.reader}`],
    ['the start of one', `Bearer ${tokens.all.slice(0, -1)}`],
  ])('%s is no token', async (_, authorization) => {
    const { status, headers, body } = await office.ask('GET', '/ftp', {
      token: '',
      headers: { Authorization: authorization },
    })
    expect([status, body.title]).toEqual([401, 'Unauthorized'])
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  test('a token in the query is none', async () => {
    expect((await office.ask('GET', `/ftp?access_token=${tokens.all}`, { token: '' })).status).toBe(401)
    const { status, text } = await office.ask('GET', `/ftp?access_token=${tokens.all}`)
    expect(status).toBe(400)
    expect(text).not.toContain(tokens.all)
  })

  test('each token may do what its scopes say, and no more', async () => {
    expect((await office.ask('GET', '/ftp', { token: tokens.reader })).status).toBe(200)
    expect((await office.ask('POST', '/removals', { token: tokens.remover, body: { login: 'x' } })).status).toBe(202)
    for (const [method, path, scope, token] of [
      ['POST', '/removals', 'remove', tokens.reader],
      ['POST', '/keep-outs', 'remove', tokens.reader],
      ['POST', '/removals/1/release', 'remove', tokens.reader],
      ...['/ftp', '/panel', '/ftp/1', '/removals', '/removals/1', '/holds', '/sources', '/events', '/openapi.json'].map(
        (path) => ['GET', path, 'read', tokens.remover] as const,
      ),
    ] as const) {
      const { status, headers } = await office.ask(method, path, { token })
      expect([path, status]).toEqual([path, 403])
      expect(headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${scope}"`)
    }
  })

  test('options that are wrong are an error at the mount, which shows no digest', () => {
    const [one] = known
    const wrong = (options: unknown) => () => office.sessions.api(options as never)
    expect(wrong({})).toThrow(/option "tokens" is missing/)
    expect(wrong({ tokens: [] })).toThrow(/at least one token/)
    expect(wrong({ tokens: [{ ...one, sha256: tokens.all }] })).toThrow(
      /expected the SHA-256 of a token: 64 hex digits/,
    )
    expect(wrong({ tokens: [{ ...one, sha256: tokens.all }] })).not.toThrow(tokens.all)
    expect(wrong({ tokens: [{ ...one, scopes: [] }] })).toThrow(/at least one of "read" and "remove"/)
    expect(wrong({ tokens: [{ ...one, scopes: ['admin'] }] })).toThrow(/"read" or "remove"/)
    expect(wrong({ tokens: [{ ...one, token: 'x' }] })).toThrow(/no option of that name: tokens.0.token/)
    expect(wrong({ tokens: [one, { ...known[1], name: one!.name }] })).toThrow(/different names/)
    expect(wrong({ tokens: [one, { ...one, name: 'other', sha256: one!.sha256.toUpperCase() }] })).toThrow(/differ/)
  })
})

test('a cookie of somebody who is logged in opens nothing', async () => {
  const office = await apiOffice({}, {}, (app, _, store) => {
    app.use(session({ store, secret: 'a secret of the test', resave: false, saveUninitialized: false, cookie: {} }))
    app.post('/login', (request, response) => {
      Object.assign(request.session, { adminUser: { email: 'admin@example.com', role: 'admin' } })
      response.end()
    })
    app.get('/me', (request, response) => void response.json(request.session))
  })
  const login = await fetch(`${office.base}/../login`, { method: 'POST' })
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!
  expect(await (await fetch(`${office.base}/../me`, { headers: { cookie } })).text()).toContain('admin@example.com')
  for (const [method, path] of [
    ['GET', '/panel'],
    ['POST', '/removals'],
  ] as const) {
    const { status } = await office.ask(method, path, {
      token: '',
      headers: { cookie },
      body: method === 'POST' ? { login: 'admin@example.com' } : undefined,
    })
    expect(status).toBe(401)
  }
  await office.stop()
})

describe('how often', () => {
  const rounds = thorough ? 200 : 20
  test(`${50 * rounds} wrong tokens are refused, soon without a look; the right one from the same address is answered`, async () => {
    const office = await apiOffice({ pollEvery: 3600_000 })
    const counts: Record<number, number> = {}
    let last
    for (let i = 0; i < rounds; i++) {
      const wrong = Array.from({ length: 50 }, (_, j) => office.ask('GET', '/ftp', { token: `wrong-${i}-${j}` }))
      for (const one of await Promise.all(wrong)) {
        counts[one.status] = (counts[one.status] ?? 0) + 1
        if (one.status === 429) last = one
      }
    }
    // Thirty a minute, and the test may run over the end of one.
    expect(Object.keys(counts)).toEqual(['401', '429'])
    expect(counts[401]! % 30).toBe(0)
    expect(counts[429]).toBeGreaterThan(40 * rounds)
    expect(Number(last!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(last!.body).toMatchObject({ title: 'Too Many Requests', remedy: expect.stringContaining('Retry-After') })
    expect((await office.ask('GET', '/ftp')).status).toBe(200)
    await office.stop()
  })

  test('a token has its own bound, and uses up nobody else’s', async () => {
    const office = await apiOffice({ pollEvery: 3600_000 })
    const statuses = new Set<number>()
    for (let i = 0; i < 50; i++) {
      for (const { status } of await Promise.all(
        Array.from({ length: 50 }, () => office.ask('GET', '/sources', { token: tokens.reader })),
      )) {
        statuses.add(status)
      }
    }
    expect([...statuses]).toEqual([200, 429])
    expect((await office.ask('GET', '/sources')).status).toBe(200)
    await office.stop()
  })
})

describe('what is asked', () => {
  let office: Office
  beforeAll(async () => {
    office = await apiOffice({ pollEvery: 3600_000 })
  })
  afterAll(() => office.stop())
  const detail = async (method: string, path: string, question: object = {}) => {
    const { status, body } = await office.ask(method, path, question)
    return [status, body.detail]
  }

  test('another method is told which there are; HEAD is a GET without its body', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST']) {
      const { status, headers } = await office.ask(method, '/ftp')
      expect([method, status, headers.get('allow')]).toEqual([method, 405, 'GET, HEAD, OPTIONS'])
    }
    const options = await office.ask('OPTIONS', '/removals')
    expect([options.status, options.headers.get('allow'), options.text]).toEqual([204, 'GET, HEAD, POST, OPTIONS', ''])
    const head = await office.ask('HEAD', '/ftp')
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', 'application/json'])
    expect((await office.ask('HEAD', '/events')).status).toBe(200)
    expect((await office.ask('GET', '/ftp/1/2')).status).toBe(404)
  })

  test('no page of another site is let in', async () => {
    for (const method of ['OPTIONS', 'GET']) {
      const headers = { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' }
      const answered = await office.ask(method, '/ftp', { headers })
      expect([...answered.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(answered.headers.get('cache-control')).toBe('no-store')
    }
  })

  test.each([
    ['/ftp?login[]=a', 400],
    ['/ftp?login[$ne]=a', 400],
    ['/ftp?login=a&login=b', 400],
    ['/ftp?login=', 400],
    ['/ftp?__proto__=a', 400],
    ['/ftp?__proto__[login]=a', 400],
    ['/ftp?constructor=a', 400],
    ['/ftp?limit=0', 400],
    ['/ftp?limit=501', 400],
    ['/ftp?limit=1.5', 400],
    ['/ftp?limit=many', 400],
    ['/ftp?idleFor=-1', 400],
    ['/ftp?idleFor=Infinity', 400],
    ['/ftp?status=asleep', 400],
    ['/ftp?type=king', 400],
    ['/panel?status=idle', 400],
    ['/holds?login=a', 400],
    ['/sources?x=1', 400],
    ['/ftp/1?x=1', 400],
    ['/removals?batch=x', 400],
    ['/removals?since=yesterday', 400],
    ['/ftp/0', 404],
    ['/ftp/-1', 404],
    ['/ftp/1.5', 404],
    ['/ftp/99999999999', 404],
    ['/ftp/1%20OR%201=1', 404],
    ['/ftp/%E0%A4%A', 400],
    ['/ftp?login=%E0%A4%A', 200],
    ['/ftp?login=a%00b', 400],
    ['/ftp?login=%25', 200],
  ])('%s: %i', async (path, status) => {
    const answered = await office.ask('GET', path)
    expect([answered.status, answered.text]).toEqual([status, expect.stringContaining('{')])
    expect(answered.text).not.toMatch(/\bat .*\.(js|ts):\d|node_modules/)
  })

  test.each([
    ['of another type', 'login=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['text', '{"login":"x"}', { 'Content-Type': 'text/plain' }, 415],
    ['compressed', '{"login":"x"}', { 'Content-Encoding': 'gzip' }, 415],
    ['in another charset', '{"login":"x"}', { 'Content-Type': 'application/json; charset=latin1' }, 415],
    ['no JSON', '{"login":', {}, 400],
    ['a word', '"login"', {}, 400],
    ['an array', '[{"login":"x"}]', {}, 400],
    ['null', 'null', {}, 400],
    ['empty', '', {}, 400],
    ['with an unknown field', '{"login":"x","logn":"y"}', {}, 400],
    ['with a polluting field', '{"login":"x","__proto__":{"kind":"ftp"}}', {}, 400],
    ['with a query beside its name', '{"login":{"$ne":""}}', {}, 400],
    ['with by', '{"login":"x","by":"somebody else"}', {}, 400],
    ['with waitFor', '{"login":"x","waitFor":100000}', {}, 400],
    ['with except', '{"login":"x","except":["y"]}', {}, 400],
    ['of 5 MB', JSON.stringify({ login: 'x'.repeat(5 * 1024 * 1024) }), {}, 413],
    ['a little too long', JSON.stringify({ login: 'x'.repeat(64 * 1024) }), {}, 413],
  ])('a body that is %s', async (_, body, headers, status) => {
    const answered = await office.ask('POST', '/removals', { body, headers })
    expect([answered.status, answered.text.slice(0, 300)]).toEqual([status, expect.any(String)])
    expect(answered.text).not.toMatch(/\bat .*\.(js|ts):\d|node_modules/)
    expect((await office.ask('GET', '/removals')).body.removals).toEqual([])
  })

  test('what would end everything is refused', async () => {
    expect(await detail('POST', '/removals', { body: { kind: 'ftp', source: 'fake-ftp' } })).toEqual([
      400,
      expect.stringContaining('Nothing says which sessions'),
    ])
    expect(await detail('POST', '/removals', { body: { ids: [1] } })).toEqual([
      400,
      expect.stringContaining('ids without kind'),
    ])
    expect(await detail('POST', '/keep-outs', { body: { login: 'x', ip: '192.0.2.1', minutes: 5 } })).toEqual([
      400,
      expect.stringContaining('either login or ip'),
    ])
  })
})

test.each<[string, (app: express.Express) => void]>([
  ['JSON', (app) => app.use(express.json({ limit: '10mb' }))],
  ['forms, then JSON', (app) => app.use(express.urlencoded({ extended: true }), express.json({ limit: '10mb' }))],
  ['forms', (app) => app.use(express.urlencoded({ extended: true }))],
  ['text', (app) => app.use(express.text({ type: () => true, limit: '10mb' }))],
  ['bytes', (app) => app.use(express.raw({ type: () => true, limit: '10mb' }))],
])('where the host has parsed %s before, a body is what it was', async (_, before) => {
  const office = await apiOffice({ pollEvery: 3600_000 }, {}, before)
  const { batch } = (await office.ask('POST', '/removals', { body: { login: 'nobody', reason: 'why' } })).body
  expect(batch).toEqual(expect.any(String))
  expect((await office.ask('POST', '/removals', { body: { logn: 'nobody' } })).status).toBe(400)
  const long = JSON.stringify({ login: 'x'.repeat(100 * 1024) })
  expect((await office.ask('POST', '/removals', { body: long })).status).toBe(413)
  // Its length not told.
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(long))
      controller.close()
    },
  })
  const chunked = await fetch(`${office.base}/removals`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${tokens.all}`, 'Content-Type': 'application/json' },
    body: stream,
    duplex: 'half',
  } as RequestInit)
  expect(chunked.status).toBe(413)
  await office.stop()
})
