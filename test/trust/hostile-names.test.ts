import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { SessionData } from 'express-session'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeName } from '../../src/text/decode-name.js'
import { backOffice } from '../actions/back-office.js'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { thorough } from '../thorough.js'
import { until } from '../until.js'

/** What somebody may call himself or a file, and how it is stored. */
const names: { what: string; given: string; stored?: string }[] = [
  { what: 'markup', given: `<script>alert(1)</script><img src=x onerror="alert(1)">'"&amp;` },
  { what: 'a template', given: "{{constructor.constructor('alert(1)')()}} ${7*7} {{7*7}} $t(login)" },
  { what: 'control characters', given: 'a\u0001\u0007\u001b[31m red \r\n\t\u007f\u0085\u2028 b' },
  { what: 'NUL', given: 'a\0b\0', stored: 'a\u2400b\u2400' },
  { what: 'right-to-left marks', given: '\u202Egnp.exe\u2066\u200F\u061C' },
  { what: 'broken UTF-8', given: decodeName(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xfe, 0x00, 0x1b])) },
  { what: 'half of a surrogate pair', given: '\ud800x\udc00', stored: '\ufffdx\ufffd' },
  { what: 'SQL', given: `'; DROP TABLE adminjs_sessions_ftp; -- " %_\\` },
  { what: "a property of every object's", given: '__proto__' },
  { what: '4 KB', given: 'n'.repeat(4096) },
  { what: 'more than 4 KB', given: 'é'.repeat(10_000), stored: 'é'.repeat(4096) },
  { what: '4 KB and half a character', given: `x${'😀'.repeat(3000)}`, stored: `x${'😀'.repeat(2047)}\ufffd` },
].map((name) => ({ stored: name.given, ...name }))

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

const engines = [['SQLite', null], ['PostgreSQL', postgresMissing]] as const // prettier-ignore

describe.each(engines)('hostile names on %s', (engine, missing) => {
  if (missing) {
    test.skip(missing, () => {})
    return
  }
  let postgres: Postgres | undefined
  let office: Office
  let admin: Person
  beforeAll(async () => {
    if (engine === 'PostgreSQL') postgres = await startPostgresWithTables()
    office = await backOffice({
      pollEvery: 250,
      ...(postgres && { database: { type: 'postgres', url: postgres.url } }),
    })
    admin = await office.login('admin@example.com')
  })
  afterEach(() => office.ftp.sessions.clear())
  afterAll(async () => {
    await office?.stop()
    await postgres?.stop()
  })

  const get = async (path: string) => (await admin.agent.get(`/admin/api/resources/${path}`).expect(200)).body

  /** The rows of a table by their keys, once there are so many. */
  async function rows(resource: string, count: number) {
    return until(`${count} rows`, async () => {
      await admin.agent.post(`/admin/api/resources/${resource}/actions/refresh`).expect(200)
      const { records } = await admin.list(resource, 'perPage=500')
      return records.length === count && new Map(records.map(({ params }) => [String(params.key), params]))
    })
  }

  function connectAll() {
    names.forEach(({ given }, i) =>
      office.ftp.add(`s${i}`, {
        ...{ login: given, location: given, fileName: given, command: `STOR ${given}`, domain: given },
        ...{ status: 'uploading', ip: `192.0.2.${i}` },
      }),
    )
    return rows('FtpSession', names.length)
  }

  const expected = names.map(({ stored }, i) => [`s${i}`, stored] as const)

  test('are listed and shown as they are stored', async () => {
    const found = await connectAll()
    for (const [key, stored] of expected) {
      const same = { login: stored, location: stored, fileName: stored, domain: stored }
      expect(found.get(key)).toMatchObject(same)
      const { record } = await get(`FtpSession/records/${found.get(key)!.id}/show`)
      expect(record.params).toMatchObject(same)
    }
    const ids = [...found.values()].map(({ id }) => id).join()
    const { records } = await get(`FtpSession/bulk/remove?recordIds=${ids}`)
    expect(records.map(({ params }: { params: { login: string } }) => params.login).sort()).toEqual(
      expected.map(([, stored]) => stored).sort(),
    )
  })

  /** Of which no name makes sense. */
  const others = ['ip', 'transferredBytes', '__proto__', 'type', 'status', 'progress', 'lastActiveAt', 'no']

  // Every day where more is refused: a NUL, half a character.
  const isWhole = thorough || engine === 'PostgreSQL'
  const more = isWhole ? names : names.slice(0, 1)
  const testSearch = isWhole ? test : () => {}
  testSearch('are found by filters and by search, and break neither', async () => {
    await connectAll()
    for (const { given, stored } of names) {
      for (const asked of new Set([given, stored!])) {
        const part = encodeURIComponent(asked.slice(0, 999).toWellFormed())
        for (const field of ['login', 'location', 'fileName']) {
          const { records, notice } = await admin.list('FtpSession', `filters.${field}=${part}`)
          expect(notice).toBeUndefined()
          expect(records.map(({ params }) => params.login)).toContain(stored)
        }
        for (const field of thorough ? others : others.slice(0, 3)) {
          expect((await admin.list('FtpSession', `filters.${field}=${part}`)).notice).toBeUndefined()
        }
        const { records } = await get(`FtpSession/search/${part}`)
        expect(records.map(({ params }: { params: { login: string } }) => params.login)).toContain(stored)
      }
    }
  })

  const strange = [
    'filters.progress=1e99',
    'filters.progress=0.5',
    'filters.transferredBytes=-99999999999999999999',
    'filters.transferredBytes=Infinity',
    'filters.id=9999999999',
    'filters.lastActiveAt~~from=junk&filters.lastActiveAt~~to=275760-09-14',
    'filters.lastActiveAt~~from=-271821-04-20T00:00:00.000Z',
    'filters.login[]=a&filters.login[x]=b&filters.login=c',
    'filters.constructor.prototype=1&filters=7&filters[]=8',
    'sortBy=__proto__&direction=;DROP',
    'sortBy=login%00&direction[]=asc',
    'page=-1&perPage=-1',
    'page=1e99&perPage=abc',
  ]
  test('a list that is asked for in a strange way is a list', async () => {
    await connectAll()
    for (const query of strange) {
      const { notice } = await admin.list('FtpSession', query)
      expect({ query, notice }).toEqual({ query, notice: undefined })
    }
  })

  test.each(names)('as the reason of a removal, and in what was seen: $what', async ({ given, stored }) => {
    office.ftp.add('one', { login: given, fileName: given })
    const row = (await rows('FtpSession', 1)).get('one')!
    const [id, gone] = [Number(row.id), 2_000_000_000]
    const seen = { key: given, login: given.toWellFormed() }
    const { removals } = await admin.remove('FtpSession', `${id},${gone}`, {
      reason: given,
      sessions: [
        { id, key: 'one', login: row.login },
        { id: gone, ...seen },
      ],
    })
    expect(removals).toEqual([
      { recordId: id, outcome: 'ended', message: null, said: null, force: null },
      { recordId: gone, outcome: 'already-gone', message: null, said: null, force: null },
    ])
    const { records } = await admin.list('SessionRemoval', `filters.login=&sortBy=id&direction=desc&perPage=2`)
    const kept = records.find(({ params }) => params.outcome === 'ended')!
    expect(kept.params).toMatchObject({ login: stored, 'session.fileName': stored })
    expect(String(kept.params.reason).slice(0, 400)).toBe(stored!.trim().slice(0, 400))
    await get(`SessionRemoval/records/${kept.id}/show`)
  })

  test('as what a source says of its failures', async () => {
    const { list, end } = office.ftp
    const message = '\0<b>\ud800'
    try {
      office.ftp.add('one')
      const { id } = (await rows('FtpSession', 1)).get('one')!
      office.ftp.end = () => Promise.reject(new Error(message))
      expect((await admin.remove('FtpSession', String(id))).removals).toMatchObject([
        { outcome: 'failed', message: '\u2400<b>\ufffd' },
      ])
      office.ftp.list = () => Promise.reject(new Error(message))
      await until('it is shown as failing', async () => {
        const { sources } = (await admin.list('FtpSession')).sessions
        return sources.some(({ state, error }) => state === 'failing' && error === '\u2400<b>\ufffd')
      })
    } finally {
      Object.assign(office.ftp, { list, end })
    }
  })

  test('where they are longer than anything of their kind', async () => {
    const long = '<'.repeat(10_000)
    office.ftp.add('long', { ip: long, type: long as never, status: long as never, protocol: long as never })
    office.ftp.add('short')
    const found = await rows('FtpSession', 2)
    const { removals } = await admin.remove('FtpSession', [...found.values()].map(({ id }) => id).join())
    expect(removals).toMatchObject([{ outcome: 'ended' }, { outcome: 'ended' }])
  })

  test.each(more)('of who is to be kept out: $what', async ({ given }) => {
    office.ftp.add('one', { login: given })
    const { id } = (await rows('FtpSession', 1)).get('one')!
    const { removals } = await admin.remove('FtpSession', String(id), { keepOut: { by: 'login', minutes: 1 } })
    // Too long for a ban is refused; nothing is left pending.
    expect(['ended', 'refused']).toContain(removals[0]!.outcome)
  })

  test.each(more)('of a panel session: $what', async ({ given, stored }) => {
    const cookie = { originalMaxAge: 60_000 } as SessionData['cookie']
    const session = { cookie, adminUser: { email: given } } as SessionData
    await new Promise((resolve) => office.store.set(randomUUID(), session, resolve))
    const found = await rows('PanelSession', 2)
    const row = [...found.values()].find(({ login }) => login === stored)!
    const { removals } = await admin.remove('PanelSession', String(row.id), { reason: given })
    expect(removals).toMatchObject([{ outcome: 'ended' }])
  })

  test.each([
    ['markup', '<img src=x onerror=alert(1)>'],
    ['bytes that are no UTF-8', 'a\xff\xfe\x85\xa0b'],
    ['8 KB', 'u'.repeat(8000)],
  ])('of a user agent: %s', async (_, agent) => {
    await logOnWith(office.origin, 'reader@example.com', agent)
    const found = await rows('PanelSession', 2)
    const row = [...found.values()].find(({ login }) => login === 'reader@example.com')!
    expect(row.userAgent).toBe(agent.slice(0, 512))
    expect((await admin.remove('PanelSession', String(row.id))).removals).toMatchObject([{ outcome: 'ended' }])
  })
})

/** Logs on with a user agent that no well-behaved client can send. */
async function logOnWith(origin: string, email: string, agent: string): Promise<void> {
  const { port, host } = new URL(origin)
  const body = `email=${encodeURIComponent(email)}&password=x`
  const head = [
    'POST /admin/login HTTP/1.1',
    `Host: ${host}`,
    `User-Agent: ${agent}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 302/)
}
