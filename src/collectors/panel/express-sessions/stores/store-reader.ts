import type { SessionData, Store } from 'express-session'

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
  /** Every session that has not expired, those that can't be decoded as well. Throws where the list can't be had. */
  all(signal: AbortSignal): Promise<StoredSession[]>
  has(sid: string, signal: AbortSignal): Promise<boolean>
  destroy(sid: string, signal?: AbortSignal): Promise<void>
  /** Calls back when something may have changed that this process has not seen, until the signal. */
  watch?(changed: () => void, signal: AbortSignal): Promise<void>
}

/** The store's own functions, as they were before it was guarded. */
export type Unguarded = Pick<Store, 'get' | 'set' | 'destroy' | 'touch' | 'all' | 'createSession'> & {
  regenerate?: Store['regenerate']
}

/** A session store, as a person knows it: by the name of its class. */
export function classOf(store: object): string {
  return classesOf(store)[0] ?? 'a store without a class'
}

/** The names of a store's class and of those that it extends, its own first. */
export function classesOf(store: object): string[] {
  const names: string[] = []
  for (let each = Object.getPrototypeOf(store) as object | null; each; each = Object.getPrototypeOf(each) as object) {
    names.push(each.constructor.name)
  }
  return names
}

/**
 * A store with the properties that a reader needs of it.
 *
 * @throws TypeError where it lacks one: it is of another version than the ones that are known here
 */
export function ofKnownShape<Shape>(store: Store, ...properties: (keyof Shape & string)[]): Shape {
  const lacking = properties.find((property) => (store as unknown as Shape)[property] === undefined)
  if (lacking === undefined) return store as unknown as Shape
  throw new TypeError(
    `${classOf(store)} has no ${lacking}, as the versions do that can be read; see docs/stores.md for those.`,
  )
}
