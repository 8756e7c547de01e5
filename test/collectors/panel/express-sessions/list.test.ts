import { describe, expect, test } from '@jest/globals'
import session from 'express-session'
import {
  expressSessions,
  type ExpressSessionsOptions,
} from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-id.js'
import { list } from './fake-site.js'

const cookie = { path: '/', originalMaxAge: null, httpOnly: true }
const alice = { cookie, adminUser: { email: 'alice@example.org', role: 'admin' } }
const anonymous = { cookie, visits: 3 }

type All = (callback: (error: unknown, sessions?: unknown) => void) => unknown

/** A source on a store of a class that nobody knows, whose `all` is this. */
function sourceOf(all: All, options: Partial<ExpressSessionsOptions> = {}) {
  class UnknownStore extends session.Store {
    get() {}
    set() {}
    destroy() {}
    all = all as never
  }
  return expressSessions({ store: new UnknownStore(), ...options })
}

const answering = (sessions: unknown) => sourceOf((callback) => callback(null, sessions))

describe('what a store lists', () => {
  test.each<[string, unknown]>([
    ['an object by id', { 'sid-1': alice, 'sid-2': anonymous }],
    ['an object of JSON by id', { 'sid-1': JSON.stringify(alice) }],
    [
      'an array with ids',
      [
        { ...alice, id: 'sid-1' },
        { ...anonymous, id: 'sid-2' },
      ],
    ],
    ['rows with JSON', [{ sid: 'sid-1', sess: JSON.stringify(alice), expire: '2099-01-01T00:00:00.000Z' }]],
    ['documents', [{ _id: 'sid-1', session: alice, expires: new Date('2099-01-01') }]],
  ])('is read: %s', async (_shape, sessions) => {
    const [listed, ...more] = await list(answering(sessions))
    expect(more).toEqual([])
    expect(listed).toMatchObject({ key: keyOf('sid-1'), login: 'alice@example.org', type: 'administrator' })
  })

  test('is an empty list where there is none', async () => {
    expect(await list(answering([]))).toEqual([])
    expect(await list(answering({}))).toEqual([])
  })

  test('leaves out what its row says has expired, and says when the others will', async () => {
    const rows = [
      { sid: 'sid-1', sess: alice, expire: '2020-01-01T00:00:00.000Z' },
      { sid: 'sid-2', sess: alice, expire: '2099-01-01T00:00:00.000Z' },
    ]
    const listed = await list(answering(rows))
    expect(listed).toMatchObject([{ key: keyOf('sid-2'), expiresAt: new Date('2099-01-01') }])
  })

  test("does not believe an unknown store's cookie, which may be stale", async () => {
    const stale = { ...alice, cookie: { ...cookie, expires: '2020-01-01T00:00:00.000Z' }, id: 'sid-1' }
    expect(await list(answering([stale]))).toMatchObject([{ expiresAt: null }])
  })

  test.each<[string, unknown, string]>([
    [
      'sessions without ids',
      [alice],
      'UnknownStore.all() lists sessions without their ids, so none of them could be ended. Use a store',
    ],
    ['nothing', undefined, 'answered nothing where an array or an object of sessions was expected'],
    ['null', null, 'answered nothing where'],
    ['a number', 42, 'answered a number where'],
    ['a Map', new Map([['sid-1', alice]]), 'answered [object Map] where'],
    ['a message', { message: 'sorry' }, 'None of the sessions in the store (1) can be decoded'],
    ['an array of junk', ['junk'], 'can be decoded, by the first digits of the SHA-256 of its id: a string.'],
    [
      'a row without a session',
      [{ sid: 'sid-1', expire: 9e15 }],
      `of its id: ${keyOf('sid-1').slice(0, 8)} (nothing).`,
    ],
    [
      'broken JSON',
      { 'sid-1': '{"adminUser":' },
      '(13 characters that are not JSON). Is its data damaged, or encrypted?',
    ],
  ])('is an error: %s', async (_what, sessions, message) => {
    await expect(list(answering(sessions))).rejects.toThrow(message)
  })
})

describe('a session that cannot be decoded', () => {
  test.each<[string, unknown, string]>([
    ['as broken JSON by id', { bad: '{"adm', 'sid-1': alice }, '5 characters that are not JSON'],
    ['as no JSON at all', { bad: '', 'sid-1': alice }, '0 characters that are not JSON'],
    ['as JSON of something else', { bad: '[1]', 'sid-1': alice }, '3 characters that hold [object Array]'],
    ['as something else', { bad: 7, 'sid-1': alice }, 'a number'],
    ['as a row without a session', [{ sid: 'bad' }, { ...alice, id: 'sid-1' }], 'nothing'],
  ])('%s hides no other, and is told beside the list, not by its id', async (_how, sessions, what) => {
    const source = answering(sessions)
    expect(await list(source)).toMatchObject([{ key: keyOf('sid-1') }])
    expect(source.warnings!()).toEqual([
      "1 session can't be decoded and is left out: by the first digits of the SHA-256 of its id: " +
        `${keyOf('bad').slice(0, 8)} (${what}). Remove it from the store; until then nobody is logged in by it.`,
    ])
  })

  test.each<[string, unknown]>([
    ['as an element that is none', 'junk'],
    ['as a session without its id', alice],
  ])('%s hides no other either', async (_how, element) => {
    const source = answering([element, { ...alice, id: 'sid-1' }])
    expect(await list(source)).toHaveLength(1)
    expect(source.warnings!()).toEqual([expect.stringContaining("1 session can't be decoded and is left out")])
  })

  test('is told of no longer once it has gone; of many a few are named', async () => {
    let sessions: object = {
      'sid-1': alice,
      ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`bad-${i}`, ''])),
    }
    const source = sourceOf((callback) => callback(null, sessions))
    await list(source)
    const [warning] = source.warnings!()
    expect(warning).toMatch(/^50 sessions can't be decoded and are left out: .*; and 47 more\. Remove them/)
    expect(warning).not.toContain('bad-')
    sessions = { 'sid-1': alice }
    await list(source)
    expect(source.warnings!()).toEqual([])
  })
})

describe('how a store answers', () => {
  test('by a promise', async () => {
    expect(await list(sourceOf(async () => ({ 'sid-1': alice })))).toHaveLength(1)
  })

  test('twice: the first answer counts', async () => {
    const source = sourceOf((callback) => {
      callback(null, { 'sid-1': alice })
      callback(null, {})
    })
    expect(await list(source)).toHaveLength(1)
  })

  test.each<[string, All]>([
    [
      'by throwing',
      () => {
        throw new Error('no connection')
      },
    ],
    ['with an error', (callback) => callback(new Error('no connection'))],
    ['with an error and a list', (callback) => callback(new Error('no connection'), [])],
    [
      'by a promise that rejects',
      async () => {
        throw new Error('no connection')
      },
    ],
  ])('%s: the list fails', async (_how, all) => {
    await expect(list(sourceOf(all))).rejects.toThrow('no connection')
  })

  test('never: the list ends with its signal', async () => {
    const limit = new AbortController()
    const listed = sourceOf(() => {}).list(limit.signal)
    limit.abort(new Error('too late'))
    await expect(listed).rejects.toThrow('too late')
  })
})

describe('who is logged in', () => {
  const listedAs = async (data: object, options: Partial<ExpressSessionsOptions> = {}) => {
    const source = sourceOf((callback) => callback(null, { sid: { cookie, ...data } }), options)
    return (await list(source)).map(({ login, type }) => ({ login, type }))
  }

  test.each<[object, object[]]>([
    [{ adminUser: { email: 'a@b', login: 'c', role: 'administrator' } }, [{ login: 'a@b', type: 'administrator' }]],
    [{ adminUser: { login: 'c', username: 'd', role: 'customer' } }, [{ login: 'c', type: 'reseller-or-customer' }]],
    [{ adminUser: { username: 'd', role: 'mailbox' } }, [{ login: 'd', type: 'mailbox-owner' }]],
    [{ adminUser: { email: 'a@b', role: '__proto__' } }, [{ login: 'a@b', type: null }]],
    [{ adminUser: { email: '', id: 7 } }, [{ login: null, type: null }]],
    [{ adminUser: null }, []],
    [{ adminUser: 'root' }, []],
    [{}, []],
  ])('%j', async (data, expected) => expect(await listedAs(data)).toEqual(expected))

  test('types of the host', async () => {
    const types = { root: 'administrator' }
    expect(await listedAs({ adminUser: { email: 'a', role: 'root' } }, { types })).toEqual([
      { login: 'a', type: 'administrator' },
    ])
    expect(await listedAs({ adminUser: { email: 'a', role: 'admin' } }, { types })).toEqual([
      { login: 'a', type: null },
    ])
  })

  test('a function of the host', async () => {
    const read = (data: object) => ('user' in data ? { login: String(data.user) } : null)
    expect(await listedAs({ user: 'bob' }, { session: read })).toEqual([{ login: 'bob', type: null }])
    expect(await listedAs({ adminUser: { email: 'a' } }, { session: read })).toEqual([])
  })

  test('a function of the host that throws or answers nonsense fails the list, with its name', async () => {
    const throwing = () => {
      throw new Error('no such field')
    }
    await expect(listedAs({}, { session: throwing })).rejects.toThrow(
      'The option session of expressSessions threw: no such field',
    )
    await expect(listedAs({}, { session: (() => 'bob') as never })).rejects.toThrow(
      'must answer null where nobody is logged in',
    )
  })
})
