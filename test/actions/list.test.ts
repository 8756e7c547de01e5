import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

const engines = [['SQLite', null], ['PostgreSQL', postgresMissing]] as const // prettier-ignore

// The engine does not depend on the version of Express.
const tried = 'expressVersion' in globalThis ? engines.slice(0, 1) : engines

describe.each(tried)('the lists on %s', (engine, missing) => {
  const here = missing ? test.skip : test
  let postgres: Postgres | undefined
  let office: Office
  let admin: Person
  beforeAll(async () => {
    if (missing) return
    if (engine === 'PostgreSQL') postgres = await startPostgresWithTables()
    office = await backOffice({
      pollEvery: 300,
      ...(postgres && { database: { type: 'postgres', url: postgres.url } }),
    })
    admin = await office.login('admin@example.com')
    office.ftp.add('quiet', { status: 'idle', lastActiveAt: null, location: '/100%_done', ip: '192.0.2.10' })
    office.ftp.add('early', { status: 'idle', lastActiveAt: new Date('2026-03-01T08:00:00Z'), location: '/100x1done' })
    office.ftp.add('late', {
      status: 'uploading',
      lastActiveAt: new Date('2026-03-01T20:00:00Z'),
      transferredBytes: 5_000_000_000,
      fileName: 'UP.bin',
    })
    office.ftp.add('next-day', {
      status: 'downloading',
      lastActiveAt: new Date('2026-03-02T08:00:00Z'),
      transferredBytes: 50,
      totalBytes: 200,
    })
    await admin.row('FtpSession', 'next-day')
  })
  afterAll(async () => {
    await office?.stop()
    await postgres?.stop()
  })
  const logins = async (query: string) =>
    (await admin.list('FtpSession', query)).records.map(({ params }) => params.login)

  here('newest activity first, the unknown last', async () => {
    expect(await logins('')).toEqual(['next-day', 'late', 'early', 'quiet'])
  })

  here('every column has a name and the state of its source', async () => {
    const { records, sessions } = await admin.list('FtpSession', 'filters.login=next-day')
    expect(records[0].params).toMatchObject({
      login: 'next-day',
      status: 'downloading',
      progress: 25,
      transferredBytes: 50,
      host: 'test-host',
      source: 'fake-ftp',
      staleSince: null,
    })
    expect(sessions).toMatchObject({
      canRemove: true,
      refreshEvery: 3000,
      sources: [{ name: 'fake-ftp', host: 'test-host', state: 'ok', error: null }],
    })
    expect(Math.abs(Date.parse(sessions.now) - Date.now())).toBeLessThan(60_000)
  })

  here.each([
    ['a range open to the right', 'filters.lastActiveAt~~from=2026-03-01T10:00:00.000Z', ['next-day', 'late']],
    ['a range open to the left', 'filters.lastActiveAt~~to=2026-03-01T10:00:00.000Z', ['early']],
    [
      'a closed range',
      'filters.lastActiveAt~~from=2026-03-01T10:00:00.000Z&filters.lastActiveAt~~to=2026-03-01T23:00:00.000Z',
      ['late'],
    ],
    ['a status, to the letter', 'filters.status=idle', ['early', 'quiet']],
    ['a part of a status finds nothing', 'filters.status=load', []],
    ['a part of a name, in any case', 'filters.fileName=up', ['late']],
    ['wildcards are letters', 'filters.location=100%25_d', ['quiet']],
    ['a size', 'filters.transferredBytes=5000000000', ['late']],
    ['an address', 'filters.ip=2.10', ['quiet']],
    ['no such column', 'filters.nonsense=1&sortBy=nonsense', ['quiet', 'early', 'late', 'next-day'].reverse()],
    ['a date that is none', 'filters.lastActiveAt~~from=junk', ['next-day', 'late', 'early', 'quiet']],
  ])('filter: %s', async (_, query, found) => {
    expect(new Set(await logins(query))).toEqual(new Set(found))
  })

  here.each([
    ['sortBy=login&direction=asc', ['early', 'late', 'next-day', 'quiet']],
    ['sortBy=transferredBytes&direction=desc', ['late', 'next-day', 'quiet', 'early'].slice(0, 2)],
    ['sortBy=login&direction=asc&perPage=2&page=2', ['next-day', 'quiet']],
    ['sortBy=login&direction=asc&perPage=-1', ['early']],
    ['sortBy=login&direction=asc&perPage=2&page=-3', ['early', 'late']],
  ])('sorted and paged: %s', async (query, found) => {
    expect((await logins(query)).slice(0, found.length)).toEqual(found)
  })

  here('who says what it has is answered by a few bytes while nothing has changed', async () => {
    const query = 'sortBy=login&direction=asc&perPage=1&filters.status=idle'
    const ask = async (known: string, more = query) =>
      (await admin.agent.get(`/admin/api/resources/FtpSession/actions/list?${more}&known=${known}`).expect(200)).body
    // Once a minute the source says that it is well, which is news.
    const { first, again } = await until('two answers without news between them', async () => {
      const first = await ask('')
      const again = await ask(first.sessions.tag)
      return again.records === undefined && { first, again }
    })
    expect(again).toEqual({ unchanged: true, now: expect.stringMatching(/^20.*Z$/), revision: expect.any(String) })
    expect((await ask('other')).records).toEqual(first.records)
    expect((await ask(first.sessions.tag, `${query}&page=2`)).records[0].params.login).toBe('quiet')

    const changed = (what: string, known: string, is: (answer: typeof first) => boolean) =>
      until(what, async () => {
        const answer = await ask(known)
        return !answer.unchanged && is(answer) && answer
      })
    const { late, early } = Object.fromEntries(office.ftp.sessions)
    office.ftp.sessions.set('late', { ...late, status: 'idle' })
    const more = await changed('one more, on another page', first.sessions.tag, ({ meta }) => meta.total === 3)
    expect(more.records).toEqual(first.records)
    office.ftp.sessions.set('late', late)
    const less = await changed('one less', more.sessions.tag, ({ meta }) => meta.total === 2)
    office.ftp.sessions.set('early', { ...early, location: '/elsewhere' })
    await changed('another place', less.sessions.tag, ({ records }) => records[0].params.location === '/elsewhere')
    office.ftp.sessions.set('early', early)
  })

  here("the back office's own sessions", async () => {
    const { params } = await admin.row('PanelSession', 'admin@example.com')
    expect(params).toMatchObject({
      type: 'administrator',
      ip: '127.0.0.1',
      logonIp: '127.0.0.1',
      source: 'express-session',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(Date.parse(String(params.loggedInAt))).toBeGreaterThan(Date.now() - 60_000)
  })

  here.each(['new', 'edit', 'delete', 'bulkDelete'])('nothing can be changed by %s', async (action) => {
    const { records } = await admin.list('FtpSession')
    const paths: Record<string, string> = {
      new: 'actions/new',
      edit: `records/${records[0].id}/edit`,
      delete: `records/${records[0].id}/delete`,
      bulkDelete: `bulk/bulkDelete?recordIds=${records[0].id}`,
    }
    const { body } = await admin.agent
      .post(`/admin/api/resources/FtpSession/${paths[action]}`)
      .send({ login: 'changed' })
    expect(body.notice.type).toBe('error')
    expect(await logins('')).toHaveLength(4)
  })

  here('what a source had to leave out is told beside its rows', async () => {
    office.ftp.warnings = () => ['1 session makes no sense.']
    const told = await until('the warning', async () => {
      const answer = await admin.list('FtpSession')
      return answer.sessions.sources[0].warning !== null && answer
    })
    expect(told.sessions.sources[0]).toMatchObject({ state: 'ok', error: null, warning: '1 session makes no sense.' })
    expect(told.records).toHaveLength(4)
    const { records } = await admin.list('SessionSourceStatus', 'filters.name=fake-ftp')
    expect(records[0].params.warning).toBe('1 session makes no sense.')
    office.ftp.warnings = () => []
    await until('no warning', async () => (await admin.list('FtpSession')).sessions.sources[0].warning === null)
  })

  here('a failing source is shown with its rows, and since when', async () => {
    const { list } = office.ftp
    office.ftp.list = async () => {
      throw new Error('The server has gone; start it again.')
    }
    const failing = await until('failing', async () => {
      const answer = await admin.list('FtpSession')
      return answer.sessions.sources[0].state === 'failing' && answer
    })
    expect(failing.sessions.sources[0]).toMatchObject({ error: 'The server has gone; start it again.' })
    expect(failing.records).toHaveLength(4)
    office.ftp.list = async () => {
      throw new Error('It is still gone.')
    }
    await until('another error, which is news to who has the list with the first one', async () => {
      const { sessions } = await admin.list('FtpSession', `known=${failing.sessions.tag}`)
      return sessions?.sources[0].error === 'It is still gone.'
    })
    expect(failing.records[0].params.staleSince).toEqual(expect.any(String))
    office.ftp.list = list
    await until('recovery', async () => (await admin.list('FtpSession')).sessions.sources[0].state === 'ok')
  })
})

describe('access.list', () => {
  const seeing = async (
    list: NonNullable<Parameters<typeof backOffice>[0]>['access'] extends infer A
      ? A extends { list?: infer L }
        ? L
        : never
      : never,
  ) => {
    const office = await backOffice({ access: { remove: () => true, list } })
    office.ftp.add('mine', { domain: 'mine.example' })
    office.ftp.add('theirs', { domain: 'theirs.example' })
    const person = await office.login('admin@example.com')
    await person.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    return { office, person }
  }

  test('narrows list, record, filter and remove to the rows with its field values', async () => {
    const { office, person } = await seeing(async () => ({ login: 'mine' }))
    try {
      const { records } = await person.list('FtpSession')
      expect(records.map(({ params }) => params.login)).toEqual(['mine'])
      expect(
        (await person.list('FtpSession', 'filters.login=theirs')).records.map(({ params }) => params.login),
      ).toEqual(['mine'])
      for (const id of [1, 2]) {
        const { body } = await person.agent.get(`/admin/api/resources/FtpSession/records/${id}/show`)
        const own = id === Number(records[0].id)
        expect(body.record.params.login).toBe(own ? 'mine' : undefined)
        const shown = await person.agent.get(`/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`)
        expect(shown.body.records[0].params).toEqual(
          own ? expect.objectContaining({ login: 'mine' }) : { id, gone: true },
        )
        if (!own) expect((await person.remove('FtpSession', String(id))).removals[0].outcome).toBe('refused')
      }
      expect(office.ftp.sessions.size).toBe(2)
    } finally {
      await office.stop()
    }
  })

  test('a table without such a field shows nothing, and so does false', async () => {
    const { office, person } = await seeing(async (context) =>
      context.resource.id() === 'FtpSession' ? false : { domain: 'mine.example' },
    )
    try {
      for (const resource of ['FtpSession', 'PanelSession', 'SessionRemoval', 'SessionSourceStatus']) {
        expect(await person.list(resource)).toMatchObject({
          records: [],
          notice: { type: 'error', message: 'forbiddenError' },
        })
      }
    } finally {
      await office.stop()
    }
  })
})
