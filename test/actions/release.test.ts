import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Database } from '../../src/database/open-database.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

type Office = Awaited<ReturnType<typeof backOffice>>
let office: Office
let file: Awaited<ReturnType<typeof databaseFile>>
let database: Database
let admin: Awaited<ReturnType<Office['login']>>

beforeAll(async () => {
  file = await databaseFile()
  office = await backOffice({
    pollEvery: 300,
    database: file.options,
    access: {
      remove: ({ currentAdmin }, session) =>
        currentAdmin?.role === 'admin' && (session as { connectedAt?: Date | null }).connectedAt?.getTime() !== 0,
      list: ({ currentAdmin }) =>
        currentAdmin?.email === 'second@example.com'
          ? { by: 'login' }
          : currentAdmin?.role !== 'reseller' || { value: 'mine' },
    },
  })
  database = await file.open()
  admin = await office.login('admin@example.com')
})
afterAll(async () => {
  await office.stop()
  await file.remove()
})

/** Ends a session, keeps its login out, and answers the hold. */
async function keptOut(login: string) {
  office.ftp.add(login, { connectedAt: new Date('2026-01-02T03:04:05Z') })
  const { id } = await admin.row('FtpSession', login)
  const { removals } = await admin.remove('FtpSession', id, { keepOut: { by: 'login', minutes: 60 } })
  expect(removals[0].outcome).toBe('ended')
  return await database.holds.findOneByOrFail({ value: login })
}
const release = (person: typeof admin, id: number | string) =>
  person.agent.post(`/admin/api/resources/SessionHold/records/${id}/delete`)

test('a release is on record with the removal: who, and when; and until when it was asked for', async () => {
  const [hold, other] = [await keptOut('ivan'), await keptOut('judy')]
  const asked = await database.removals.findOneByOrFail({ id: hold.removalId! })
  expect(asked).toMatchObject({ releasedBy: null, releasedAt: null })

  expect((await release(admin, hold.id)).body.notice).toMatchObject({ type: 'success' })
  await until('he is let in again', () => !office.keptOut.at(-1)!.includes('ivan'))
  expect(office.keptOut.at(-1)).toEqual(['judy'])
  expect(await database.holds.findOneBy({ id: other.id })).not.toBeNull()

  const { body } = await admin.agent.get(`/admin/api/resources/SessionRemoval/records/${hold.removalId}/show`)
  expect(body.record.params).toMatchObject({ releasedBy: 'admin@example.com', releasedAt: expect.any(String) })
  const after = await database.removals.findOneByOrFail({ id: hold.removalId! })
  expect(after.releasedAt!.getTime()).toBeGreaterThanOrEqual(asked.requestedAt.getTime())
  expect(after.keepOutUntil).toEqual(asked.keepOutUntil)
  expect(await database.removals.findOneByOrFail({ id: other.removalId! })).toMatchObject({ releasedBy: null })
  await release(admin, other.id)
})

test('who released it first stands there', async () => {
  const hold = await keptOut('kate')
  await database.removals.update({ id: hold.removalId! }, { releasedBy: 'first@example.com', releasedAt: new Date() })
  await release(admin, hold.id).expect(200)
  expect(await database.removals.findOneByOrFail({ id: hold.removalId! })).toMatchObject({
    releasedBy: 'first@example.com',
  })
})

test('who may not end it, may not see it, or asks wrongly releases nothing, and is not on record', async () => {
  const hold = await keptOut('mallory')
  const [reader, reseller] = [await office.login('reader@example.com'), await office.login('reseller@example.com')]
  const url = '/admin/api/resources/SessionHold'
  const missing = (await release(reseller, 888_888)).body
  expect((await release(reader, hold.id)).body.notice.type).toBe('error')
  expect(JSON.stringify((await release(reseller, hold.id)).body)).toBe(
    JSON.stringify(missing).replaceAll('888888', String(hold.id)),
  )
  expect((await admin.agent.get(`${url}/records/${hold.id}/delete`)).body.notice.type).toBe('error')
  expect((await release(admin, hold.id).set('Sec-Fetch-Site', 'cross-site')).body.notice.type).toBe('error')
  expect((await admin.agent.post(`${url}/actions/delete`)).body.notice.type).toBe('error')
  expect((await admin.agent.post(`${url}/bulk/delete?recordIds=${hold.id}`)).body.notice.type).toBe('error')
  expect(await database.holds.findOneBy({ id: hold.id })).not.toBeNull()
  expect(await database.removals.findOneByOrFail({ id: hold.removalId! })).toMatchObject({ releasedAt: null })
  await release(admin, hold.id)
})

test('the hold of an ended session itself is no hold of this page', async () => {
  const { id, source } = await keptOut('oscar')
  const row = {
    host: 'test-host',
    source,
    by: 'session' as const,
    value: 'k',
    until: new Date(Date.now() + 60_000),
    createdAt: new Date(),
  }
  const { id: session } = await database.holds.save({ ...row, removalId: null })
  const shown = await admin.agent.get(`/admin/api/resources/SessionHold/records/${session}/show`)
  expect(shown.body.record.params).toEqual({})
  expect((await release(admin, session)).body.notice.type).toBe('error')
  expect(await database.holds.findOneBy({ id: session })).not.toBeNull()
  await release(admin, id)
})

test('who may see one login’s holds only sees no others', async () => {
  const [mine, other] = [await keptOut('mine'), await keptOut('peggy')]
  const reseller = await office.login('reseller@example.com')
  const { records } = await reseller.list('SessionHold')
  expect(records.map(({ params }) => params.value)).toEqual(['mine'])
  for (const { id } of [mine, other]) await release(admin, id)
})

test('what one may see and what the page shows are both asked for', async () => {
  const hold = await keptOut('trent')
  const over = { host: 'test-host', source: 'fake-ftp', until: new Date(Date.now() + 60_000), createdAt: new Date() }
  const ip = await database.holds.save({ ...over, by: 'ip' as const, value: '192.0.2.77', removalId: null })
  const second = await office.login('second@example.com')
  const { records } = await second.list('SessionHold', 'perPage=500')
  expect(records.map(({ params }) => params.value)).toEqual(['trent'])
  const shown = async (person: typeof admin) =>
    (await person.agent.get(`/admin/api/resources/SessionHold/records/${ip.id}/show`)).body.record.params.value
  expect(await shown(admin)).toBe('192.0.2.77')
  expect(await shown(second)).toBeUndefined()
  await release(admin, hold.id)
})

test('all whom a removal keeps out are let in from its own record; what it has ended stays ended', async () => {
  const reader = await office.login('reader@example.com')
  const { id } = await admin.row('PanelSession', 'reader@example.com')
  const stored = { ...(office.store as unknown as { sessions: Record<string, string> }).sessions }
  const keepOut = { by: 'login', minutes: 60 }
  expect((await admin.remove('PanelSession', id, { keepOut })).removals[0]!.outcome).toBe('ended')
  const held = await database.holds.findOneByOrFail({ by: 'login', value: 'reader@example.com' })
  const url = `/admin/api/resources/SessionRemoval/records/${held.removalId}/release`
  const refused = await (await office.login('reseller@example.com')).agent.post(url)
  expect(refused.body.notice?.type ?? 'error').toBe('error')
  expect((await admin.agent.get(url)).body.notice?.type ?? 'error').toBe('error')
  expect(await database.holds.findOneBy({ id: held.id })).not.toBeNull()

  expect((await admin.agent.post(url)).body.notice).toMatchObject({ type: 'success' })
  expect(await database.holds.findOneBy({ id: held.id })).toBeNull()
  expect(await database.removals.findOneByOrFail({ id: held.removalId! })).toMatchObject({
    releasedBy: 'admin@example.com',
  })
  // A request that ran all the while saves the ended session back; it must not be his again.
  for (const [sid, data] of Object.entries(stored))
    await new Promise((resolve) => office.store.set(sid, JSON.parse(data), resolve))
  expect((await reader.agent.get('/admin')).status).toBe(302)
  await office.login('reader@example.com')
})
