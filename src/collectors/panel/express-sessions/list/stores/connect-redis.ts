import { performance } from 'node:perf_hooks'
import { inGroups } from '../../../../../timing/event-loop.js'
import { ownFunctions } from './any-store.js'
import { decodedBy } from './listed-shapes.js'
import { byItsOwn, hasShape, type KnownStore, type StoredSession } from './store-reader.js'

/** How long one poll looks through Redis, in ms; the next goes on from there. */
const looksFor = 2_000
/** After a pass over all keys that took longer than this, in ms, the next begins no sooner than `rest` times as long after. */
const shortPass = 500
const rest = 10
/** Keys that Redis goes through for one answer. */
const keysAtOnce = 1_000
/** Sessions that are asked for at a time: clients send them in one go. */
const sessionsAtOnce = 500

interface RedisStore {
  prefix: string
  serializer: { parse(text: string): unknown }
  client: { get(key: string): Promise<string | null> }
}

interface HasKeyPrefix {
  options: { keyPrefix: string }
}

/** Goes through the keys of a pattern. Keys come by one or by many, as the client's version has it. */
type Scan = (pattern: string, count: number) => AsyncIterator<string | string[]>

/**
 * connect-redis: its `all()` does not wait for a serializer that takes its time, fails for one session that can't be
 * decoded, and reads nothing where ioredis has a `keyPrefix`. Finds the keys by SCAN and reads each as the store's `get`
 * does.
 *
 * SCAN goes through all keys of Redis, whoever's they are. What has been found stays known, and is read at each poll; so
 * is what requests of this process have come with.
 */
export const connectRedis: KnownStore = {
  is: (store) => hasShape(store, { client: { get: 'function' }, prefix: 'string', serializer: 'object' }),

  reader(store, unguarded) {
    const { prefix, serializer, client } = store as unknown as RedisStore
    const found = scanOf(store)
    if (!found) {
      if (
        hasShape(client, { options: { keyPrefix: 'string' } }) &&
        (client as unknown as HasKeyPrefix).options.keyPrefix !== ''
      ) {
        throw new TypeError(
          'This version of connect-redis cannot list sessions where ioredis has a keyPrefix. Leave keyPrefix out and ' +
            "put it before connect-redis's own prefix, or use connect-redis 7 or later.",
        )
      }
      return ownFunctions(store, unguarded)
    }
    const { scan, mayHaveKeyPrefix } = found
    const pattern = (mayHaveKeyPrefix ? '*' : '') + prefix.replace(/[\\*?[\]]/g, '\\$&') + '*'
    const sidsIn = (key: string) => (mayHaveKeyPrefix ? afterEach(prefix, key) : [key.slice(prefix.length)])

    let known = new Set<string>()
    let pass: { keys: AsyncIterator<string | string[]>; tookMs: number } | undefined
    let passed = false
    let nextPassMs = 0
    let lastTookMs = 0
    let hasRead = false

    /** Looks through Redis for a while. */
    async function look(signal: AbortSignal): Promise<void> {
      const begunMs = performance.now()
      if (!pass && begunMs < nextPassMs) return
      pass ??= { keys: scan(pattern, keysAtOnce), tookMs: 0 }
      const current = pass
      try {
        while (performance.now() - begunMs < looksFor) {
          const { value, done } = await current.keys.next()
          if (done) {
            lastTookMs = current.tookMs + performance.now() - begunMs
            if (lastTookMs > shortPass) nextPassMs = performance.now() + rest * lastTookMs
            passed = true
            pass = undefined
            return
          }
          for (const key of [value].flat()) for (const sid of sidsIn(key)) known.add(sid)
          // Only now: no other poll is given these keys.
          signal.throwIfAborted()
        }
        current.tookMs += performance.now() - begunMs
      } catch (error) {
        if (!signal.aborted) pass = undefined
        throw error
      }
    }

    /** Null where there is none, or something else than a text, which no session is. */
    const stored = (sid: string) =>
      client.get(prefix + sid).catch((error: unknown) => {
        if (String(error).includes('WRONGTYPE')) return null
        throw error
      })

    async function read(sid: string): Promise<StoredSession[]> {
      const text = await stored(sid)
      if (text === null) return []
      const what = `${text.length} characters that its serializer can't decode`
      const session = await decodedBy(what, () => serializer.parse(text))
      return [{ sid, session, expiresAt: null }]
    }

    return {
      async all(signal, recent = []) {
        await look(signal)
        if (!passed) {
          throw new Error(
            'Redis is still being looked through for sessions for the first time: it holds many other keys. Their list ' +
              'comes when that is done.',
          )
        }
        const sessions: StoredSession[] = []
        const asked = new Set([...known, ...recent])
        for await (const group of inGroups([...asked], sessionsAtOnce)) {
          signal.throwIfAborted()
          for (const session of await Promise.all(group.map(read))) sessions.push(...session)
        }
        if (sessions.length > 0) hasRead = true
        if (prefix === '' && mayHaveKeyPrefix && !hasRead && asked.size > 0) {
          throw new Error(
            'Redis has keys, but connect-redis finds none of them. If ioredis has a keyPrefix, leave it out and give ' +
              'connect-redis its prefix instead.',
          )
        }
        known = new Set(sessions.map(({ sid }) => sid))
        return sessions
      },
      warnings: () => (lastTookMs > looksFor ? [late(lastTookMs)] : []),
      has: async (sid) => (await stored(sid)) !== null,
      destroy: byItsOwn(unguarded),
    }
  },
}

/**
 * How to go through the keys; undefined where this version has no way that gives promises.
 *
 * connect-redis 9 has a way of its own. 7 and 8 wrap the client in an object that hides whether it is ioredis and has a
 * `keyPrefix`, which ioredis puts before each key that it is given, but not before SCAN's pattern, nor takes off its answer
 * (https://github.com/redis/ioredis#transparent-key-prefixing).
 */
function scanOf(store: object): { scan: Scan; mayHaveKeyPrefix: boolean } | undefined {
  interface Scanning {
    scanIterator(pattern: string, count: number): AsyncIterable<string | string[]>
  }
  if (hasShape(store, { scanIterator: 'function' })) {
    const scan: Scan = (...asked) => (store as Scanning).scanIterator(...asked)[Symbol.asyncIterator]()
    return { scan, mayHaveKeyPrefix: false }
  }
  const { client } = store as { client: object }
  if (Object.getPrototypeOf(client) !== Object.prototype || !hasShape(client, { scanIterator: 'function' })) return
  const scan: Scan = (...asked) => (client as Scanning).scanIterator(...asked)[Symbol.asyncIterator]()
  return { scan, mayHaveKeyPrefix: true }
}

/** What stands after the prefix, wherever in the key that is: whoever reads it finds out which one is an id. */
function afterEach(prefix: string, key: string): string[] {
  if (prefix === '') return [key]
  const ids: string[] = []
  for (let at = key.indexOf(prefix); at !== -1; at = key.indexOf(prefix, at + 1))
    ids.push(key.slice(at + prefix.length))
  return ids
}

function late(tookMs: number): string {
  const steps = [30, 60, 300, 900, 3600]
  const seconds = steps.find((step) => ((rest + 1) * tookMs) / 1000 <= step)
  const time = seconds === undefined ? 'more than an hour' : `up to ${seconds} s`
  return (
    `Redis holds so many other keys that a session which another process began is shown ${time} late. Give the sessions ` +
    'a Redis, or a database of one, of their own.'
  )
}
