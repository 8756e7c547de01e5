import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { AsyncLocalStorage } from 'node:async_hooks'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

type Office = Awaited<ReturnType<typeof backOffice>>
let office: Office
let file: Awaited<ReturnType<typeof databaseFile>>
let person: Awaited<ReturnType<Office['login']>>
let asked: string[] = []
let ids: string[]
let looked = 0
/** The engine makes queries as well, whenever it polls. */
const inRequest = new AsyncLocalStorage<true>()
/** Every row, and how often it is asked whether one is among them. */
const everything = new Proxy({ host: 'test-host' }, { ownKeys: (of) => (looked++, Reflect.ownKeys(of)) })

beforeAll(async () => {
  file = await databaseFile(() => inRequest.getStore() === true)
  office = await backOffice(
    {
      pollEvery: 600_000,
      endsWithin: 200,
      database: file.options,
      access: { remove: (_, { key }) => asked.push(key) > 0, list: () => everything },
    },
    { end: async () => 'asked', keepOut: { by: ['login', 'ip'], apply: async () => {} } },
    (app) => app.use((_request, _response, next) => inRequest.run(true, next)),
  )
  for (let i = 0; i < 300; i++) office.ftp.add(`ftp-${i}`, { login: `login-${i % 7}`, ip: `192.0.2.${i % 11}` })
  person = await office.login('admin@example.com')
  await person.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
  ids = (await person.list('FtpSession', 'perPage=500')).records.map(({ id }) => id)
  expect(ids).toHaveLength(300)
})
afterAll(async () => {
  await office.stop()
  await file.remove()
})

/** What it costs to ask for so many ids: queries of this package's tables, and calls of `access.remove`. */
async function cost(many: number, search = '') {
  file.queries.length = 0
  asked = []
  const url = `/admin/api/resources/FtpSession/bulk/remove?recordIds=${ids.slice(0, many).join()}${search}`
  const { body } = await person.agent.get(url).expect(200)
  // The guard of the session store asks about holds, in each request of the back office.
  const queries = file.queries.filter((query) => !query.includes('adminjs_sessions_hold'))
  return { queries: queries.length, asked: asked.length, body }
}

test('what a page asks about its ticks, again and again, is one query and no question to the host', async () => {
  for (const many of [1, 300]) {
    const { queries, asked, body } = await cost(many, '&only=gone')
    expect({ queries, asked, body }).toEqual({ queries: 1, asked: 0, body: { records: [] } })
  }
  const url = `/admin/api/resources/FtpSession/bulk/remove?only=gone&recordIds=${ids[0]},999999`
  const { body } = await person.agent.get(url).expect(200)
  expect(body.records.map(({ params }: { params: object }) => params)).toEqual([{ id: 999_999, gone: true }])
})

test('what a drawer asks takes as many queries for 300 sessions as for one, and one question for each', async () => {
  const one = await cost(1)
  const all = await cost(300)
  expect(one.asked).toBe(1)
  expect(all.asked).toBe(300)
  expect(all.queries).toBe(one.queries)
  expect(all.queries).toBeLessThanOrEqual(3)
  expect(all.body.ending).toHaveLength(300)
  const [first] = all.body.ending[0].keepOut
  expect(first).toMatchObject({ by: 'login', cutsToo: { count: expect.any(Number), sessions: expect.any(Array) } })
  expect(first.cutsToo.count).toBeGreaterThan(40)
  expect(first.cutsToo.sessions).toHaveLength(20)
})

test('a removal with keeping out asks the host once about each session, and decides by a fixed number of queries', async () => {
  const decide = async (some: string[]) => {
    file.queries.length = 0
    asked = []
    const { removals } = await person.remove('FtpSession', some.join(), { keepOut: { by: 'ip', minutes: 5 } })
    expect(new Set(removals.map(({ outcome }) => outcome))).toEqual(new Set(['failed']))
    // What is recorded was decided before; then the engine begins.
    const decided = file.queries.findIndex((query) => query.startsWith('INSERT INTO "adminjs_sessions_removal"'))
    expect(decided).toBeGreaterThan(0)
    return file.queries.slice(0, decided).filter((query) => query.includes('adminjs_sessions_ftp')).length
  }
  const one = await decide(ids.slice(0, 1))
  looked = 0
  expect(one).toBeGreaterThan(0)
  expect(await decide(ids)).toBe(one)
  expect(asked).toHaveLength(300)
  // Once as what is asked for, once as what is cut: not once more for each that is cut with it.
  expect(looked).toBeLessThan(1000)
})
