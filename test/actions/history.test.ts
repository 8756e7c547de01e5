import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { databasePlaces } from '../servers/database-places.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

describe.each(databasePlaces)('the history by HTTP, on $name', ({ missing, start }) => {
  if (missing) {
    test.skip(missing, () => {})
    return
  }
  let stop: () => Promise<void>
  let office: Office
  let admin: Person
  beforeAll(async () => {
    const place = await start()
    stop = place.stop
    office = await backOffice({
      database: place.options,
      pollEvery: 300,
      access: {
        remove: ({ currentAdmin }) => currentAdmin?.role === 'admin',
        list: ({ currentAdmin }) => {
          if (currentAdmin?.role === 'reader') return false
          return currentAdmin?.role === 'admin' || { login: ['shop', 'reseller@example.com'] }
        },
      },
    })
    admin = await office.login('admin@example.com')
  })
  afterAll(async () => {
    await office?.stop()
    await stop?.()
  })

  /** The lines that match, once there are so many. */
  const lines = (query: string, count = 1, who = admin) =>
    until(`${count} in the history with ${query}`, async () => {
      await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
      const { records } = await who.list('SessionHistory', query)
      return records.length === count && records.map(({ params }) => params)
    })

  test('a logout, a removal, and a session that is just gone', async () => {
    const second = await office.login('second@example.com')
    await admin.row('PanelSession', 'second@example.com')
    await second.agent.get('/admin/logout').expect(302)
    // The store may have let it go a moment before the guard hears of it.
    const [out] = await lines('filters.login=second@example.com&filters.how=logged-out')
    expect(out).toMatchObject({ kind: 'panel', how: 'logged-out', source: 'express-session', host: 'test-host' })
    expect(Date.parse(String(out!.endedAt))).toBeGreaterThanOrEqual(Date.parse(String(out!.startedAt)))

    const again = await office.login('second@example.com')
    const row = await admin.row('PanelSession', 'second@example.com')
    const { removals } = await admin.remove('PanelSession', String(row.id))
    expect(removals).toMatchObject([{ outcome: 'ended' }])
    await again.agent.get('/admin').expect(302)
    expect((await lines('filters.how=removed')).map(({ login }) => login)).toEqual(['second@example.com'])

    office.ftp.add('gone', { connectedAt: new Date('2026-11-01T10:00:00Z') })
    await admin.row('FtpSession', 'gone')
    office.ftp.sessions.clear()
    expect(await lines('filters.login=gone')).toMatchObject([{ kind: 'ftp', how: 'unknown', ip: '192.0.2.1' }])
  })

  test('a session of express-session whose time is over has expired', async () => {
    const { cookie } = office.store as unknown as { cookie: undefined }
    expect(cookie).toBeUndefined()
    const expires = new Date(Date.now() + 3000)
    await new Promise((resolve) =>
      office.store.set(
        'expiring',
        {
          cookie: { expires, originalMaxAge: 3000 },
          adminUser: { email: 'short@example.com', role: 'reader' },
        } as never,
        resolve,
      ),
    )
    await admin.row('PanelSession', 'short@example.com')
    const [line] = await lines('filters.login=short@example.com')
    expect(line).toMatchObject({ how: 'expired' })
    expect(Math.floor(Date.parse(String(line!.endedAt)) / 1000)).toBe(Math.floor(expires.getTime() / 1000))
  })

  test('is searched in logins, persons, addresses and domains, and filtered by how, when and what kind', async () => {
    office.ftp.add('shop', { ip: '198.51.100.9', domain: 'shop.example.com' })
    office.ftp.add('other', { ip: '198.51.100.10' })
    await admin.row('FtpSession', 'other')
    office.ftp.sessions.clear()
    await lines('filters.search=198.51.100', 2)
    const logins = async (query: string, count: number) => (await lines(query, count)).map(({ login }) => login).sort()
    expect(await logins('filters.search=SHOP.example', 1)).toEqual(['shop'])
    expect(await logins('filters.search=198.51.100&filters.kind=ftp&sortBy=login', 2)).toEqual(['other', 'shop'])
    expect(await logins('filters.ip==198.51.100.9', 1)).toEqual(['shop'])
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    expect(await logins(`filters.search=198.51.100&filters.endedAt~~from=${tomorrow}`, 0)).toEqual([])
    const json = (await admin.agent.get('/admin/resources/SessionHistory').expect(200)).text
    expect(json).toContain('"SessionHistory"')
  })

  test('shows whoever may see one login’s rows that history only, and nothing to whom nothing is shown', async () => {
    const reseller = await office.login('reseller@example.com')
    expect((await lines('', 1, reseller)).map(({ login }) => login)).toEqual(['shop'])
    expect(
      (await reseller.list('SessionHistory', 'filters.login=other')).records.map(({ params }) => params.login),
    ).toEqual(['shop'])
    const [other] = await lines('filters.login==other')
    const shown = await reseller.agent.get(`/admin/api/resources/SessionHistory/records/${String(other!.id)}/show`)
    expect(JSON.stringify(shown.body)).not.toContain('198.51.100.10')
    const reader = await office.login('reader@example.com')
    expect((await reader.list('SessionHistory')).notice).toMatchObject({ type: 'error' })
  })

  test('is neither made, nor edited, nor deleted', async () => {
    const before = (await admin.list('SessionHistory', 'perPage=500')).records
    const id = before[0]!.id
    const { agent } = admin
    const api = '/admin/api/resources/SessionHistory'
    await agent.post(`${api}/records/${id}/edit`).send({ login: 'changed' })
    await agent.post(`${api}/records/${id}/delete`)
    await agent.post(`${api}/bulk/bulkDelete?recordIds=${id}`)
    await agent.post(`${api}/actions/new`).send({ login: 'made up' })
    const after = (await admin.list('SessionHistory', 'perPage=500')).records
    expect(after.map(({ params }) => params)).toEqual(before.map(({ params }) => params))
  })
})
