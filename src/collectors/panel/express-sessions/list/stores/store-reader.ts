import type { SessionData, Store } from 'express-session'
import { called } from '../../store-calls.js'

/** A session as its store keeps it. */
export interface StoredSession {
  sid: string
  session: SessionData | Damaged
  /** Null where the store does not say, or says it only in the session's cookie and lets that grow stale. */
  expiresAt: Date | null
}

/** In the place of a session that can't be decoded: the others are listed all the same. */
export class Damaged {
  /** @param what is found where a session was expected, as the rest of a sentence; without the session's id */
  constructor(readonly what: string) {}
}

/**
 * How the sessions of one store are read and ended. All of it goes past the guard: what it shows is what is really
 * there.
 */
export interface Reader {
  /** Whether the cookie in a session that is loaded has the expiry that the session has now; otherwise it may be an older one. */
  cookieIsFresh?: boolean
  /**
   * Every session that has not expired, those that can't be decoded as well. Throws where the list can't be had.
   *
   * @param recent ids that requests have come with lately, whether or not there are such sessions: for a store that is slow
   *   to find its own
   */
  all(signal: AbortSignal, recent?: Iterable<string>): Promise<StoredSession[]>
  /** What the last answer of `all` may lack, in a sentence each. */
  warnings?(): string[]
  has(sid: string, signal: AbortSignal): Promise<boolean>
  destroy(sid: string, signal?: AbortSignal): Promise<void>
  /** Calls back when something may have changed that this process has not seen, until the signal. */
  watch?(changed: () => void, signal: AbortSignal): Promise<void>
}

/** The store's own functions, as they were before it was guarded. */
export type Unguarded = Pick<Store, 'get' | 'set' | 'destroy' | 'touch' | 'all' | 'createSession'> & {
  regenerate?: Store['regenerate']
}

/** Destroys as the store itself does, past the guard. */
export function byItsOwn({ destroy }: Unguarded): Reader['destroy'] {
  return async (sid, signal) => {
    await called((callback) => destroy(sid, callback), signal)
  }
}

/** A kind of store that is read in a way of its own. */
export interface KnownStore {
  /** Whether a store is one, by what it has, never by its class's name: bundlers give classes other names. */
  is(store: Store): boolean
  /** @throws TypeError where its sessions can't be listed with the options that it has */
  reader(store: Store, unguarded: Unguarded): Reader
}

/** What a store has: the type of each property, or what that has in turn. */
interface Shape {
  [property: string]: 'function' | 'string' | 'boolean' | 'object' | Shape
}

export function hasShape(value: unknown, shape: Shape): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(shape).every(([property, expected]) => {
    const found = (value as Record<string, unknown>)[property]
    return typeof expected === 'string' ? found !== null && typeof found === expected : hasShape(found, expected)
  })
}

/** A session store, as a person knows it: by the name of its class. */
export function classOf(store: object): string {
  return store.constructor.name || 'a store without a name'
}
