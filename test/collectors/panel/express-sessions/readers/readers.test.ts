import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import session, { type SessionData, type Store } from 'express-session'
import { unguarded } from '../../../../../src/collectors/panel/express-sessions/guard/guard.js'
import { Damaged, type Reader } from '../../../../../src/collectors/panel/express-sessions/list/stores/store-reader.js'
import { readerOf } from '../../../../../src/collectors/panel/express-sessions/list/stores/index.js'
import { until } from '../../../../until.js'
import { storeKinds, type StoredSomewhere } from '../stores.js'

const never = new AbortController().signal

const dataFor = (email: string, maxAge: number): SessionData => ({
  cookie: new (session as unknown as { Cookie: new (options: object) => session.Cookie }).Cookie({ maxAge }),
  adminUser: { email },
})

describe.each(storeKinds)('the reader of $name', ({ missing, start, name }) => {
  const describeHere = missing ? describe.skip : describe
  let stored: StoredSomewhere
  let store: Store
  let reader: Reader

  if (!missing) {
    beforeAll(async () => {
      stored = await start()
      store = await stored.open()
      reader = readerOf(store, unguarded(store))
    })
    afterAll(() => stored.close())
  }

  const set = (sid: string, data: SessionData) =>
    new Promise<void>((resolve, reject) =>
      store.set(sid, data, (error: unknown) => (error ? reject(error) : resolve())),
    )

  describeHere(missing ?? 'reads', () => {
    test('an empty store', async () => {
      expect(await reader.all(never)).toEqual([])
      expect(await reader.has('none', never)).toBe(false)
    })

    test('all of many sessions, each once, with its id, its data and its end', async () => {
      const sids = Array.from({ length: 1100 }, (_, i) => `sid-${i}`)
      const sessions = sids.map((sid): [string, SessionData] => [sid, dataFor(`${sid}@example.org`, 3_600_000)])
      await stored.fill?.(sessions.splice(100))
      for (const [sid, data] of sessions) await set(sid, data)
      const all = await reader.all(never)
      expect(all.map(({ sid }) => sid).sort()).toEqual(sids.sort())
      const now = Date.now()
      for (const { sid, session, expiresAt } of all) {
        expect(session).toHaveProperty('adminUser', { email: `${sid}@example.org` })
        // A TTL is not read.
        if (name.startsWith('connect-redis')) expect(expiresAt).toBeNull()
        else expect(Math.abs(expiresAt!.getTime() - now - 3_600_000)).toBeLessThan(60_000)
      }
      expect(await reader.has('sid-7', never)).toBe(true)
    })

    test('a session that cannot be decoded beside the others, and its end', async () => {
      if (!stored.damage) return
      await stored.damage('sid-500x')
      const all = await reader.all(never)
      const damaged = all.filter(({ session }) => session instanceof Damaged)
      expect(damaged).toMatchObject([{ sid: 'sid-500x' }])
      expect(all).toHaveLength(1101)
      await reader.destroy('sid-500x', never)
      expect(await reader.all(never)).toHaveLength(1100)
    })

    test('what another has destroyed is gone, and what it destroys itself', async () => {
      await reader.destroy('sid-1', never)
      const other = await stored.open()
      await new Promise((resolve) => other.destroy('sid-2', resolve))
      expect(await reader.has('sid-1', never)).toBe(false)
      const left = (await reader.all(never)).map(({ sid }) => sid)
      expect(left).not.toContain('sid-1')
      expect(left).not.toContain('sid-2')
    })

    test('nothing that has expired', async () => {
      // connect-sqlite3 keeps one whose time is up when it is saved for a day.
      await set('short', dataFor('short@example.org', 300))
      const there = async () => (await reader.has('short', never)) || (await listed('short'))
      await until('it is gone', async () => !(await there()))
      expect(await listed('sid-3')).toBe(true)
    })

    test('with a signal', async () => {
      await expect(reader.all(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
    })

    const listed = async (sid: string) => (await reader.all(never)).some((each) => each.sid === sid)
  })
})
