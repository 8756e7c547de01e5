import type { SessionData } from 'express-session'
import type { StoredSession } from './store-reader.js'

/**
 * Sessions with their ids out of what a store's `all()` answers. express-session asks for an array and says nothing of
 * ids (https://github.com/expressjs/session#storeallcallback), so each store has its own idea:
 *
 * - `{ sid: session }`: MemoryStore, memorystore, express-mysql-session, @quixo3/prisma-session-store
 * - `[{ id, cookie, … }]`: connect-redis, connect-typeorm
 * - `[{ sid, sess, expire }]`, `[{ _id, session, expires }]`: better-sqlite3-session-store, connect-mongodb-session
 * - `[{ cookie, … }]`, without ids: connect-mongo, connect-session-knex, connect-sqlite3. Such sessions can't be ended.
 *
 * @param cookieIsFresh whether the store keeps the expiry in the session's cookie up to date
 * @throws where a session has no id, or where the answer is none of these
 */
export function storedSessions(listed: unknown, store: string, cookieIsFresh: boolean): StoredSession[] {
  const sessions = Array.isArray(listed)
    ? listed.map((element: unknown) => fromElement(element, store))
    : Object.entries(keyedBySid(listed, store)).map(([sid, value]) => ({
        sid,
        session: parsed(value, store),
        expiresAt: null,
      }))
  const now = Date.now()
  return sessions.flatMap(({ expiresAt, ...stored }) => {
    const expires = expiresAt ?? (cookieIsFresh ? dateOf(stored.session.cookie?.expires) : null)
    return expires && expires.getTime() <= now ? [] : [{ ...stored, expiresAt: expires }]
  })
}

function keyedBySid(listed: unknown, store: string): Record<string, unknown> {
  // A Map or another collection would look like an object without sessions.
  if (Object.prototype.toString.call(listed) !== '[object Object]') {
    throw new Error(
      `${store}.all() answered ${said(listed)} where an array or an object of sessions was expected. ` +
        'Is this an express-session store? See docs/stores.md for those that can be listed.',
    )
  }
  return listed as Record<string, unknown>
}

function fromElement(element: unknown, store: string): StoredSession {
  const row = objectOf(element, store)
  // Every session has a cookie; a raw row of the store's table has the session in one of its columns.
  const isSession = typeof row.cookie === 'object' && row.cookie !== null
  const sid = isSession ? row.id : (row.sid ?? row._id ?? row.session_id ?? row.id)
  if (typeof sid !== 'string') {
    throw new Error(
      `${store}.all() lists sessions without their ids, so none of them could be ended. ` +
        'Use a store that gives them, for instance connect-redis or connect-pg-simple; see docs/stores.md.',
    )
  }
  if (isSession) return { sid, session: row as unknown as SessionData, expiresAt: null }
  return {
    sid,
    session: parsed(row.sess ?? row.session ?? row.data, store),
    expiresAt: dateOf(row.expire ?? row.expires ?? row.expired),
  }
}

function objectOf(value: unknown, store: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new Error(`${store} has ${said(value)} in the place of a session. Is its data damaged?`)
}

/** A session that is kept as JSON, or as the object that a driver has made of it. */
export function parsed(value: unknown, store: string): SessionData {
  if (typeof value !== 'string') return objectOf(value, store) as unknown as SessionData
  try {
    return objectOf(JSON.parse(value), store) as unknown as SessionData
  } catch {
    // The parser's own message would show what is in it.
    throw new Error(`${store} keeps a session that is not JSON. Is its data damaged, or encrypted?`)
  }
}

/** An instant out of a column or a cookie: a Date, its text, or ms since 1970. */
export function dateOf(value: unknown): Date | null {
  if (!(value instanceof Date) && typeof value !== 'string' && typeof value !== 'number') return null
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? null : date
}

function said(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return typeof value === 'object' ? Object.prototype.toString.call(value) : `a ${typeof value}`
}
