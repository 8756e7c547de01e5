import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Database } from '../../src/database/open-database.js'
import type { FtpSessionRow, SessionRemovalRow } from '../../src/database/rows.js'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

type Office = Awaited<ReturnType<typeof backOffice>>
let office: Office
let file: Awaited<ReturnType<typeof databaseFile>>
let database: Database
let admin: Awaited<ReturnType<Office['login']>>
let id: string
let forced: string[] = []

const leaves = 'What it was writing stays as it is, and its entry stays in the scoreboard.'

beforeAll(async () => {
  file = await databaseFile()
  office = await backOffice(
    { pollEvery: 300, endsWithin: 200, database: file.options },
    {
      // A process that ignores SIGTERM.
      end: async () => 'asked',
      byForce: {
        leaves,
        end: async ({ key }) => {
          forced.push(key)
          if (key !== 'immortal') office.ftp.sessions.delete(key)
          return 'asked'
        },
      },
    },
  )
  database = await file.open()
  admin = await office.login('admin@example.com')
})
beforeEach(async () => {
  forced = []
  office.ftp.sessions.clear()
  office.ftp.add('stubborn')
  id = (await admin.row('FtpSession', 'stubborn')).id
})
afterAll(async () => {
  await office.stop()
  await file.remove()
})

const fail = async (some = id, over = {}) => {
  const { removals } = await admin.remove('FtpSession', some, over)
  expect(removals).toMatchObject([{ outcome: 'failed' }])
  return removals[0]
}
const force = async (some = id, over = {}) =>
  (await admin.remove('FtpSession', some, { force: true, ...over })).removals[0]

test('an end that has failed says what the next step leaves behind; by it the session is ended, and that is on record', async () => {
  expect(await fail()).toEqual({
    ...{ recordId: Number(id), outcome: 'failed', message: 'Asked to end, but still there after 0.2 s.' },
    ...{ said: [{ key: 'stillThere', values: { seconds: 0.2 } }], force: leaves },
  })
  expect(forced).toEqual([])
  expect(await force()).toEqual({ recordId: Number(id), outcome: 'ended', message: null, said: null, force: null })
  expect(forced).toEqual(['stubborn'])
  const both = await database.removals.find({ where: { key: 'stubborn' }, order: { id: 'ASC' } })
  expect(both.map(({ byForce, outcome }) => ({ byForce, outcome }))).toEqual([
    { byForce: false, outcome: 'failed' },
    { byForce: true, outcome: 'ended' },
  ])
  const shown = await admin.agent.get(`/admin/api/resources/SessionRemoval/records/${both[1].id}/show`)
  expect(shown.body.record.params.byForce).toBe(true)
  await database.removals.clear()
})

test('an end by force that has failed offers none again', async () => {
  office.ftp.add('immortal')
  const { id: other } = await admin.row('FtpSession', 'immortal')
  await fail(other)
  expect(await force(other)).toMatchObject({ outcome: 'failed', force: null })
  expect(forced).toEqual(['immortal'])
})

const refused = { outcome: 'refused', message: expect.stringMatching(/only after an ordinary end of it has failed/) }

test('is refused where no end of it has been tried', async () => {
  expect(await force()).toMatchObject(refused)
  expect(forced).toEqual([])
  expect(office.ftp.sessions.has('stubborn')).toBe(true)
})

test.each<[string, object]>([
  ['longer ago than a day', { finishedAt: new Date(Date.now() - 25 * 3600_000) }],
  ['of another session', { key: 'another' }],
  ['of another source', { source: 'another' }],
  ['on another host', { host: 'another' }],
  ['of another kind', { kind: 'panel' }],
  ['and not failed', { outcome: 'unknown' }],
])('is refused where an end was tried %s', async (_, over) => {
  await database.removals.clear()
  await fail()
  await database.removals.update({ key: 'stubborn' }, over)
  expect(await force()).toMatchObject(refused)
  expect(forced).toEqual([])
})

test('each session is taken by its own host and source', async () => {
  await database.removals.clear()
  const others = [
    { host: 'another', source: 'fake-ftp' },
    { host: 'test-host', source: 'another' },
  ]
  const ids = [Number(id)]
  for (const { host, source } of others) {
    const row = { host, source, key: 'stubborn', login: 'stubborn', ip: '192.0.2.1' }
    ids.push((await database.ftpSessions.save(row as never as FtpSessionRow)).id)
    const at = new Date()
    const failed = {
      batch: host + source,
      recordId: 1,
      kind: 'ftp',
      removedVia: 'admin',
      requestedAt: at,
      finishedAt: at,
    }
    await database.removals.insert({ ...failed, host, source, key: 'stubborn', outcome: 'failed' } as SessionRemovalRow)
    const status = { host, name: source, kind: 'ftp', evidence: 'live', keepOut: '', state: 'ok', sessions: 1 } as const
    await database.sourceStatuses.insert(status)
  }
  const { removals } = await admin.remove('FtpSession', ids.join(), { force: true })
  expect(removals).toMatchObject([
    refused,
    { outcome: 'refused', message: 'fake-ftp cannot end a session by force.' },
    { outcome: 'refused', message: 'another cannot end a session by force.' },
  ])
  for (const { host, source } of others) {
    await database.ftpSessions.delete({ host, source })
    await database.sourceStatuses.delete({ host, name: source })
  }
})

test('an end that another one tried counts as well; the rights are checked each time', async () => {
  await database.removals.clear()
  await fail()
  const reader = await office.login('reader@example.com')
  const { removals } = await reader.remove('FtpSession', id, { force: true })
  expect(removals).toMatchObject([{ outcome: 'refused', message: expect.stringContaining('not allowed'), force: null }])
  expect(forced).toEqual([])
  const second = await office.login('second@example.com')
  expect((await second.remove('FtpSession', id, { force: true })).removals).toMatchObject([{ outcome: 'ended' }])
})

test('a source without it neither offers nor does it', async () => {
  const plain = await backOffice({ pollEvery: 300, endsWithin: 200 }, { end: async () => 'asked' })
  try {
    plain.ftp.add('stubborn')
    const person = await plain.login('admin@example.com')
    const { id: only } = await person.row('FtpSession', 'stubborn')
    expect((await person.remove('FtpSession', only)).removals).toMatchObject([{ outcome: 'failed', force: null }])
    expect((await person.remove('FtpSession', only, { force: true })).removals).toMatchObject([
      { outcome: 'refused', message: 'fake-ftp cannot end a session by force.' },
    ])
  } finally {
    await plain.stop()
  }
})
