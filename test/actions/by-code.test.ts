import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Request } from 'express'
import session from 'express-session'
import type { SessionEventMap, SessionEventName } from '../../src/database/session-events.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

/** Long enough that nothing in here is found by a poll that comes by itself. */
const never = 3600_000

describe('removals by the host’s own code', () => {
  let office: Office
  let admin: Person
  let failing: string | undefined
  let passedBy: Request | undefined
  beforeAll(async () => {
    const store = new session.MemoryStore()
    office = await backOffice(
      { pollEvery: never, endsWithin: 2000, person: ({ login }) => login!.split('_')[0]! },
      {
        list: async () => {
          if (failing !== undefined) throw new Error(failing)
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
      (app) => {
        // A page of the host's own, which is logged in by the same cookie.
        const own = session({ name: 'adminjs', store, secret: 'a secret of the test that is long enough', resave: false, saveUninitialized: false }) // prettier-ignore
        app.post('/password', own, (request, response) => {
          passedBy = request
          void office.sessions
            .endAllOf('admin@example.com', { except: request, reason: 'the password was changed' })
            .then((result) => response.json(result))
        })
      },
      store,
    )
    admin = await office.login('admin@example.com')
  })
  afterAll(() => office.stop())
  afterEach(() => {
    office.ftp.sessions.clear()
    failing = undefined
  })

  const removals = async () => (await admin.list('SessionRemoval', 'perPage=100')).records.map(({ params }) => params)

  test('everything of a person, also what opened since the last poll; nothing of anybody else', async () => {
    office.ftp.add('shop_a')
    office.ftp.add('shop_b')
    office.ftp.add('shopper')
    const result = await office.sessions.remove({ person: 'shop', by: 'billing', reason: ' the contract has ended ' })
    expect(result).toEqual({ batch: expect.any(String), counts: { ended: 2 }, notEnded: [], unread: [] })
    expect([...office.ftp.sessions.keys()]).toEqual(['shopper'])
    const recorded = (await removals()).filter(({ batch }) => batch === result.batch)
    expect(recorded).toHaveLength(2)
    for (const one of recorded) {
      expect(one).toMatchObject({ removedVia: 'api', removedBy: 'billing', reason: 'the contract has ended' })
      expect(one).toMatchObject({ outcome: 'ended', person: 'shop', removedFromIp: null })
    }
    expect(await office.sessions.removal(result.batch)).toEqual({
      ...{ batch: result.batch, counts: { ended: 2 }, notEnded: [] },
    })
  })

  test('by keys, by address and by idle time; the conditions narrow each other', async () => {
    const hourAgo = new Date(Date.now() - 3600_000)
    office.ftp.add('old', { ip: '192.0.2.5', lastActiveAt: hourAgo })
    office.ftp.add('fresh', { ip: '192.0.2.5', lastActiveAt: new Date() })
    office.ftp.add('elsewhere', { ip: '192.0.2.6', lastActiveAt: hourAgo })
    const living = () => [...office.ftp.sessions.keys()]
    await office.sessions.remove({ ip: '192.0.2.5', idleFor: 60_000, by: 'test' })
    expect(living()).toEqual(['fresh', 'elsewhere'])
    await office.sessions.remove({ keys: ['elsewhere', 'nobody'], kind: 'panel', by: 'test' })
    expect(living()).toEqual(['fresh', 'elsewhere'])
    await office.sessions.remove({ keys: ['elsewhere', 'nobody'], source: 'fake-ftp', by: 'test' })
    expect(living()).toEqual(['fresh'])
    await office.sessions.remove({ idleFor: 0, kind: 'ftp', except: ['fresh'], by: 'test' })
    expect(living()).toEqual(['fresh'])
    const [{ id }] = (await admin.list('FtpSession', 'filters.login=fresh')).records
    await expect(office.sessions.remove({ ids: [Number(id)], by: 'test' })).rejects.toThrow(/ids without kind/)
    await office.sessions.remove({ kind: 'ftp', ids: [Number(id)], keys: ['other'], by: 'test' })
    expect(living()).toEqual(['fresh'])
    await office.sessions.remove({ kind: 'ftp', ids: [Number(id)], by: 'test' })
    expect(living()).toEqual([])
  })

  test('a source that can’t be read is named: what is new there was not found', async () => {
    office.ftp.add('known')
    await admin.row('FtpSession', 'known')
    failing = 'the scoreboard is away'
    const result = await office.sessions.remove({ login: 'known', by: 'test', waitFor: 0 })
    expect(result.unread).toEqual([{ source: 'fake-ftp', error: 'the scoreboard is away' }])
    const elsewhere = await office.sessions.remove({ login: 'known', host: 'elsewhere', by: 'test', waitFor: 0 })
    expect(elsewhere.unread).toEqual([])
    const [[outcome, count]] = Object.entries(result.counts)
    expect(count).toBe(1)
    expect(['pending', 'failed']).toContain(outcome)
    await until('its outcome', async () => (await office.sessions.removal(result.batch)).counts.failed === 1)
    const { notEnded } = await office.sessions.removal(result.batch)
    expect(notEnded.map(({ login, message }) => [login, message])).toEqual([
      ['known', expect.stringContaining('the scoreboard is away')],
    ])
  })

  test('endAllOf: of a login whose password was changed all sessions but the one that changed it', async () => {
    const other = await office.login('admin@example.com')
    const second = await office.login('second@example.com')
    office.ftp.add('by-ftp', { login: 'admin@example.com' })
    await admin.row('PanelSession', 'second@example.com')
    const { body } = await admin.agent.post('/password').expect(200)
    expect(passedBy).toBeDefined()
    expect(body).toMatchObject({ counts: { ended: 2 }, unread: [] })
    expect(office.ftp.sessions.size).toBe(0)
    await other.agent.get('/admin/api/resources/PanelSession/actions/list').expect(302)
    await second.list('PanelSession')
    const recorded = (await removals()).filter(({ batch }) => batch === body.batch)
    expect(recorded.map(({ removedVia, removedBy, reason }) => [removedVia, removedBy, reason])).toEqual(
      Array(2).fill(['policy', 'changed credentials', 'the password was changed']),
    )
  })

  test('keepOut and release: a login with nothing open is kept out, and let in again, both on record', async () => {
    const { batch, counts } = await office.sessions.keepOut({ login: 'mallory', minutes: 5, by: 'fail2ban' })
    expect(counts).toMatchObject({ 'kept-out': expect.any(Number) })
    expect(office.keptOut.at(-1)).toEqual(['mallory'])
    const recorded = (await removals()).filter((one) => one.batch === batch)
    expect(recorded[0]).toMatchObject({ removedVia: 'api', removedBy: 'fail2ban', keepOutBy: 'login' })
    for (const { id } of recorded) await office.sessions.release(Number(id), { by: 'support' })
    await until('let in again', () => office.keptOut.at(-1)?.length === 0)
    const after = (await removals()).filter((one) => one.batch === batch)
    expect(new Set(after.map(({ releasedBy }) => releasedBy))).toEqual(new Set(['support']))
    expect((await admin.list('SessionHold')).meta.total).toBe(0)
  })

  test('where no source can keep out, it is an error and not an empty answer', async () => {
    const sources = [{ host: 'nowhere', name: 'proftpd' }]
    await expect(office.sessions.keepOut({ login: 'a', minutes: 5, by: 'test', sources })).rejects.toThrow(
      'none of the sources that were named is here',
    )
  })

  test.each([
    ['nothing says which sessions', { by: 'test' }, 'nothing says which sessions'],
    ['only where', { by: 'test', kind: 'ftp', source: 'fake-ftp' }, 'nothing says which sessions'],
    ['nobody asks', { login: 'a' }, 'option "by" is missing; expected a name'],
    ['an option that there is not', { by: 'test', logn: 'a' }, 'no option of that name: logn'],
    ['an empty login', { by: 'test', login: '' }, 'option "login" is ""; expected a text that is not empty'],
    ['no minutes', { by: 'test', login: 'a', keepOut: { by: 'login', minutes: 0 } }, 'expected at least 1 minute'],
  ])('refused: %s', async (_, options, message) => {
    office.ftp.add('a')
    await expect(office.sessions.remove(options as never)).rejects.toThrow(message)
    expect(office.ftp.sessions.size).toBe(1)
  })

  test('keepOut is refused without login and address, and with both', async () => {
    for (const whom of [{}, { login: 'a', ip: '192.0.2.1' }]) {
      await expect(office.sessions.keepOut({ ...whom, minutes: 5, by: 'test' })).rejects.toThrow('either login or ip')
    }
  })
})

describe('events', () => {
  let office: Office
  let told: [SessionEventName, unknown][]
  let failing = false
  beforeEach(async () => {
    told = []
    failing = false
    office = await backOffice(
      { pollEvery: 300 },
      {
        list: async () => {
          if (failing) throw new Error('away')
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
    )
    const names = ['session-opened', 'session-ended', 'removed', 'came-back', 'source-failing', 'source-ok'] as const
    for (const name of names) office.sessions.events.on(name, (event) => void told.push([name, event]))
  })
  afterEach(() => office.stop())
  const next = <Name extends SessionEventName>(
    name: Name,
    is: (event: SessionEventMap[Name]) => boolean = () => true,
  ) =>
    until(`the event ${name}`, () => {
      const found = told.find(([one, event]) => one === name && is(event as SessionEventMap[Name]))
      return found?.[1] as SessionEventMap[Name] | undefined
    })

  test('a session opens, is removed, is gone, and its login comes back', async () => {
    office.ftp.add('alice', { connectedAt: new Date() })
    const opened = await next('session-opened')
    expect(opened).toMatchObject({ kind: 'ftp', session: { login: 'alice', ip: '192.0.2.1', id: expect.any(Number) } })
    const { batch } = await office.sessions.remove({ login: 'alice', by: 'test' })
    expect(await next('removed')).toMatchObject({ batch, login: 'alice', outcome: 'ended', removedBy: 'test' })
    expect(await next('session-ended')).toMatchObject({ kind: 'ftp', session: { id: opened.session.id } })
    office.ftp.add('alice again', { login: 'alice', connectedAt: new Date(Date.now() + 1000) })
    expect(await next('came-back')).toMatchObject({ batch, login: 'alice', cameBackAt: expect.any(Date) })
    expect(told.filter(([name]) => name === 'removed')).toHaveLength(1)
    // Not at every number of sessions.
    expect(told.filter(([name]) => name === 'source-ok').length).toBeLessThanOrEqual(2)
    expect(told.filter(([name]) => name === 'session-opened')).toHaveLength(2)
  })

  test('a source fails once and is well again once, however often it is polled meanwhile', async () => {
    await next('source-ok', ({ name }) => name === 'fake-ftp')
    failing = true
    expect(await next('source-failing')).toMatchObject({
      name: 'fake-ftp',
      error: 'away',
      failingSince: expect.any(Date),
    })
    await office.sessions.remove({ login: 'nobody', by: 'test', waitFor: 0 })
    failing = false
    told = told.filter(([name]) => name !== 'source-ok')
    await next('source-ok', ({ name }) => name === 'fake-ftp')
    expect(told.filter(([name]) => name === 'source-failing')).toHaveLength(1)
  })

  test('a listener that throws or rejects disturbs neither the table nor the next one', async () => {
    const rest: string[] = []
    office.sessions.events
      .on('session-opened', () => {
        throw new Error('of the host')
      })
      .on('session-opened', async () => Promise.reject(new Error('of the host, too')))
      .on('session-opened', ({ session: { login } }) => void rest.push(login!))
    office.ftp.add('bob')
    await until('the next listener', () => rest.includes('bob'))
    const admin = await office.login('admin@example.com')
    await admin.row('FtpSession', 'bob')
  })

  test('whoever stopped to listen hears nothing', async () => {
    const heard: string[] = []
    const listener = ({ session: { login } }: SessionEventMap['session-opened']) => void heard.push(login!)
    office.sessions.events.on('session-opened', listener).off('session-opened', listener)
    office.ftp.add('carol')
    await next('session-opened')
    expect(heard).toEqual([])
  })
})
