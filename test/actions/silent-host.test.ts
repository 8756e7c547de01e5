import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import type { Database } from '../../src/database/open-database.js'
import type { FtpSessionRow } from '../../src/database/rows.js'
import type { SessionsOptions } from '../../src/options.js'
import type { ApiOptions } from '../../src/api/tokens.js'
import { sha256 } from '../api/api-office.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

const minute = 60_000
const waits = 'Nobody reads ftpd on ftp2 just now. It is ended as soon as somebody does again.'
const nobody = 'No running process reads this source any more.'

/** The reader may not see the sources. */
const access: SessionsOptions['access'] = {
  remove: ({ currentAdmin }) => currentAdmin?.role === 'admin',
  list: ({ currentAdmin, resource }) => currentAdmin?.role === 'admin' || resource.id() !== 'SessionSourceStatus',
}

let file: Awaited<ReturnType<typeof databaseFile>>
let database: Database
let office: Awaited<ReturnType<typeof backOffice>>
let admin: Awaited<ReturnType<typeof office.login>>
let reader: typeof admin
beforeAll(async () => {
  file = await databaseFile()
  const tokens: ApiOptions['tokens'] = [{ name: 'cron', sha256: sha256('t'), scopes: ['read'] }]
  office = await backOffice({ database: file.options, pollEvery: 60 * minute, access }, {}, (app) => {
    let mounted: ReturnType<typeof office.sessions.api> | undefined
    app.use('/api', (...asked) => (mounted ??= office.sessions.api({ tokens }))(...asked))
  })
  admin = await office.login('admin@example.com')
  reader = await office.login('reader@example.com')
  await admin.row('PanelSession', 'admin@example.com')
  office.ftp.add('shop', { status: 'uploading' })
  await admin.row('FtpSession', 'shop')
  database = await file.open()
  await database.ftpSessions.update({ source: 'fake-ftp' }, { bytesPerSecond: 5 })
  await database.sourceStatuses.insert({
    ...{ host: 'ftp2', name: 'ftpd', kind: 'ftp', evidence: 'live', keepOut: '', byForce: null, state: 'ok' },
    ...{ sessions: 2, lastGoodAt: new Date(), failingSince: null, error: null, warning: 'One is missing.' },
    seenAt: new Date(),
  })
  for (const key of ['a', 'b', 'c']) {
    await database.ftpSessions.insert({
      ...{ host: 'ftp2', source: 'ftpd', key, login: 'shop', ip: '192.0.2.9', status: 'downloading' },
      bytesPerSecond: 1000,
    } as never)
  }
})
afterAll(async () => {
  await office?.stop()
  await file?.remove()
})

/** Its process said that it lives for the last time so many minutes ago. */
async function silentFor(minutes: number, host = 'ftp2'): Promise<Date> {
  const at = new Date(Date.now() - minutes * minute)
  await database.sourceStatuses.update({ host, kind: 'ftp' }, { seenAt: at, lastGoodAt: at })
  return at
}

const api = async (path: string) =>
  (await admin.agent.get(`/api${path}`).set('Authorization', 'Bearer t').expect(200)).body
const get = async (path: string) => (await admin.agent.get(`/admin/api/${path}`).expect(200)).body
const rowOf = (key: string): Promise<FtpSessionRow> => database.ftpSessions.findOneByOrFail({ host: 'ftp2', key })

/** What lists, records and the API say of the source on ftp2, each as state, error, warning and since when. */
async function saidOfSource() {
  const { records } = await admin.list('SessionSourceStatus')
  const listed = records.find(({ params }) => params.host === 'ftp2')!
  const { record } = await get(`resources/SessionSourceStatus/records/${listed.id}/show`)
  const dashboard = await get('dashboard')
  const answers = [
    listed.params,
    record.params,
    (await admin.list('FtpSession')).sessions.sources.find(({ name }) => name === 'ftpd'),
    dashboard.sources.find(({ name }: { name: string }) => name === 'ftpd'),
    (await api('/sources')).sources.find(({ name }: { name: string }) => name === 'ftpd'),
    (await api('/ftp')).sources.find(({ name }: { name: string }) => name === 'ftpd'),
  ]
  return answers.map(({ state, error, warning, failingSince }) => [state, error, warning, failingSince])
}

const withState = async (state: string) =>
  (await admin.list('SessionSourceStatus', `filters.state=${state}`)).records.map(({ params }) => params.name).sort()

test('a source that nobody reads any more is failing wherever it is shown, and found as such', async () => {
  await silentFor(1)
  expect(await saidOfSource()).toEqual(Array(6).fill(['ok', null, 'One is missing.', null]))
  expect(await withState('failing')).toEqual([])

  const since = await silentFor(10)
  expect(await saidOfSource()).toEqual(Array(6).fill(['failing', nobody, null, since.toISOString()]))
  expect(await withState('failing')).toEqual(['ftpd'])
  expect(await withState('ok')).toEqual(['express-session', 'fake-ftp'])
})

test('one that was dropped says so in its own words', async () => {
  await silentFor(10)
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'dropped', error: 'Its rows were dropped.' })
  const { records } = await admin.list('SessionSourceStatus')
  expect(records.find(({ params }) => params.host === 'ftp2')!.params).toMatchObject({
    ...{ state: 'dropped', error: 'Its rows were dropped.' },
  })
  expect(await withState('dropped')).toEqual(['ftpd'])
  expect(await withState('failing')).toEqual([])
  expect((await api('/sources')).sources.find(({ name }: { name: string }) => name === 'ftpd').error).toBe(
    'Its rows were dropped.',
  )
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'ok', error: null })
})

test('metrics have a source of this process down that nobody reads, and no speed of its rows', async () => {
  const registry = new Registry()
  await office.sessions.metrics(registry)
  const value = async (name: string) => {
    const metric = await registry.getSingleMetric(name)!.get()
    return metric.values.find(({ labels }) => labels.source === 'fake-ftp')?.value
  }
  expect(await value('adminjs_sessions_source_up')).toBe(1)
  expect(await value('adminjs_sessions_transfer_bytes_per_second')).toBe(5)
  const { seenAt, lastGoodAt } = await database.sourceStatuses.findOneByOrFail({ name: 'fake-ftp' })
  await silentFor(10, 'test-host')
  expect(await value('adminjs_sessions_source_up')).toBe(0)
  expect(await value('adminjs_sessions_transfers')).toBe(1)
  expect(await value('adminjs_sessions_transfer_bytes_per_second')).toBeUndefined()
  await database.sourceStatuses.update({ name: 'fake-ftp' }, { seenAt, lastGoodAt })
})

test('what rows of a source that is not read moved when they were last seen is no speed of now', async () => {
  const totals = async () => {
    const { sessions } = await get('resources/FtpSession/actions/list')
    const { ftp } = await get('dashboard')
    return [sessions.totals, ftp].map(({ statuses, up, down, asLastSeen }) => ({ statuses, up, down, asLastSeen }))
  }
  const statuses = { uploading: 1, downloading: 3 }
  await silentFor(1)
  expect(await totals()).toEqual(Array(2).fill({ statuses, up: 5, down: 3000, asLastSeen: 0 }))
  await silentFor(10)
  expect(await totals()).toEqual(Array(2).fill({ statuses, up: 5, down: null, asLastSeen: 3 }))
  const { sessions } = await get('resources/FtpSession/actions/list?filters.status=uploading')
  expect(sessions.totals).toMatchObject({ up: 5, down: null, asLastSeen: 0 })
  await silentFor(1)
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'failing', failingSince: new Date() })
  expect(await totals()).toEqual(Array(2).fill({ statuses, up: 5, down: null, asLastSeen: 3 }))
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'ok', failingSince: null })
})

test('a removal that waits for a host says so as long as it is silent, whenever it was asked for', async () => {
  await silentFor(1)
  const { id } = await rowOf('a')
  const batch = crypto.randomUUID()
  const ask = async () => {
    const question = admin.agent.post(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`).send({ batch })
    return (await question.expect(200)).body.removals[0]
  }
  /** What each page, the API and the CSV say of it. */
  const said = async () => {
    const { records } = await admin.list('SessionRemoval', `filters.batch=${batch}`)
    const { record } = await get(`resources/SessionRemoval/records/${records[0]!.id}/show`)
    const [latest] = (await get('dashboard')).removals
    const { csv } = await get(`resources/SessionRemoval/actions/csv?filters.batch=${batch}`)
    const [removal] = (await api(`/removals?batch=${batch}`)).removals
    const answers = [await ask(), records[0]!, record, latest, removal, await api(`/removals/${removal.id}`)]
    const messages = answers.map((one) => one.params?.message ?? one.message ?? null)
    const keyed = answers.slice(0, 4).map((one) => (one.params ?? one).said?.[0]?.key ?? null)
    return { messages, keyed, csv: csv.includes(waits) }
  }
  expect((await ask()).outcome).toBe('pending')
  expect(await said()).toEqual({ messages: Array(6).fill(null), keyed: Array(4).fill(null), csv: false })
  await silentFor(10)
  expect(await said()).toEqual({ messages: Array(6).fill(waits), keyed: Array(4).fill('waitsForHost'), csv: true })
  await silentFor(0)
  expect(await said()).toEqual({ messages: Array(6).fill(null), keyed: Array(4).fill(null), csv: false })

  await silentFor(10)
  await admin.agent.post('/admin/api/resources/FtpSession/actions/removeAll').send({ batch, stop: true }).expect(200)
  await until('it is stopped', async () => (await ask()).outcome === 'stopped')
  expect((await said()).messages[0]).toBe('It was stopped before it had begun.')
})

test('rows name their host where their sources are on several, and to nobody who may not see those', async () => {
  await silentFor(1)
  const shown = async () => (await get(`resources/FtpSession/bulk/remove?recordIds=${(await rowOf('b')).id}`)).records
  expect((await shown())[0].params).toMatchObject({ host: 'ftp2', severalHosts: true })
  const { records } = await get('resources/FtpSession/actions/removeAll?filters.login=shop')
  expect(records[0].params.severalHosts).toBe(true)
  const { body } = await reader.agent.get(
    `/admin/api/resources/FtpSession/bulk/remove?recordIds=${(await rowOf('b')).id}`,
  )
  expect(body.records[0].params).toMatchObject({ host: 'ftp2', login: 'shop' })
  expect(body.records[0].params.severalHosts).toBeUndefined()
  const panel = await admin.list('PanelSession')
  const { records: own } = await get(`resources/PanelSession/bulk/remove?recordIds=${panel.records[0]!.id}`)
  expect(own[0].params.severalHosts).toBeUndefined()
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'dropped' })
  expect((await shown())[0].params.severalHosts).toBeUndefined()
  await database.sourceStatuses.update({ host: 'ftp2' }, { state: 'ok' })
})
