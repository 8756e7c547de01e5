import type { SessionData } from 'express-session'
import { sessionKey } from '../session-key.js'

/**
 * Where a session that goes on under another id says which one it is: an app may give each request a new id
 * (`req.session.regenerate()`), and its person's session is the same all the while. It stands in the session's own data,
 * so that every process that shares the store knows, and only in sessions whose id has changed since the logon.
 */
const keyField = 'adminjsSessionsKey'

/** The key of a session: that of the id that it had first. */
export function keyOf(sid: string, session?: object | null): string {
  return keptKey(session) ?? sessionKey(sid)
}

/** The key that a session has kept from an id before this one; undefined where it still has its first. */
export function keptKey(session: object | null | undefined): string | undefined {
  const kept = (session as Record<string, unknown> | null | undefined)?.[keyField]
  return typeof kept === 'string' && /^[0-9a-f]{64}$/.test(kept) ? kept : undefined
}

/**
 * Has a session keep this key under the id that it has now; where that gives the key by itself, its data needs none.
 *
 * @param own the key that the id that it has now gives
 */
export function keepKey(session: SessionData, own: string, key: string): void {
  const data = session as unknown as Record<string, unknown>
  if (key !== own) data[keyField] = key
  else if (keyField in data) delete data[keyField]
}

/** Sessions that go on under a new id, and have not been saved under it yet. */
const goingOn = new WeakMap<object, string>()

/** Notes that what a request has now is the session with this key, under a new id. */
export function goesOnAs(session: object, key: string): void {
  goingOn.set(session, key)
}

/** The key of the session that a request belongs to; null where it has none. */
export function keyOfRequest(request: object): string | null {
  const { sessionID, session } = request as { sessionID?: string; session?: object }
  if (typeof sessionID !== 'string') return null
  return (session && goingOn.get(session)) ?? keyOf(sessionID, session)
}
