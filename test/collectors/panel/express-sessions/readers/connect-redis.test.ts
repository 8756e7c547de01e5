import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { performance } from 'node:perf_hooks'
import { RedisStore } from 'connect-redis'
import connectRedis6 from 'connect-redis-6'
import { RedisStore as RedisStore8 } from 'connect-redis-8'
import session, { type SessionData, type Store } from 'express-session'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { expressSessions } from '../../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../../src/collectors/panel/express-sessions/session-id.js'
import { redisMissing, startRedis } from '../../../../servers/redis.js'
import { FakeSite, list } from '../fake-site.js'

const never = new AbortController().signal
const alice = { cookie: {}, adminUser: { email: 'alice' } } as unknown as SessionData

const describeHere = redisMissing ? describe.skip : describe
describeHere(redisMissing ?? 'connect-redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let client: ReturnType<typeof createClient>
  let io: Redis[] = []
  if (!redisMissing) {
    beforeAll(async () => {
      redis = await startRedis()
      client = createClient({ url: redis.url })
      await client.connect()
    })
    afterAll(async () => {
      await client.close()
      await redis.stop()
    })
  }
  beforeEach(async () => {
    await client.flushAll()
  })
  afterEach(() => {
    jest.restoreAllMocks()
    for (const one of io) one.disconnect()
    io = []
  })

  const ioredis = (options: object) => {
    const one = new Redis(redis.port, '127.0.0.1', options)
    io.push(one)
    return one
  }
  const logins = async (source: ReturnType<typeof expressSessions>) =>
    (await list(source)).map(({ login }) => login).sort()
  const put = (key: string, data: unknown = alice) => client.set(key, JSON.stringify(data))

  test.each([
    ['takes its time', async (text: string) => JSON.parse(text) as SessionData],
    ['decrypts', async (text: string) => JSON.parse(Buffer.from(text, 'base64').toString()) as SessionData],
  ])('a serializer that %s', async (how, parse) => {
    const stringify = (data: SessionData) =>
      how === 'decrypts' ? Buffer.from(JSON.stringify(data)).toString('base64') : JSON.stringify(data)
    const store = new RedisStore({ client, serializer: { parse, stringify } })
    await store.set('sid-1', alice)
    const source = expressSessions({ store })
    expect(await list(source)).toMatchObject([{ key: keyOf('sid-1'), login: 'alice' }])
    await client.set('sess:secret-sid', 'junk')
    expect(await logins(source)).toEqual(['alice'])
    expect(source.warnings!()).toEqual([
      expect.stringContaining(`${keyOf('secret-sid').slice(0, 8)} (4 characters that its serializer can't decode)`),
    ])
  })

  test('a prefix is letters, and what is no text is no session', async () => {
    await put('a[b]*:sid-1')
    await put('ab:sid-2', { ...alice, adminUser: { email: 'of another app' } })
    await client.hSet('a[b]*:locks', 'a', 'b')
    const source = expressSessions({ store: new RedisStore({ client, prefix: 'a[b]*:' }) })
    expect(await logins(source)).toEqual(['alice'])
    expect(source.warnings!()).toEqual([])
  })

  test.each([
    ['app:', 'sess:'],
    ['sess:', 'sess:'],
    ['', 'sess:'],
  ])('ioredis with the keyPrefix %j: its own sessions, nobody else’s', async (keyPrefix, prefix) => {
    const store = new RedisStore8({ client: ioredis({ keyPrefix }), prefix })
    await store.set('sid-1', alice)
    for (const key of ['other:sess:sid-2', 'sess:other:sess:sid-3', 'x:sess:', 'sess'])
      await put(key, { ...alice, adminUser: { email: key } })
    if (keyPrefix !== '' && keyPrefix !== 'sess:') await put('sess:sid-4', { ...alice, adminUser: { email: 'bare' } })
    const source = expressSessions({ store })
    const [found] = (await list(source)).filter(({ login }) => login === 'alice')
    expect(found).toMatchObject({ key: keyOf('sid-1') })
    const others = (await logins(source)).filter((login) => login !== 'alice')
    // A key below its own prefix is its own, whoever wrote it.
    expect(others).toEqual(keyPrefix === '' ? ['sess:other:sess:sid-3'] : [])
    expect(await source.end(found!, never)).toBe('asked')
    expect(await client.exists(`${keyPrefix}${prefix}sid-1`)).toBe(0)
  })

  test('ioredis with a keyPrefix and no prefix of the store: the reason', async () => {
    const store = new RedisStore8({ client: ioredis({ keyPrefix: 'app:' }), prefix: '' })
    await store.set('sid-1', alice)
    await expect(list(expressSessions({ store }))).rejects.toThrow('If ioredis has a keyPrefix, leave it out')
  })

  test('connect-redis 6 on ioredis: its all(); with a keyPrefix it is refused with the reason', async () => {
    const RedisStore6 = connectRedis6(session)
    const store = new RedisStore6({ client: ioredis({}) }) as Store
    await put('sess:sid-1')
    expect(await logins(expressSessions({ store }))).toEqual(['alice'])
    const prefixed = new RedisStore6({ client: ioredis({ keyPrefix: 'app:' }) }) as Store
    expect(() => expressSessions({ store: prefixed })).toThrow('cannot list sessions where ioredis has a keyPrefix')
  })

  describe('where one poll does not get through all keys', () => {
    /** A store whose Redis gives one page of keys for each time that it is asked; `took` is how long it takes, in ms. */
    class SlowStore extends RedisStore {
      scans = 0
      took = 0
      private passedMs = 0
      constructor(options: ConstructorParameters<typeof RedisStore>[0]) {
        super(options)
        const now = performance.now.bind(performance)
        jest.spyOn(performance, 'now').mockImplementation(() => now() + this.passedMs)
        Object.assign(this, {
          scanIterator: async function* (this: SlowStore, MATCH: string) {
            this.scans++
            for await (const keys of client.scanIterator({ MATCH, COUNT: 1 })) {
              this.passedMs += this.took
              yield keys
            }
          }.bind(this),
        })
      }
    }

    /** How many polls fail until there is a list. */
    async function pollsUntilListed(source: ReturnType<typeof expressSessions>): Promise<number> {
      for (let polls = 0; ; polls++) {
        const error = await list(source).then(
          () => null,
          (reason: Error) => reason,
        )
        if (error === null) return polls
        expect(error.message).toContain('Redis is still being looked through for sessions for the first time')
      }
    }

    async function slow() {
      for (let i = 0; i < 200; i++) await client.set(`other:${i}`, 'x')
      for (let i = 0; i < 20; i++) await put(`sess:sid-${i}`)
      const store = new SlowStore({ client })
      const source = expressSessions({ store })
      await source.start!(new FakeSite(), never)
      return { store, source }
    }

    test('the next goes on from there; there is no list before all have been seen', async () => {
      const { store, source } = await slow()
      store.took = 700
      expect(await pollsUntilListed(source)).toBeGreaterThan(3)
      expect(await list(source)).toHaveLength(20)
      expect(store.scans).toBe(1)
      expect(source.warnings!()).toEqual([
        expect.stringMatching(/^Redis holds so many other keys that a session which/),
      ])
    })

    test('what is known is read at each poll, and what requests come with is known', async () => {
      const { store, source } = await slow()
      store.took = 700
      await pollsUntilListed(source)
      await client.del('sess:sid-3')
      await new Promise((resolve) => store.set('sid-new', alice, resolve))
      const keys = (await list(source)).map(({ key }) => key)
      expect(keys).toHaveLength(20)
      expect(keys).toContain(keyOf('sid-new'))
      expect(keys).not.toContain(keyOf('sid-3'))
      expect(store.scans).toBe(1)
    })

    test('keys that come when their poll has been given up are not lost', async () => {
      const { store, source } = await slow()
      const limit = new AbortController()
      const { client: asked } = store as unknown as { client: typeof client }
      const scan = asked.scanIterator.bind(asked)
      let [release, reach] = [() => {}, () => {}]
      const reached = new Promise<void>((resolve) => (reach = resolve))
      const stalled = new Promise<void>((resolve) => (release = resolve))
      let stall = true
      Object.assign(store, {
        scanIterator: async function* (MATCH: string) {
          for await (const keys of scan({ MATCH, COUNT: 1 })) {
            if (stall && keys.length > 0) {
              reach()
              await stalled
            }
            yield keys
          }
        },
      })
      const given = source.list(limit.signal)
      await reached
      limit.abort(new Error('too late'))
      stall = false
      release()
      await expect(given).rejects.toThrow('too late')
      expect(await list(source)).toHaveLength(20)
    })
  })
})
