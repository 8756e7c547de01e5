import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { apiOffice, type Office } from './api-office.js'

const hourAgo = () => new Date(Date.now() - 3600_000)
const logins = ({ body }: { body: { sessions: { login: string }[] } }) => body.sessions.map(({ login }) => login)

describe('the lists', () => {
  let office: Office
  let failing: string | undefined
  beforeAll(async () => {
    office = await apiOffice(
      { pollEvery: 250, person: ({ login }) => login!.split('_')[0]! },
      {
        list: async () => {
          if (failing !== undefined) throw new Error(failing)
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
    )
    const { ftp } = office
    ftp.add('shop_a', {
      ...{ type: 'domain-user', status: 'downloading', ip: '192.0.2.5', protocol: 'ftps', fileName: 'a "b"\n<c>.zip' },
      ...{ transferredBytes: 50, totalBytes: 100, lastActiveAt: hourAgo(), connectedAt: hourAgo() },
    })
    ftp.add('shop_b', { type: 'anonymous', lastActiveAt: new Date(), ip: '2001:db8::1' })
    ftp.add('shop%', { lastActiveAt: new Date() })
    ftp.add('s_op', { lastActiveAt: new Date() })
    for (let i = 0; i < 20; i++) ftp.add(`many-${i}`, { domain: 'example.org' })
    await office.logIn('a-session-id-that-is-a-secret', 'admin@example.com')
    await office.logIn('another-session-id', 'second@example.com')
    await office.rows('ftp', 24)
    await office.rows('panel', 2)
  })
  afterAll(() => office.stop())

  test('a session is its row, in every field, with the state of its sources beside it', async () => {
    const { body } = await office.ask('GET', '/ftp?login=shop_a')
    expect(body).toEqual({
      sessions: [
        {
          ...{ id: expect.any(Number), host: 'test-host', source: 'fake-ftp', key: 'shop_a', login: 'shop_a' },
          ...{ person: 'shop', type: 'domain-user', status: 'downloading', condition: 'normal', domain: null },
          ...{ ip: '192.0.2.5', protocol: 'ftps', connectedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
          ...{ lastActiveAt: expect.stringMatching(/Z$/), transferredBytes: 50, totalBytes: 100, progress: 50 },
          ...{ bytesPerSecond: body.sessions[0].bytesPerSecond, movedBytes: 0 },
          ...{ fileName: expect.stringContaining('<c>.zip'), location: null, command: null },
        },
      ],
      next: null,
      sources: [
        expect.objectContaining({ kind: 'ftp', name: 'fake-ftp', state: 'ok', error: null, keepOut: ['login'] }),
      ],
    })
    const [{ id }] = body.sessions
    expect((await office.ask('GET', `/ftp/${id}`)).body).toMatchObject({ id, login: 'shop_a' })
    expect((await office.ask('GET', '/ftp/999999')).status).toBe(404)
  })

  test('a panel session has a key, and its id is nowhere', async () => {
    const { body, text } = await office.ask('GET', '/panel')
    expect(logins({ body })).toEqual(expect.arrayContaining(['admin@example.com', 'second@example.com']))
    expect(text).not.toContain('a-session-id-that-is-a-secret')
    const { id } = body.sessions.find(({ login }: { login: string }) => login === 'admin@example.com')
    expect((await office.ask('GET', `/panel/${id}`)).body).toMatchObject({
      login: 'admin@example.com',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test.each([
    ['login=shop_a', ['shop_a']],
    ['login=shop%25', ['shop%']],
    ['login=s_op', ['s_op']],
    ['login=%25', []],
    ['login=shop_', []],
    ["login=' OR 1=1 --", []],
    ['login=SHOP_A', []],
    ['person=shop', ['shop_a', 'shop_b']],
    ['ip=192.0.2.5', ['shop_a']],
    ['ip=2001:db8::1', ['shop_b']],
    ['type=anonymous', ['shop_b']],
    ['status=downloading', ['shop_a']],
    ['idleFor=600000', ['shop_a']],
    ['person=shop&status=idle', ['shop_b']],
    ['source=fake-ftp&login=shop_b', ['shop_b']],
    ['source=other', []],
    ['host=other', []],
    ['host=test-host&person=shop&idleFor=0', ['shop_a', 'shop_b']],
  ])('?%s', async (query, expected) => {
    expect(logins(await office.ask('GET', `/ftp?${query}`))).toEqual(expected)
  })

  test('pages go through all of them, once each, whatever goes meanwhile', async () => {
    const seen: string[] = []
    let next: string | null = null
    do {
      const page: { body: { sessions: { login: string }[]; next: string | null } } = await office.ask(
        'GET',
        `/ftp?source=fake-ftp&limit=7${next === null ? '' : `&cursor=${next}`}`,
      )
      seen.push(...logins(page))
      next = page.body.next
      if (seen.length === 7) {
        // One that was seen, of those that the other tests do not ask for.
        const gone = seen.find((login) => login.startsWith('many'))!
        office.ftp.sessions.delete(gone)
        await office.rows('ftp', 23)
      }
    } while (next !== null)
    expect(seen).toHaveLength(24)
    expect(new Set(seen).size).toBe(24)
  })

  test('a cursor is of one query, and can’t be changed', async () => {
    const { next } = (await office.ask('GET', '/ftp?source=fake-ftp&limit=2')).body as { next: string }
    const status = async (query: string) => (await office.ask('GET', query)).status
    expect(await status(`/ftp?source=fake-ftp&limit=3&cursor=${next}`)).toBe(200)
    const changed = Buffer.from(next, 'base64url').toString().replace(/^\d+/, '1')
    for (const query of [
      `/ftp?limit=2&cursor=${next}`,
      `/ftp?source=fake-ftp&status=idle&cursor=${next}`,
      `/panel?source=fake-ftp&cursor=${next}`,
      `/removals?cursor=${next}`,
      `/ftp?source=fake-ftp&cursor=${Buffer.from(changed).toString('base64url')}`,
      `/ftp?source=fake-ftp&cursor=${next}x`,
      `/ftp?source=fake-ftp&cursor=1`,
      `/ftp?source=fake-ftp&cursor=${Buffer.from('1 OR 1=1').toString('base64url')}`,
    ]) {
      const { status, body } = await office.ask('GET', query)
      expect([query, status]).toEqual([query, 400])
      expect(body.detail).toMatch(/"cursor"/)
    }
  })

  test('a source that can’t be read is said beside its list, which keeps its rows, also where none matches', async () => {
    failing = 'the scoreboard is away'
    const isSaid = ({ body }: { body: { sources: { state: string; error: string }[] } }) =>
      body.sources.some(({ state, error }) => state === 'failing' && error.includes('the scoreboard is away'))
    await until('its state', async () => isSaid(await office.ask('GET', '/sources')))
    expect(isSaid(await office.ask('GET', '/ftp?login=nobody'))).toBe(true)
    const all = await office.ask('GET', '/ftp')
    expect(isSaid(all)).toBe(true)
    expect(all.body.sessions).toHaveLength(23)
    failing = undefined
    await until('its state', async () => !isSaid(await office.ask('GET', '/sources')))
  })
})

test('while the database is away it is 503, without a word of what is inside, once in the log', async () => {
  const said: string[] = []
  const { error } = console
  const office = await apiOffice({ pollEvery: 3600_000 })
  console.error = (message: string) => void said.push(message)
  try {
    await office.sql('ALTER TABLE adminjs_sessions_ftp RENAME TO adminjs_sessions_away')
    for (let i = 0; i < 3; i++) {
      const { status, headers, text } = await office.ask('GET', '/ftp')
      expect([status, headers.get('retry-after')]).toEqual([503, '5'])
      expect(text).not.toMatch(/SQLITE|adminjs_sessions|\.js/)
    }
    expect(said.filter((message) => message.includes('the HTTP API could not answer'))).toHaveLength(1)
  } finally {
    console.error = error
    await office.stop()
  }
})
