import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { until } from '../until.js'
import { apiOffice, tokens, type Answered, type Office } from './api-office.js'

/** Long enough that nothing in here is found by a poll that comes by itself. */
const never = 3600_000

describe('removals', () => {
  let office: Office
  let failing: string | undefined
  beforeAll(async () => {
    office = await apiOffice(
      { pollEvery: never, endsWithin: 2000, person: ({ login }) => login!.split('_')[0]! },
      {
        list: async () => {
          if (failing !== undefined) throw new Error(failing)
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
    )
  })
  afterAll(() => office.stop())
  afterEach(() => {
    office.ftp.sessions.clear()
    failing = undefined
  })

  const living = () => [...office.ftp.sessions.keys()]
  const remove = (body: object, question: object = {}) => office.ask('POST', '/removals', { body, ...question })
  /** The removals of a batch, as soon as all of them have an outcome. */
  const settled = (location: string) =>
    until('their outcomes', async () => {
      const { removals } = (await office.ask('GET', location.replace('/sessions', ''))).body
      return removals.every(({ outcome }: { outcome: string }) => outcome !== 'pending') && removals
    })
  const outcomes = async ({ headers }: Answered) => settled(headers.get('location')!)

  test('end what was meant, on record with the token’s name, the address and why', async () => {
    for (const login of ['shop_a', 'shop_b', 'shopper']) office.ftp.add(login)
    const answered = await remove({ person: 'shop', reason: ' the contract has ended ', tellReason: true })
    expect(answered.status).toBe(202)
    const { batch, counts, unread } = answered.body
    expect(Object.values<number>(counts).reduce((sum, count) => sum + count)).toBe(2)
    expect(unread).toEqual([])
    expect(answered.headers.get('location')).toBe(`/sessions/removals?batch=${batch}`)
    const removals = await outcomes(answered)
    expect(removals).toHaveLength(2)
    for (const one of removals) {
      expect(one).toMatchObject({
        ...{ batch, removedVia: 'api', removedBy: 'billing', removedFromIp: '127.0.0.1', kind: 'ftp' },
        ...{ person: 'shop', reason: 'the contract has ended', reasonTold: true, outcome: 'ended' },
        session: { login: one.login, source: 'fake-ftp' },
      })
      expect((await office.ask('GET', `/removals/${one.id}`)).body).toEqual(one)
    }
    expect(living()).toEqual(['shopper'])
    expect((await office.ask('GET', '/removals/999999')).status).toBe(404)
  })

  test('by key, address, idle time and ids; the conditions narrow each other', async () => {
    office.ftp.add('old', { ip: '192.0.2.5', lastActiveAt: new Date(Date.now() - 3600_000) })
    office.ftp.add('fresh', { ip: '192.0.2.5', lastActiveAt: new Date() })
    office.ftp.add('third')
    office.ftp.add('fourth')
    await outcomes(await remove({ ip: '192.0.2.5', idleFor: 60_000 }, { token: tokens.all }))
    expect(living()).toEqual(['fresh', 'third', 'fourth'])
    await outcomes(await remove({ keys: ['fresh', 'nobody'], kind: 'panel' }))
    await outcomes(await remove({ keys: ['fresh', 'nobody'], host: 'elsewhere' }))
    expect(living()).toEqual(['fresh', 'third', 'fourth'])
    await outcomes(await remove({ keys: ['fresh', 'nobody'] }))
    const [{ id }, { id: other }] = (await office.ask('GET', '/ftp')).body.sessions
    // An id of the other kind is nobody's there.
    await outcomes(await remove({ kind: 'panel', ids: [id, other] }))
    expect(living()).toEqual(['third', 'fourth'])
    await outcomes(await remove({ kind: 'ftp', ids: [id, other], keys: ['fourth'] }))
    expect(living()).toEqual(['third'])
    await outcomes(await remove({ kind: 'ftp', ids: [id, 2147483648] }))
    expect(living()).toEqual([])
  })

  test('names are names: no wildcard ends anybody', async () => {
    office.ftp.add('shop_a')
    for (const login of ['%', 'shop_', 'shop%', "' OR 1=1 --"]) {
      expect((await remove({ login })).body.counts).toEqual({})
    }
    expect(living()).toEqual(['shop_a'])
  })

  test('a panel session that is ended stays ended, and its id is in no answer', async () => {
    await office.logIn('a-session-id-that-is-a-secret', 'admin@example.com')
    const answered = await remove({ login: 'admin@example.com', kind: 'panel' })
    const removals = await outcomes(answered)
    expect(removals).toMatchObject([{ outcome: 'ended', session: { login: 'admin@example.com' } }])
    expect(JSON.stringify([answered, removals])).not.toContain('a-session-id-that-is-a-secret')
    expect((await office.ask('GET', '/panel')).body.sessions).toEqual([])
  })

  test('a source that can’t be read is named; what did not end is, too', async () => {
    office.ftp.add('known')
    await outcomes(await remove({ login: 'nobody' }))
    failing = 'the scoreboard is away'
    const answered = await remove({ login: 'known' })
    expect(answered.body.unread).toEqual([{ source: 'fake-ftp', error: 'the scoreboard is away' }])
    expect(await outcomes(answered)).toMatchObject([{ outcome: 'failed', message: expect.any(String) }])
    failing = undefined
    office.ftp.sessions.clear()
    const refused = await remove({ login: 'known', keepOut: { by: 'ip', minutes: 5 } })
    expect(refused.body.notEnded).toEqual([])
  })

  test('what a source refuses to do is among notEnded at once', async () => {
    office.ftp.add('known')
    const { body } = await remove({ login: 'known', keepOut: { by: 'ip', minutes: 5 } })
    expect(body).toMatchObject({ counts: { refused: 1 }, notEnded: [{ login: 'known', outcome: 'refused' }] })
    expect(living()).toEqual(['known'])
  })

  test.each(['header', 'body'] as const)('sent again with its %s, nothing more is ended', async (where) => {
    const batch = randomUUID()
    const question = (batch: string) =>
      where === 'body'
        ? { body: { login: 'shop', batch } }
        : { body: { login: 'shop' }, headers: { 'Idempotency-Key': batch } }
    const ask = (also: object = {}) => office.ask('POST', '/removals', { ...question(batch), ...also })
    office.ftp.add('one', { login: 'shop' })
    const first = await ask()
    expect(first.body.batch).toBe(batch)
    await outcomes(first)
    const ended = office.ftp.ended.length
    office.ftp.add('two', { login: 'shop' })
    const again = await ask()
    expect(again.status).toBe(202)
    expect(again.body).toEqual({ batch, counts: { ended: 1 }, notEnded: [], unread: [] })
    expect(living()).toEqual(['two'])
    expect(office.ftp.ended).toHaveLength(ended)
    // Another question, and somebody else's same one.
    const other = await office.ask('POST', '/removals', { body: { login: 'other', batch } })
    expect([other.status, other.body.detail]).toEqual([409, 'This batch is on record for another question.'])
    expect((await ask({ token: tokens.remover })).status).toBe(409)
    const both = { body: { login: 'shop', batch: randomUUID() }, headers: { 'Idempotency-Key': batch } }
    expect((await office.ask('POST', '/removals', both)).status).toBe(400)
    expect(living()).toEqual(['two'])
  })

  test('one that found nobody finds nobody when it is sent again', async () => {
    const batch = randomUUID()
    expect((await remove({ login: 'later', batch })).body.counts).toEqual({})
    office.ftp.add('later')
    expect((await remove({ login: 'later', batch })).body.counts).toEqual({})
    expect(living()).toEqual(['later'])
  })

  test('ten at once with one key are one', async () => {
    const batch = randomUUID()
    for (let i = 0; i < 20; i++) office.ftp.add(`one-${i}`, { login: 'shop' })
    const before = office.ftp.ended.length
    const all = await Promise.all(Array.from({ length: 10 }, () => remove({ login: 'shop', batch })))
    expect(all.map(({ status }) => status)).toEqual(Array(10).fill(202))
    const removals = await outcomes(all[0]!)
    expect(removals).toHaveLength(20)
    expect(new Set(removals.map(({ recordId }: { recordId: number }) => recordId)).size).toBe(20)
    expect(office.ftp.ended.length - before).toBe(20)
  })

  test('a key that is no uuid is refused, and so is a batch of the host’s own code', async () => {
    const answered = await remove({ login: 'x' }, { headers: { 'Idempotency-Key': 'again' } })
    expect([answered.status, answered.body.detail]).toEqual([400, expect.stringContaining('a uuid')])
    office.ftp.add('shop')
    const { batch } = await office.sessions.remove({ login: 'shop', by: 'the host' })
    office.ftp.add('other')
    expect((await remove({ login: 'other', batch })).status).toBe(409)
    expect(living()).toEqual(['other'])
  })

  test('a request that was broken off is gone on with', async () => {
    const batch = randomUUID()
    office.ftp.add('shop')
    await office.sql('ALTER TABLE adminjs_sessions_removal RENAME TO adminjs_sessions_away')
    const { error } = console
    console.error = () => {}
    expect((await remove({ login: 'shop', batch })).status).toBe(503)
    console.error = error
    await office.sql('ALTER TABLE adminjs_sessions_away RENAME TO adminjs_sessions_removal')
    expect(living()).toEqual(['shop'])
    await outcomes(await remove({ login: 'shop', batch }))
    expect(living()).toEqual([])
  })

  test('since a time, and page by page', async () => {
    const since = new Date().toISOString()
    for (let i = 0; i < 5; i++) office.ftp.add(`one-${i}`, { login: 'many' })
    const { body } = await remove({ login: 'many' })
    const page = await office.ask('GET', `/removals?since=${since}&limit=3`)
    expect(page.body.removals).toHaveLength(3)
    const rest = await office.ask('GET', `/removals?since=${since}&limit=3&cursor=${page.body.next}`)
    expect([rest.body.removals.length, rest.body.next]).toEqual([2, null])
    expect(new Set([...page.body.removals, ...rest.body.removals].map(({ batch }) => batch))).toEqual(
      new Set([body.batch]),
    )
    expect((await office.ask('GET', '/removals?since=2100-01-01T00:00:00Z')).body.removals).toEqual([])
  })

  test('keep a login out, until released; who did both is on record', async () => {
    const batch = randomUUID()
    const sources = [{ host: 'test-host', name: 'fake-ftp' }]
    const keepOut = () =>
      office.ask('POST', '/keep-outs', { body: { login: 'eve', minutes: null, reason: 'spam', batch, sources } })
    const answered = await keepOut()
    expect(answered.status).toBe(202)
    const [removal] = await outcomes(answered)
    expect(removal).toMatchObject({
      ...{ outcome: 'kept-out', removedBy: 'billing', removedVia: 'api', removedFromIp: '127.0.0.1', reason: 'spam' },
      ...{ login: 'eve', keepOutBy: 'login', keepOutUntil: null, session: null, releasedAt: null },
    })
    expect((await keepOut()).body).toEqual({ batch, counts: { 'kept-out': 1 }, notEnded: [] })
    const { holds } = (await office.ask('GET', '/holds')).body
    expect(holds).toMatchObject([{ by: 'login', value: 'eve', until: null, source: 'fake-ftp', removalId: removal.id }])
    const path = `/removals/${removal.id}/release`
    const headers = { 'Idempotency-Key': randomUUID() }
    const released = await office.ask('POST', path, { token: tokens.remover, headers })
    expect([released.status, released.body.releasedBy]).toEqual([200, 'cleaner'])
    expect((await office.ask('POST', path)).body.releasedBy).toBe('cleaner')
    expect((await office.ask('GET', '/holds')).body.holds).toEqual([])
    expect((await office.ask('POST', '/removals/999999/release')).status).toBe(404)
    expect((await office.ask('POST', path, { body: { by: 'me' } })).status).toBe(400)
  })

  test('for so many minutes', async () => {
    await outcomes(await office.ask('POST', '/keep-outs', { body: { login: 'mallory', minutes: 5 } }))
    const { holds } = (await office.ask('GET', '/holds?limit=1')).body
    expect(new Date(holds[0].until).getTime()).toBeGreaterThan(Date.now())
    expect((await office.ask('POST', '/keep-outs', { body: { login: 'mallory' } })).status).toBe(400)
    expect((await office.ask('POST', '/keep-outs', { body: { login: 'mallory', minutes: 0 } })).status).toBe(400)
  })

  test('where nobody can keep out in that way it is said, and not accepted', async () => {
    const { status, body } = await office.ask('POST', '/keep-outs', { body: { ip: '192.0.2.7', minutes: 5 } })
    expect([status, body.remedy]).toEqual([422, expect.stringContaining('GET /sources')])
  })
})
