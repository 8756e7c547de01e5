import type { SessionData, Store } from 'express-session'

/** A session as its store keeps it. */
export interface StoredSession {
  sid: string
  session: SessionData
  /** Null where the store does not say, or says it only in the session's cookie and lets that grow stale. */
  expiresAt: Date | null
}

/**
 * How the sessions of one store are read and ended. All of it goes past the guard: what it shows is what is really
 * there.
 */
export interface Reader {
  /** Every session that has not expired. */
  all(signal: AbortSignal): Promise<StoredSession[]>
  has(sid: string, signal: AbortSignal): Promise<boolean>
  destroy(sid: string, signal?: AbortSignal): Promise<void>
  /** Calls back when something may have changed that this process has not seen, until the signal. */
  watch?(changed: () => void, signal: AbortSignal): Promise<void>
}

/** The store's own functions, as they were before it was guarded. */
export type Unguarded = Pick<Store, 'get' | 'set' | 'destroy' | 'touch' | 'all' | 'createSession'>

/** A session store, as a person knows it: by the name of its class. */
export function classOf(store: object): string {
  return (store.constructor as { name?: string } | undefined)?.name || 'a store without a class'
}
