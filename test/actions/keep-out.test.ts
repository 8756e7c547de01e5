import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fakeSource } from '../engine/fake-source.js'
import session from 'express-session'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

interface Answer {
  sources: { name: string; keepOut: string[] }[]
  removals?: { source: string; outcome: string; message: string | null }[]
  notice?: { message: string; options: { problem: string } }
}

describe('keeping out without a session', () => {
  let office: Office
  let admin: Person
  let banned: string[][]
  const other = fakeSource({ name: 'no-bans' })
  const failing = fakeSource({
    name: 'broken-bans',
    keepOut: {
      by: ['ip'],
      apply: async (all) => {
        if (all.length > 0) throw new Error('The ban table is read-only.')
      },
    },
  })
  beforeAll(async () => {
    banned = []
    const ftp = fakeSource({
      name: 'fake-ftp',
      keepOut: { by: ['login', 'ip'], apply: async (all) => void banned.push(all.map(({ value }) => value).sort()) },
    })
    office = await backOffice({
      pollEvery: 300,
      sources: [ftp, other, failing],
      access: { remove: ({ currentAdmin }, { login }) => currentAdmin?.role === 'admin' && login !== 'untouchable' },
    })
    admin = await office.login('admin@example.com')
    ftp.add('bystander')
    ftp.add('untouchable', { ip: '198.51.100.7' })
    await admin.row('FtpSession', 'untouchable')
  })
  afterAll(() => office.stop())

  const url = '/admin/api/resources/SessionHold/actions/keepOut'
  const ask = async (body: object, who = admin, headers: Record<string, string> = {}) =>
    (await who.agent.post(url).set(headers).send(body).expect(200)).body as Answer
  const holdsOf = async (value: string) => (await admin.list('SessionHold', `filters.value==${value}`)).records
  const outcomes = ({ removals }: Answer) => removals?.map(({ source, outcome }) => [source, outcome])

  test('GET says which sources can, and by what; it keeps nobody out', async () => {
    const { sources, removals } = (await admin.agent.get(url).expect(200)).body as Answer
    expect(sources.map(({ name, keepOut }) => [name, keepOut])).toEqual([
      ['broken-bans', ['ip']],
      ['fake-ftp', ['login', 'ip']],
      ['no-bans', []],
    ])
    expect(removals).toBeUndefined()
  })

  test('a login is kept out of every source that can, until its time, on record, and can be released', async () => {
    const answer = await ask({ by: 'login', value: 'mallory', minutes: 60, reason: 'fraud' })
    expect(outcomes(answer)).toEqual([['fake-ftp', 'kept-out']])
    expect(banned.at(-1)).toEqual(['mallory'])
    const [{ params }] = (await admin.list('SessionRemoval', 'filters.login=mallory')).records as never as [
      { params: Record<string, unknown> },
    ]
    expect(params).toMatchObject({
      ...{ outcome: 'kept-out', login: 'mallory', keepOutBy: 'login', removedBy: 'admin@example.com', reason: 'fraud' },
      ...{ source: 'fake-ftp', removedFromIp: expect.stringContaining('127.0.0.1') },
    })
    const [hold] = await holdsOf('mallory')
    await admin.agent.post(`/admin/api/resources/SessionHold/records/${hold!.id}/delete`).expect(200)
    await until('he is let in', () => banned.at(-1)!.length === 0)
    expect(await holdsOf('mallory')).toEqual([])
  })

  test('until it is released', async () => {
    await ask({ by: 'login', value: 'for-ever', minutes: null })
    const [hold] = await holdsOf('for-ever')
    expect(hold!.params.until).toMatch(/^9999/)
  })

  test('longer than before: the longest counts', async () => {
    await ask({ by: 'login', value: 'again', minutes: 15 })
    await ask({ by: 'login', value: 'again', minutes: 600 })
    expect((await holdsOf('again')).length).toBe(2)
    expect(banned.at(-1)).toContain('again')
  })

  test('where a source can not bring it into force, it says why, and nobody looks kept out there', async () => {
    const answer = await ask({ by: 'ip', value: '203.0.113.9', minutes: 60 })
    expect(outcomes(answer)!.sort()).toEqual([['broken-bans', 'failed'], ['fake-ftp', 'kept-out']]) // prettier-ignore
    expect(answer.removals!.find(({ source }) => source === 'broken-bans')!.message).toMatch(/read-only/)
    expect((await holdsOf('203.0.113.9')).map(({ params }) => params.source)).toEqual(['fake-ftp'])
  })

  test("nobody is kept out whose sessions are not the asker's to end, nor by an address that he has", async () => {
    for (const body of [
      { by: 'login', value: 'untouchable' },
      { by: 'ip', value: '198.51.100.7' },
    ]) {
      const answer = await ask({ ...body, minutes: 60, sources: [{ host: 'test-host', name: 'fake-ftp' }] })
      expect(outcomes(answer)).toEqual([['fake-ftp', 'refused']])
      expect(await holdsOf(body.value)).toEqual([])
    }
  })

  test("another admin's batch is not gone on with", async () => {
    const batch = crypto.randomUUID()
    await ask({ by: 'login', value: 'theirs', minutes: 60, batch })
    const second = await office.login('second@example.com')
    const answer = await ask({ by: 'login', value: 'more', minutes: 60, batch }, second)
    expect(answer).toMatchObject({ notice: { message: 'keepOutRefused' } })
    expect(answer.removals).toBeUndefined()
  })

  test('a role that may not, another site, and what makes no sense keep nobody out', async () => {
    const reader = await office.login('reader@example.com')
    expect(outcomes(await ask({ by: 'login', value: 'x1', minutes: 60 }, reader))).toEqual([['fake-ftp', 'refused']])
    const foreign = await ask({ by: 'login', value: 'x2', minutes: 60 }, admin, { 'Sec-Fetch-Site': 'cross-site' })
    expect(outcomes(foreign)).toEqual([['fake-ftp', 'refused']])
    for (const body of [
      { by: 'name', value: 'x3', minutes: 60 },
      { by: 'login', value: ' ', minutes: 60 },
      { by: 'login', value: 'x3', minutes: 0 },
      { by: 'login', value: 'x3', minutes: 60, sources: 'all' },
    ])
      expect((await ask(body)).notice).toMatchObject({ message: 'keepOutRefused' })
    for (const value of ['x1', 'x2', 'x3']) expect(await holdsOf(value)).toEqual([])
  })
})

test('a panel login is out at its next request, and in again when it is released', async () => {
  const store = new session.MemoryStore()
  const office = await backOffice({ sources: [expressSessions({ store })], pollEvery: 300 }, {}, () => undefined, store)
  try {
    const admin = await office.login('admin@example.com')
    const second = await office.login('second@example.com')
    await admin.row('PanelSession', 'second@example.com')
    await admin.agent
      .post('/admin/api/resources/SessionHold/actions/keepOut')
      .send({ by: 'login', value: 'second@example.com', minutes: 60 })
      .expect(200)
    await second.agent.get('/admin').expect(302)
    await admin.agent.get('/admin').expect(200)
    const own = await admin.agent
      .post('/admin/api/resources/SessionHold/actions/keepOut')
      .send({ by: 'login', value: 'admin@example.com', minutes: 60 })
      .expect(200)
    expect((own.body as Answer).removals).toMatchObject([
      { outcome: 'refused', message: expect.stringMatching(/your own/) },
    ])
  } finally {
    await office.stop()
  }
})
