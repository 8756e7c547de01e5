import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { questionOf } from '../../src/actions/remove-request.js'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

describe('the body of a removal', () => {
  const asked = (payload: object) => questionOf({ payload } as never)
  const session = { id: 1, key: 'k', login: 'l' }

  test('names as many sessions as ids, and no more: the first too many is not even looked at', () => {
    expect(asked({ sessions: Array(500).fill(session) })).toMatchObject({ sessions: Array(500).fill(session) })
    const looked: unknown[] = []
    const sessions = Array(501).fill(
      new Proxy(session, { get: (of, name) => (looked.push(name), Reflect.get(of, name)) }),
    )
    expect(asked({ sessions })).toBe('sessions holds 501; expected at most 500 at a time')
    expect(looked).toEqual([])
  })

  test.each([
    ['key', 191],
    ['login', 4096],
  ] as const)('has a %s as long as a row has; of a longer one so much that it is no row’s', (field, longest) => {
    const of = (length: number) => asked({ sessions: [{ ...session, [field]: 'x'.repeat(length) }] })
    expect(of(longest)).toMatchObject({ sessions: [{ [field]: 'x'.repeat(longest) }] })
    expect(of(7_000_000)).toMatchObject({ sessions: [{ [field]: 'x'.repeat(longest + 1) }] })
  })

  test.each([[null], [1], ['x'], [[]], [{}], [{ __proto__: session }.constructor], [{ ...session, id: '1' }], [{ ...session, login: 1 }]])(
    'holds no session like %j', (wrong) => expect(asked({ sessions: [wrong] })).toMatch(/^sessions is not a list/),
  ) // prettier-ignore

  test('has a reason of at most 500 characters', () => {
    expect(asked({ reason: ` ${'x'.repeat(7_000_000)}` })).toMatchObject({ reason: 'x'.repeat(500) })
  })

  test.each(['true', 1, null, {}])('is by force or not: %j is neither', (force) => {
    expect(asked({ force })).toBe('force is neither true nor false')
  })
})

describe('a stranger with a large body', () => {
  type Office = Awaited<ReturnType<typeof backOffice>>
  let office: Office
  let file: Awaited<ReturnType<typeof databaseFile>>
  let stranger: Awaited<ReturnType<Office['login']>>
  beforeAll(async () => {
    file = await databaseFile()
    office = await backOffice({
      pollEvery: 600_000,
      database: file.options,
      access: { remove: () => false, list: () => ({ login: 'nobody' }) },
    })
    stranger = await office.login('reader@example.com')
  })
  beforeEach(() => void (file.queries.length = 0))
  afterAll(async () => {
    await office.stop()
    await file.remove()
  })
  const ids = Array.from({ length: 500 }, (_, i) => i + 1).join()

  test('of 100,000 sessions is told what is wrong, and nothing is written', async () => {
    const body = { sessions: Array.from({ length: 100_000 }, (_, id) => ({ id, key: 'k', login: 'l' })) }
    const { removals, notice } = await stranger.remove('FtpSession', ids, body)
    expect(removals).toEqual([])
    expect(notice).toMatchObject({ type: 'error', message: 'removeWrongBody' })
    expect(file.queries.filter((query) => /^INSERT.*adminjs_sessions_removal/.test(query))).toEqual([])
  })

  test.each<[string, object]>([
    ['reason', { reason: 'x'.repeat(7_000_000) }],
    ['login', { sessions: [{ id: 1, key: 'k', login: 'x'.repeat(7_000_000) }] }],
  ])('of a long %s leaves one short line, without it', async (_, body) => {
    const { removals } = await (await file.open()).removals.clear().then(() => stranger.remove('FtpSession', ids, body))
    expect(removals).toHaveLength(500)
    const [record, ...more] = await (await file.open()).removals.find()
    expect(more).toEqual([])
    expect(JSON.stringify(record)).not.toContain('xxx')
    expect(JSON.stringify(record).length).toBeLessThan(1000)
  })
})
