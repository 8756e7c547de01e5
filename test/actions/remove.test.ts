import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

let office: Office
let admin: Person
beforeAll(async () => {
  office = await backOffice({ pollEvery: 300 })
  admin = await office.login('admin@example.com')
})
afterAll(() => office.stop())

/** An FTP session of its own for each test, and its row. */
async function ftpRow(login: string) {
  office.ftp.add(login)
  return (await admin.row('FtpSession', login)).id
}

describe('remove', () => {
  test('ends an FTP session and has it on record', async () => {
    const id = await ftpRow('alice')
    const { removals, notice } = await admin.remove('FtpSession', id, {
      reason: 'spam',
      sessions: [{ id: Number(id), key: 'alice', login: 'alice' }],
    })
    expect(removals).toEqual([{ recordId: Number(id), outcome: 'ended', message: null, said: null, force: null }])
    expect(notice.type).toBe('success')
    expect(office.ftp.sessions.has('alice')).toBe(false)
    const { records } = await admin.list('SessionRemoval', 'filters.login=alice')
    expect(records[0].params).toMatchObject({
      login: 'alice', kind: 'ftp', outcome: 'ended', reason: 'spam', removedBy: 'admin@example.com', removedVia: 'admin', removedFromIp: expect.stringContaining('127.0.0.1'),
    }) // prettier-ignore
  })

  test("ends another admin's panel session, which is out at its next request and stays out", async () => {
    const second = await office.login('second@example.com')
    const { id } = await admin.row('PanelSession', 'second@example.com')
    expect((await admin.remove('PanelSession', id)).removals[0].outcome).toBe('ended')
    await second.agent.get('/admin').expect(302)
    await second.agent.get('/admin').expect(302)
  })

  test("one's own session has no checkbox, and the server refuses it", async () => {
    const own = await admin.row('PanelSession', 'admin@example.com')
    expect(own).toMatchObject({ bulkActions: [], params: { own: true } })
    const { removals } = await admin.remove('PanelSession', own.id)
    expect(removals[0]).toMatchObject({ outcome: 'refused', message: expect.stringContaining('your own session') })
    await admin.agent.get('/admin').expect(200)
  })

  test('GET shows what would end, and ends and records nothing', async () => {
    const id = await ftpRow('get-only')
    const before = (await admin.list('SessionRemoval')).meta.total
    const { body } = await admin.agent
      .get(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id},999999`)
      .expect(200)
    expect(body.records.map((record: { params: object }) => record.params)).toEqual([
      expect.objectContaining({ login: 'get-only' }),
      { id: 999999, gone: true },
    ])
    expect(office.ftp.sessions.has('get-only')).toBe(true)
    expect((await admin.list('SessionRemoval')).meta.total).toBe(before)
  })

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sister site', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1' }],
    ['another origin without Sec-Fetch', { Origin: 'http://evil.example' }],
    ['an origin that is none', { Origin: 'null' }],
  ])('a POST from %s is refused and recorded', async (_, headers: Record<string, string>) => {
    const id = await ftpRow('bob')
    const { removals, notice } = await admin.remove('FtpSession', id, {}, headers)
    expect(removals[0]).toMatchObject({ outcome: 'refused', message: expect.stringMatching(/came from another/) })
    expect(notice.type).toBe('error')
    expect(office.ftp.sessions.has('bob')).toBe(true)
    expect((await admin.list('SessionRemoval', 'filters.login=bob')).records[0].params.outcome).toBe('refused')
  })

  test("a POST of the back office's own page is let through", async () => {
    const id = await ftpRow('carol')
    expect(
      (await admin.remove('FtpSession', id, {}, { Origin: office.origin, 'Sec-Fetch-Site': 'same-origin' })).removals[0]
        .outcome,
    ).toBe('ended')
  })

  test('a reader sees the list without checkboxes, and forged ids are refused and recorded', async () => {
    const id = await ftpRow('dave')
    const reader = await office.login('reader@example.com')
    const { records, sessions } = await reader.list('FtpSession')
    expect(records.find((record) => record.id === id)?.bulkActions).toEqual([])
    expect(sessions.canRemove).toBe(false)
    expect((await reader.remove('FtpSession', id)).removals[0]).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('not allowed'),
    })
    expect(office.ftp.sessions.has('dave')).toBe(true)
    const { records: removals } = await admin.list('SessionRemoval', 'filters.login=dave')
    expect(removals[0].params).toMatchObject({ outcome: 'refused', removedBy: 'reader@example.com' })
  })

  test('a selection whose sessions have all gone is already gone, not an error', async () => {
    const { removals, notice } = await admin.remove('FtpSession', '777777,777778')
    expect(removals.map(({ outcome }) => outcome)).toEqual(['already-gone', 'already-gone'])
    expect(notice.type).toBe('success')
  })

  test('a session that is not the one on the screen is refused', async () => {
    const id = await ftpRow('erin')
    const { removals } = await admin.remove('FtpSession', id, {
      sessions: [{ id: Number(id), key: 'erin', login: 'someone else' }],
    })
    expect(removals[0]).toMatchObject({ outcome: 'refused', message: expect.stringContaining('no longer the session') })
    expect(office.ftp.sessions.has('erin')).toBe(true)
  })

  test('the same batch sent twice ends nothing twice, and answers the same', async () => {
    const id = await ftpRow('frank')
    const batch = crypto.randomUUID()
    const first = await admin.remove('FtpSession', id, { batch })
    office.ftp.add('frank')
    const again = await admin.remove('FtpSession', id, { batch })
    expect(again.removals).toEqual(first.removals)
    expect(office.ftp.sessions.has('frank')).toBe(true)
    expect(office.ftp.ended.filter((key) => key === 'frank')).toHaveLength(1)
  })

  test("another's batch is not told", async () => {
    const id = await ftpRow('gina')
    const batch = crypto.randomUUID()
    await admin.remove('FtpSession', id, { batch })
    const reader = await office.login('reader@example.com')
    expect(await reader.remove('FtpSession', id, { batch })).toMatchObject({ removals: [], notice: { type: 'error' } })
  })

  test.each([
    ['no ids', 'abc', /"abc"/],
    ['one that is none', '1,,2', /""/],
    ['negative ones', '-1', /"-1"/],
    ['SQL', '1%20OR%201=1', /1 OR 1=1/],
    ['more than 500', Array.from({ length: 501 }, (_, i) => i + 1).join(), /501 ids; expected at most 500/],
  ])('%s: a clear answer, and nothing is ended', async (_, ids, problem) => {
    office.ftp.add('bystander')
    const { removals, notice } = await admin.remove('FtpSession', ids)
    expect(removals).toEqual([])
    expect(notice).toMatchObject({ type: 'error', options: { problem: expect.stringMatching(problem) } })
    expect(office.ftp.sessions.has('bystander')).toBe(true)
  })

  test('an id named twice is ended once', async () => {
    const id = await ftpRow('heidi')
    expect((await admin.remove('FtpSession', `${id},${id}`)).removals).toHaveLength(1)
  })

  test('when idle: pending while a file is being moved, ended after', async () => {
    office.ftp.add('ida', { status: 'uploading' })
    const { id } = await admin.row('FtpSession', 'ida')
    const batch = crypto.randomUUID()
    const ask = async () => (await admin.remove('FtpSession', id, { batch, whenIdle: true })).removals[0].outcome
    expect(await ask()).toBe('pending')
    expect(office.ftp.sessions.has('ida')).toBe(true)
    office.ftp.add('ida', { status: 'idle' })
    await until('it is ended', async () => (await ask()) === 'ended')
  })

  test('500 ids in one call', async () => {
    for (let i = 0; i < 500; i++) office.ftp.add(`mass-${i}`)
    await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    const { records } = await admin.list('FtpSession', 'perPage=500&filters.login=mass-')
    const { removals } = await admin.remove('FtpSession', records.map(({ id }) => id).join())
    expect(removals).toHaveLength(500)
    expect(new Set(removals.map(({ outcome }) => outcome))).toEqual(new Set(['ended']))
  })
})

describe('keeping out', () => {
  test('is offered with whom it cuts too, recorded, shown, and releasable', async () => {
    office.ftp.add('ivan-1', { login: 'ivan' })
    office.ftp.add('ivan-2', { login: 'ivan' })
    const { id } = await admin.row('FtpSession', 'ivan')
    const { body } = await admin.agent.get(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`).expect(200)
    expect(body.ending).toEqual([
      {
        recordId: Number(id),
        keepOut: [{ by: 'login', cutsToo: { count: 1, sessions: [{ login: 'ivan', ip: '192.0.2.1' }] } }],
      },
    ])
    const { removals } = await admin.remove('FtpSession', id, { keepOut: { by: 'login', minutes: 10 } })
    expect(removals[0].outcome).toBe('ended')
    expect(office.keptOut.at(-1)).toEqual(['ivan'])

    const hold = (await admin.list('SessionHold')).records.find(({ params }) => params.value === 'ivan')!
    expect(hold.params).toMatchObject({ by: 'login', source: 'fake-ftp' })
    const release = (person: Person, headers = {}) =>
      person.agent.post(`/admin/api/resources/SessionHold/records/${hold.id}/delete`).set(headers)
    expect((await release(await office.login('reader@example.com'))).body.notice.type).toBe('error')
    expect((await release(admin, { 'Sec-Fetch-Site': 'cross-site' })).body.notice.type).toBe('error')
    expect((await admin.agent.get(`/admin/api/resources/SessionHold/records/${hold.id}/delete`)).body.notice.type).toBe(
      'error',
    )
    expect(office.keptOut.at(-1)).toEqual(['ivan'])
    expect((await release(admin)).body.notice.type).toBe('success')
    await until('he is let in again', () => office.keptOut.at(-1)!.length === 0)
  })

  test.each([
    ['by what the source cannot', { by: 'ip', minutes: 1 }, /fake-ftp cannot keep anybody out by ip/],
    ['for no time', { by: 'login', minutes: 0 }, undefined],
    ['by something else', { by: 'email', minutes: 1 }, undefined],
  ])('%s is refused', async (_, keepOut, message) => {
    const id = await ftpRow('judy')
    const { removals, notice } = await admin.remove('FtpSession', id, { keepOut })
    if (message) expect(removals[0]).toMatchObject({ outcome: 'refused', message: expect.stringMatching(message) })
    else
      expect({ removals, notice }).toMatchObject({
        removals: [],
        notice: { type: 'error', message: 'removeWrongBody' },
      })
    expect(office.ftp.sessions.has('judy')).toBe(true)
  })

  test.each([
    ['that is not known', null, 'Its login is not known, so nobody can be kept out by it.'],
    ['that no hold can hold', 'x'.repeat(192), 'Its login is too long to be kept out by it: 192 characters.'],
  ])('by a login %s is refused', async (_, login, message) => {
    office.ftp.add('kim', { login, ip: '192.0.2.99' })
    await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    const [{ id }] = (await admin.list('FtpSession', 'filters.ip=192.0.2.99')).records
    const { removals } = await admin.remove('FtpSession', id, { keepOut: { by: 'login', minutes: 1 } })
    expect(removals).toMatchObject([{ outcome: 'refused', message }])
    office.ftp.sessions.delete('kim')
    await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
  })
})

describe('keeping a panel login out', () => {
  test('ends all its sessions, lets no logon of it through, and nobody of it when released', async () => {
    const [one, other] = [await office.login('second@example.com'), await office.login('second@example.com')]
    const { id } = await admin.row('PanelSession', 'second@example.com')
    expect((await admin.remove('PanelSession', id, { keepOut: { by: 'login', minutes: 5 } })).removals[0].outcome).toBe(
      'ended',
    )
    await one.agent.get('/admin').expect(302)
    await other.agent.get('/admin').expect(302)
    const again = await office.login('second@example.com')
    await again.agent.get('/admin').expect(302)
    await admin.agent.get('/admin').expect(200)

    const hold = (await admin.list('SessionHold', 'filters.value=second')).records[0]
    await admin.agent.post(`/admin/api/resources/SessionHold/records/${hold.id}/delete`).expect(200)
    await until('he may log in again', async () => {
      const later = await office.login('second@example.com')
      return (await later.agent.get('/admin')).status === 200
    })
  })
})

describe('an async access.remove that says no, throws or is undecided', () => {
  test.each([
    ['says no later', async () => false],
    ['throws', async () => { throw new Error('directory down') }], // prettier-ignore
    ['answers something else', () => 'yes' as never],
  ])('%s: refused', async (_, remove) => {
    const strict = await backOffice({ access: { remove } })
    try {
      strict.ftp.add('alice')
      const person = await strict.login('admin@example.com')
      const { id, bulkActions } = await person.row('FtpSession', 'alice')
      expect(bulkActions).toEqual([])
      expect((await person.remove('FtpSession', id)).removals[0].outcome).toBe('refused')
      expect(strict.ftp.sessions.has('alice')).toBe(true)
    } finally {
      await strict.stop()
    }
  })
})
