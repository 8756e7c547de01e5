import type { SessionData } from 'express-session'
import { Damaged, type StoredSession } from './store-reader.js'

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
 * @throws where no session has an id, or where the answer is none of these
 */
export function storedSessions(listed: unknown, store: string, cookieIsFresh: boolean): StoredSession[] {
  const sessions = Array.isArray(listed)
    ? fromElements(listed, store)
    : Object.entries(keyedBySid(listed, store)).map(([sid, value]) => ({
        sid,
        session: parsed(value),
        expiresAt: null,
      }))
  const now = Date.now()
  return sessions.flatMap(({ expiresAt, ...stored }) => {
    const expires = expiresAt ?? (cookieIsFresh ? dateOf((stored.session as SessionData).cookie?.expires) : null)
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

function fromElements(elements: unknown[], store: string): StoredSession[] {
  const stored = elements.map(fromElement)
  if (stored.length > 0 && stored.every(({ sid, session }) => sid === '' && !(session instanceof Damaged))) {
    throw new Error(
      `${store}.all() lists sessions without their ids, so none of them could be ended. ` +
        'Use a store that gives them, for instance connect-redis or connect-pg-simple; see docs/stores.md.',
    )
  }
  return stored.map((one) =>
    one.sid === '' && !(one.session instanceof Damaged) ? { ...one, session: withoutId } : one,
  )
}

const withoutId = new Damaged('a session without its id')

/** The id is empty where there is none. */
function fromElement(element: unknown): StoredSession {
  const row = objectOf(element)
  if (row instanceof Damaged) return { sid: '', session: row, expiresAt: null }
  // Every session has a cookie; a raw row of the store's table has the session in one of its columns.
  const isSession = typeof row.cookie === 'object' && row.cookie !== null
  const found = isSession ? row.id : (row.sid ?? row._id ?? row.session_id ?? row.id)
  const sid = typeof found === 'string' ? found : ''
  if (isSession) return { sid, session: row as unknown as SessionData, expiresAt: null }
  return {
    sid,
    session: parsed(row.sess ?? row.session ?? row.data),
    expiresAt: dateOf(row.expire ?? row.expires ?? row.expired),
  }
}

function objectOf(value: unknown): Record<string, unknown> | Damaged {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  return new Damaged(said(value))
}

/** A session that is kept as JSON, or as the object that a driver has made of it. */
export function parsed(value: unknown): SessionData | Damaged {
  if (typeof value !== 'string') return objectOf(value) as SessionData | Damaged
  return decoded(value, JSON.parse)
}

/**
 * A session in whatever form its store keeps it.
 *
 * @param what it is, where it can't be decoded
 * @param decode the store's own way; may throw, and take its time
 */
export async function decodedBy(what: string, decode: () => unknown): Promise<SessionData | Damaged> {
  try {
    return objectOf(await decode()) as SessionData | Damaged
  } catch {
    // The decoder's own message would show what is in it.
    return new Damaged(what)
  }
}

/** A session that is kept as text. @param decode the store's own way; may throw */
export function decoded(text: string, decode: (text: string) => unknown): SessionData | Damaged {
  const length = `${text.length} characters that`
  try {
    const session = objectOf(decode(text))
    return session instanceof Damaged
      ? new Damaged(`${length} hold ${session.what}`)
      : (session as unknown as SessionData)
  } catch {
    // The decoder's own message would show what is in it.
    return new Damaged(`${length} are not JSON`)
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
