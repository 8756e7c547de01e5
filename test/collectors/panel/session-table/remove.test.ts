import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { backOffice } from '../../../actions/back-office.js'
import { until } from '../../../until.js'
import { documentedSource, frameworks, openFramework } from './frameworks.js'
import { type PanelDatabase, panelDatabases } from './panel-databases.js'

const laravel = frameworks.find(({ name }) => name === 'Laravel')!
let database: PanelDatabase
let panel: Awaited<ReturnType<typeof openFramework>>
let office: Awaited<ReturnType<typeof backOffice>>
beforeAll(async () => {
  const sqlite = panelDatabases.find(({ engine }) => engine === 'sqlite')!
  database = await sqlite.start()
  panel = await openFramework(laravel, sqlite.engine, database)
  office = await backOffice({ sources: [documentedSource(laravel, database.connection)] })
})
afterAll(async () => {
  await office?.stop()
  await database?.stop()
})

test('its sessions are rows, and Remove ends one for good, whatever brings its row back', async () => {
  const alice = await panel.logOn('alice')
  const bob = await panel.logOn('bob')
  const admin = await office.login('admin@example.com')
  const row = await admin.row('PanelSession', 'alice')
  expect(row.params).toMatchObject({ source: 'session-table', login: 'alice', ip: '192.0.2.1', userAgent: 'curl/8' })
  const list = await admin.list('PanelSession')
  expect(list.sessions.ownMissing).toBeNull()
  expect(JSON.stringify(list)).not.toContain(alice.id)

  const { removals } = await admin.remove('PanelSession', row.id)
  expect(removals).toMatchObject([{ outcome: 'ended' }])
  expect(await panel.rowOf(alice)).toBeUndefined()
  // A request that had read it writes it whole.
  await panel.insert({ ...alice, last_activity: Math.floor(Date.now() / 1000) + 1 })
  await until('it is deleted again', async () => (await panel.rowOf(alice)) === undefined)
  // A session of nobody under the same id, as Laravel makes it, is left alone.
  await panel.insert(laravel.row(alice.id as string, null))
  await admin.row('PanelSession', 'bob')
  expect(await panel.rowOf(alice)).toBeDefined()
  expect(await panel.rowOf(bob)).toBeDefined()
  const { records } = await admin.list('SessionRemoval')
  expect(records[0]!.params).toMatchObject({ source: 'session-table', login: 'alice', outcome: 'ended' })
  expect(JSON.stringify(records)).not.toContain(alice.id)
})
