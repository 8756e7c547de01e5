import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Database } from '../../src/database/open-database.js'
import type { FtpSessionRow } from '../../src/database/rows.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'
import { databaseFile, gone } from './database-file.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

const notAllowed = 'You are not allowed to end this session.'
const secret = 'theirs.example'

/** An admin for whom there is everything, a reader who may end nothing, and a reseller for whom there is `mine` alone. */
let office: Office
let file: Awaited<ReturnType<typeof databaseFile>>
let database: Database
let admin: Person
let reader: Person
let reseller: Person
/** A session that the reseller may see, and one that he may not. */
let mine: number
let theirs: number
let before: number

beforeAll(async () => {
  file = await databaseFile()
  office = await backOffice(
    {
      pollEvery: 600_000,
      database: file.options,
      access: {
        remove: ({ currentAdmin }, { login }) => currentAdmin?.role !== 'reader' && login !== 'untouchable',
        list: async ({ currentAdmin }) => currentAdmin?.role !== 'reseller' || { login: ['mine', 'mine-too'] },
      },
    },
    { keepOut: { by: ['login', 'ip'], apply: async () => {} } },
  )
  database = await file.open()
  admin = await office.login('admin@example.com')
  reader = await office.login('reader@example.com')
  reseller = await office.login('reseller@example.com')
})
beforeEach(async () => {
  office.ftp.sessions.clear()
  office.ftp.add('mine', { ip: '192.0.2.1' })
  office.ftp.add('mine-2', { login: 'mine-too', ip: '192.0.2.1' })
  office.ftp.add(secret, { ip: '192.0.2.1' })
  theirs = Number((await admin.row('FtpSession', secret)).id)
  mine = Number((await admin.row('FtpSession', 'mine')).id)
  before = await lastRecord()
})
afterAll(async () => {
  await office.stop()
  await file.remove()
})

const lastRecord = async () => Number((await database.removals.maximum('id', {})) ?? 0)
const records = async () => (await database.removals.find({ order: { id: 'ASC' } })).filter(({ id }) => id > before)
const nobody = { recordId: 0, host: null, source: null, key: null, login: null, ip: null, reason: null, session: null }

describe('what is not the asker’s to see leaves one line of one request, that names nobody', () => {
  test('ids that never were, with a login and a reason made up', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => 700_000 + i)
    const { removals } = await reseller.remove('FtpSession', ids.join(), {
      reason: 'the owner was removed',
      sessions: ids.map((id) => ({ id, key: 'made-up', login: 'owner@example.com' })),
    })
    expect(removals).toEqual(
      ids.map((recordId) => ({
        recordId,
        outcome: 'refused',
        message: notAllowed,
        said: [{ key: 'notAllowed' }],
        force: null,
      })),
    )
    const [record, ...more] = await records()
    expect(more).toEqual([])
    expect(record).toMatchObject({
      ...nobody,
      outcome: 'refused',
      removedBy: 'reseller@example.com',
      message: `${notAllowed} Asked for: 500.`,
    })
    expect(JSON.stringify(record)).not.toMatch(/owner/)
  })

  test('a session that is there, that was there, or never was: the same words', async () => {
    const was = await gone(database, 'ftp', { login: secret })
    const notHis = await gone(database, 'ftp', { login: 'untouchable' })
    const { removals } = await reseller.remove('FtpSession', [theirs, was, notHis, 999_999].join())
    expect(removals).toHaveLength(4)
    for (const removal of removals) expect(removal).toMatchObject({ outcome: 'refused', message: notAllowed })
    expect(await records()).toEqual([expect.objectContaining(nobody)])
    expect(office.ftp.sessions.has(secret)).toBe(true)
  })

  test('one alone, too', async () => {
    await reseller.remove('FtpSession', String(theirs))
    expect(await records()).toEqual([expect.objectContaining(nobody)])
  })

  test('nor by a POST of another site', async () => {
    await reseller.remove('FtpSession', String(theirs), {}, { 'Sec-Fetch-Site': 'cross-site' })
    expect(await records()).toEqual([expect.objectContaining(nobody)])
  })

  test('asked again under the same batch, nothing is added', async () => {
    const batch = crypto.randomUUID()
    for (let i = 0; i < 3; i++) await reseller.remove('FtpSession', `${theirs},999999`, { batch })
    expect(await records()).toHaveLength(1)
  })

  test('what he may end beside it is ended and recorded', async () => {
    const { removals } = await reseller.remove('FtpSession', `${theirs},${mine}`, { reason: 'mine to say' })
    expect(removals).toMatchObject([
      { recordId: theirs, outcome: 'refused', message: notAllowed },
      { recordId: mine, outcome: 'ended' },
    ])
    expect(await records()).toEqual([
      expect.objectContaining({ recordId: mine, login: 'mine', reason: 'mine to say', outcome: 'ended' }),
      expect.objectContaining(nobody),
    ])
  })
})

describe('who may see a session and not end it', () => {
  test('is on record with whose it is, and not with what he says', async () => {
    const { removals } = await reader.remove('FtpSession', String(theirs), { reason: 'my own words' })
    expect(removals).toEqual([
      { recordId: theirs, outcome: 'refused', message: notAllowed, said: [{ key: 'notAllowed' }], force: null },
    ])
    expect(await records()).toEqual([
      expect.objectContaining({
        recordId: theirs, key: secret, login: secret, ip: '192.0.2.1', reason: null, outcome: 'refused', removedBy: 'reader@example.com',
      }),
    ]) // prettier-ignore
  })

  test.each([
    ['', {}],
    [' by a POST of another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('leaves one line, however many he asks for%s', async (_, headers) => {
    const { records: rows } = await admin.list('FtpSession')
    const { removals } = await reader.remove('FtpSession', rows.map(({ id }) => id).join(), { reason: 'x' }, headers)
    expect(removals).toHaveLength(3)
    expect(new Set(removals.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
    expect(await records()).toEqual([
      expect.objectContaining({ ...nobody, message: expect.stringMatching(/Asked for: 3\.$/) }),
    ])
  })
})

describe('a session whose row has gone a moment ago', () => {
  test('of an FTP server: already gone, on record as it was', async () => {
    const id = await gone(database, 'ftp', { key: 'was-mine', login: 'mine', ip: '192.0.2.9', fileName: 'a.bin' })
    const asked = { reason: 'late', sessions: [{ id, key: 'was-mine', login: 'mine' }] }
    expect((await reseller.remove('FtpSession', String(id), asked)).removals).toEqual([
      { recordId: id, outcome: 'already-gone', message: null, said: null, force: null },
    ])
    expect(await records()).toEqual([
      expect.objectContaining({
        recordId: id, host: 'test-host', source: 'fake-ftp', key: 'was-mine', login: 'mine', ip: '192.0.2.9', reason: 'late', outcome: 'already-gone', session: expect.objectContaining({ fileName: 'a.bin' }),
      }),
    ]) // prettier-ignore
  })

  test('of an FTP server: nobody is kept out by it, and that is said', async () => {
    const id = await gone(database, 'ftp', { login: 'mine' })
    const { removals } = await admin.remove('FtpSession', String(id), { keepOut: { by: 'login', minutes: 5 } })
    expect(removals).toMatchObject([
      { outcome: 'already-gone', message: expect.stringContaining('nobody was kept out') },
    ])
  })

  test('of the panel: it is asked for as a living one, and the engine finds out', async () => {
    const id = await gone(database, 'panel', { key: 'a'.repeat(64), login: 'mine', loggedInAt: new Date() })
    const { removals } = await reseller.remove('PanelSession', String(id))
    expect(removals).toHaveLength(1)
    expect(removals[0].outcome).not.toBe('refused')
    expect(await records()).toEqual([
      expect.objectContaining({
        recordId: id, kind: 'panel', source: 'express-session', key: 'a'.repeat(64), login: 'mine', startedAt: expect.any(Date),
      }),
    ]) // prettier-ignore
  })

  test('and that is not the one on the screen: refused', async () => {
    const id = await gone(database, 'ftp', { key: 'another', login: 'mine' })
    const sessions = [{ id, key: 'mine', login: 'mine' }]
    const { removals } = await reseller.remove('FtpSession', String(id), { sessions })
    expect(removals).toMatchObject([{ outcome: 'refused', message: expect.stringContaining('no longer the session') }])
  })

  test('and that one may not end: refused, and named to nobody', async () => {
    const id = await gone(database, 'ftp', { login: 'mine' })
    expect((await reader.remove('FtpSession', String(id))).removals).toMatchObject([{ message: notAllowed }])
    expect(await records()).toEqual([expect.objectContaining(nobody)])
  })

  test('is not found by the id of another kind', async () => {
    const id = await gone(database, 'ftp', { login: 'mine' })
    expect((await reseller.remove('PanelSession', String(id))).removals).toMatchObject([{ message: notAllowed }])
  })

  test('is asked about with times that are times', async () => {
    const times: unknown[] = []
    const another = await databaseFile()
    const strict = await backOffice({
      database: another.options,
      access: { remove: (_, session) => void times.push((session as { connectedAt: unknown }).connectedAt) as never },
    })
    try {
      const id = await gone(await another.open(), 'ftp', { login: 'x', connectedAt: new Date('2026-01-02T03:04:05Z') })
      await (await strict.login('admin@example.com')).remove('FtpSession', String(id))
      expect(times).toEqual([new Date('2026-01-02T03:04:05Z')])
    } finally {
      await strict.stop()
      await another.remove()
    }
  })
})

test('an id that nobody knows any more is already gone to who may see everything, and leaves no line', async () => {
  for (const person of [admin, reader]) {
    expect((await person.remove('FtpSession', '999999')).removals).toEqual([
      { recordId: 999_999, outcome: 'already-gone', message: null, said: null, force: null },
    ])
  }
  expect(await records()).toEqual([])
})

describe('a record of somebody else', () => {
  const answers = async (person: Person, resource: string, id: number) =>
    Promise.all(
      ['show', 'edit', 'delete', 'new', 'remove', `remove?recordIds=${mine}`, 'refresh', 'list', 'search'].map(
        async (action) => {
          const url = `/admin/api/resources/${resource}/records/${id}/${action}`
          const { status, body } = await person.agent.get(url)
          const { status: postStatus, body: postBody } = await person.agent.post(url).send({})
          return JSON.stringify({ action, status, body, postStatus, postBody }).replaceAll(`"${id}"`, '"ID"').replaceAll(`\\"${id}\\"`, 'ID')
        },
      ),
    ) // prettier-ignore

  test('answers to everything as one that is not there', async () => {
    expect(await answers(reseller, 'FtpSession', theirs)).toEqual(await answers(reseller, 'FtpSession', 888_888))
    const removal = await admin.remove('FtpSession', String(theirs))
    const { id } = (await records()).at(-1)!
    expect(removal.removals[0].outcome).toBe('ended')
    expect(await answers(reseller, 'SessionRemoval', id)).toEqual(await answers(reseller, 'SessionRemoval', 888_888))
    expect(await answers(reseller, 'SessionSourceStatus', 1)).toEqual(
      await answers(reseller, 'SessionSourceStatus', 888_888),
    )
  })

  test('is gone to the page, in the drawer and among the ticks', async () => {
    for (const only of ['', '&only=gone']) {
      const { body } = await reseller.agent.get(
        `/admin/api/resources/FtpSession/bulk/remove?recordIds=${theirs},888888,${mine}${only}`,
      )
      const told = body.records.map(({ params }: { params: Record<string, unknown> }) => params)
      expect(told).toHaveLength(only ? 2 : 3)
      expect(told).toContainEqual({ id: theirs, gone: true })
      expect(told).toContainEqual({ id: 888_888, gone: true })
    }
  })

  test('cannot be found by a search', async () => {
    const { body } = await reseller.agent.get(
      `/admin/api/resources/FtpSession/actions/search/${secret}?searchProperty=login`,
    )
    expect(JSON.stringify(body)).not.toContain(`"login":"${secret}"`)
  })

  test('has no removal among one’s own', async () => {
    await admin.remove('FtpSession', `${theirs},${mine}`)
    const { records: told } = await reseller.list('SessionRemoval', 'perPage=500')
    expect(new Set(told.map(({ params }) => params.login))).toEqual(new Set(['mine']))
  })
})

describe('whom a ban would cut as well', () => {
  const ending = async (person: Person) => {
    const { body } = await person.agent.get(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${mine}`)
    return body.ending[0].keepOut.find(({ by }: { by: string }) => by === 'ip').cutsToo
  }

  test('is named where one may see it, and counted where not', async () => {
    expect(await ending(reseller)).toEqual({ count: 2, sessions: [{ login: 'mine-too', ip: '192.0.2.1' }] })
    expect((await ending(admin)).sessions).toHaveLength(2)
  })

  test('is of the same host and source', async () => {
    for (const over of [{ host: 'another' }, { source: 'another' }]) {
      const row = { host: 'test-host', source: 'fake-ftp', key: 'elsewhere', login: 'mine', ip: '192.0.2.1', ...over }
      await database.ftpSessions.save(row as never as FtpSessionRow)
    }
    expect(await ending(admin)).toMatchObject({ count: 2 })
    await database.ftpSessions.delete({ key: 'elsewhere' })
  })

  test('is not cut where one may not see it, and not named', async () => {
    const { removals } = await reseller.remove('FtpSession', String(mine), { keepOut: { by: 'ip', minutes: 5 } })
    expect(removals).toMatchObject([
      {
        outcome: 'refused',
        message: 'Keeping this ip out would end sessions as well that you are not allowed to end.',
      },
    ])
    expect(office.ftp.sessions.size).toBe(3)
  })

  test('is not cut where one may not end it', async () => {
    office.ftp.add('untouchable', { ip: '192.0.2.1' })
    await admin.row('FtpSession', 'untouchable')
    const { removals } = await admin.remove('FtpSession', String(mine), { keepOut: { by: 'ip', minutes: 5 } })
    expect(removals).toMatchObject([{ outcome: 'refused', message: expect.stringContaining('not allowed to end') }])
    expect(office.ftp.sessions.size).toBe(4)
  })

  test('is not oneself', async () => {
    await office.login('admin@example.com')
    const other = await until('the other session', async () => {
      await admin.agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
      const { records: rows } = await admin.list('PanelSession', 'perPage=500')
      return rows.find(({ params }) => params.login === 'admin@example.com' && !params.own)
    })
    const { removals } = await admin.remove('PanelSession', other.id, { keepOut: { by: 'login', minutes: 5 } })
    expect(removals).toMatchObject([
      { outcome: 'refused', message: 'Keeping this login out would end your own session as well.' },
    ])
    await admin.agent.get('/admin').expect(200)
  })
})

describe('a source', () => {
  test('is named with its state where one may see it, and counted where not', async () => {
    const { list } = office.ftp
    office.ftp.list = async () => {
      throw new Error(`The server of ${secret} has gone.`)
    }
    try {
      const url = '/admin/api/resources/FtpSession/actions/refresh'
      expect((await admin.agent.post(url)).body.failing).toEqual(['fake-ftp'])
      expect((await reseller.agent.post(url)).body).toEqual({ records: [], failing: [] })
      const seen = await admin.list('FtpSession')
      expect(seen.sessions).toMatchObject({
        sources: [{ name: 'fake-ftp', state: 'failing', error: expect.stringContaining(secret) }],
        unseen: { sources: 0, failing: 0, starting: 0 },
      })
      const told = await reseller.list('FtpSession')
      expect(told.records).toHaveLength(2)
      expect(told.sessions).toMatchObject({ sources: [], unseen: { sources: 1, failing: 1, starting: 0 } })
      expect(JSON.stringify(told)).not.toContain(secret)
      expect(await reseller.list('SessionSourceStatus')).toMatchObject({ records: [], notice: { type: 'error' } })
    } finally {
      office.ftp.list = list
    }
  })
})

test('what is told of sources is what the host says of their own page', async () => {
  for (const seesSources of [true, false]) {
    const strict = await backOffice({
      access: {
        remove: () => true,
        list: ({ resource }) => (resource.id() === 'SessionSourceStatus') === seesSources || { host: 'nowhere' },
      },
    })
    try {
      const person = await strict.login('admin@example.com')
      const { sessions } = await until('the source is known', async () => {
        const answer = await person.list('FtpSession')
        return answer.sessions.sources.length + answer.sessions.unseen.sources > 0 && answer
      })
      expect(sessions.sources.map(({ name }) => name)).toEqual(seesSources ? ['fake-ftp'] : [])
      expect(sessions.unseen.sources).toBe(seesSources ? 0 : 1)
    } finally {
      await strict.stop()
    }
  }
})

describe('another’s batch', () => {
  test('is not told, not added to, and not ended again', async () => {
    const batch = crypto.randomUUID()
    await admin.remove('FtpSession', String(theirs), { batch })
    const told = await reseller.remove('FtpSession', `${theirs},${mine}`, { batch })
    expect(told).toMatchObject({ removals: [], notice: { type: 'error', message: 'removeOthersBatch' } })
    expect(await records()).toHaveLength(1)
    expect(office.ftp.sessions.has('mine')).toBe(true)
  })
})

describe('an answer of access.list that is none', () => {
  test.each<[string, () => never]>([
    ['a field without a value', () => ({ domain: undefined }) as never],
    ['an error', () => { throw new Error(`directory of ${secret} down`) }],
    ['another type', () => 'yes' as never],
  ])('%s: nothing is seen, nothing is ended, nothing is told', async (_, list) => {
    const strict = await backOffice({ access: { remove: () => true, list } })
    try {
      strict.ftp.add('alice')
      const person = await strict.login('admin@example.com')
      expect(await person.list('FtpSession')).toMatchObject({ records: [], notice: { type: 'error' } })
      const answer = await person.remove('FtpSession', '1,999999')
      expect(answer.removals).toMatchObject(Array(2).fill({ outcome: 'refused', message: notAllowed }))
      expect(JSON.stringify(answer)).not.toContain(secret)
      expect(strict.ftp.sessions.has('alice')).toBe(true)
      const show = await person.agent.get('/admin/api/resources/FtpSession/records/1/show')
      expect(JSON.stringify(show.body)).not.toContain('alice')
    } finally {
      await strict.stop()
    }
  }) // prettier-ignore

  test('nobody: who has no login is not seen by it, neither in the list nor alone', async () => {
    const strict = await backOffice({ access: { remove: () => true, list: () => ({ login: [null, 'bob'] }) } })
    try {
      strict.ftp.add('alice', { login: null })
      strict.ftp.add('bob')
      const person = await strict.login('admin@example.com')
      await person.row('FtpSession', 'bob')
      expect((await person.list('FtpSession')).records.map(({ params }) => params.key)).toEqual(['bob'])
      for (const id of [1, 2]) {
        const { body } = await person.agent.get(`/admin/api/resources/FtpSession/records/${id}/show`)
        expect(JSON.stringify(body)).not.toContain('alice')
      }
    } finally {
      await strict.stop()
    }
  })
})
