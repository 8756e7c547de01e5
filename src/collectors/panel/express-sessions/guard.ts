import { AsyncLocalStorage } from 'node:async_hooks'
import type { Request } from 'express'
import type { SessionData, Store } from 'express-session'
import { setTimeout as sleep } from 'node:timers/promises'
import { rowValue } from '../../engine/reconcile.js'
import type { Site } from '../../engine/session-source.js'
import type { Activity, SessionInRequest } from './activity.js'
import { answer, called, type Callback } from './called.js'
import { isPoll } from './poll-mark.js'
import type { Reader, Unguarded } from './readers/reader.js'
import { keepKey, keptKey, keyOf } from './session-key.js'
import { warnOfUnsafeLogon } from './unsafe-logon.js'

/** How long an end waits for writes of its session, in ms. */
const writesArriveWithin = 2_000
/** So many ids that went through are remembered, to be struck out of what stores say. */
const mostIds = 10_000

const mark = Symbol.for('adminjs-sessions.guarded')

/** The functions of a store as they are now, to be used past the guard. */
export function unguarded(store: Store): Unguarded {
  return {
    get: store.get.bind(store),
    set: store.set.bind(store),
    destroy: store.destroy.bind(store),
    touch: store.touch?.bind(store),
    all: store.all?.bind(store),
    createSession: store.createSession.bind(store),
  }
}

/** Whether a store has a guard already, of this package or of another copy of it. */
export function isGuarded(store: Store): boolean {
  return mark in store
}

/** A session that a request has loaded. */
interface Loaded {
  sid: string
  key: string
  /** Undefined where nobody was logged in. */
  login: string | null | undefined
}

/**
 * Stands between express-session and its store and keeps ended sessions out. The store's functions are replaced on the
 * object itself, so nobody who holds it can go past the guard by accident; a Proxy would break stores with private
 * fields.
 *
 * express-session reads a session at the start of a request and may save it at its end, so a request that runs while
 * its session is ended brings it back (https://github.com/expressjs/session/issues/632). Therefore the guard asks
 * after each read, and before **and after** each write, whether the session is held; after, because another process
 * may have ended it meanwhile.
 */
export class Guard {
  private site: Site | undefined
  private readonly writing = new Map<string, Set<Promise<unknown>>>()
  /** The sessions that a request has loaded. If one of them is ended, nothing that the request saves may live on. */
  private readonly loadedBy = new WeakMap<object, Loaded[]>()
  /** What a poll has loaded, to tell whether it changes it. */
  private readonly polled = new WeakMap<object, string>()
  /**
   * The ends that the guard makes itself: what a store calls of its own functions then, even later, goes past the guard,
   * which would end the session anew each time that `destroy` uses `get`.
   */
  private readonly ownCalls = new AsyncLocalStorage<true>()
  private ownCallsUnderWay = 0
  /** How many functions of the store are being called just now. */
  private inside = 0
  /** The ids that came lately, with the key of each: making it anew would be most of what the guard costs. */
  private readonly recent = new Map<string, string>()

  constructor(
    store: Store,
    private readonly unguarded: Unguarded,
    private readonly reader: Reader,
    private readonly activity: Activity,
  ) {
    Object.defineProperty(store, mark, { value: true })
    store.get = this.guarded('get', (sid, callback) => answer(this.get(sid), callback as Callback))
    store.set = this.guarded('set', (sid, session, callback) => answer(this.set(sid, session), callback))
    store.destroy = this.guarded('destroy', (sid, callback) => answer(this.destroy(sid), callback))
    if (unguarded.touch) {
      store.touch = this.guarded('touch', (sid, session, callback) =>
        answer(this.touch(sid, session), callback as Callback),
      )
    }
    store.createSession = (req, session) => this.createSession(req, session)
  }

  /** From now on the store may be used. */
  start(site: Site): void {
    this.site = site
  }

  /** The ids of sessions that requests have come with lately. */
  get ids(): Iterable<string> {
    return this.recent.keys()
  }

  /** Waits a while for the writes of this session that are on their way in this process; later ones take themselves out. */
  async written(key: string, signal: AbortSignal): Promise<void> {
    const writes = this.writing.get(key)
    if (!writes) return
    await Promise.race([Promise.allSettled(writes), sleep(writesArriveWithin, undefined, { signal, ref: false })])
  }

  /** Destroys a session past the guard, also where the store's `destroy` uses other functions of its own. */
  async destroyPast(sid: string, signal?: AbortSignal): Promise<void> {
    this.ownCallsUnderWay++
    try {
      await this.ownCalls.run(true, () => this.reader.destroy(sid, signal))
    } finally {
      // While it is enabled, each promise of the whole process costs a little.
      if (--this.ownCallsUnderWay === 0) this.ownCalls.disable()
    }
  }

  private guarded<Name extends 'get' | 'set' | 'destroy' | 'touch'>(name: Name, call: Store[Name] & object) {
    const past = this.unguarded[name] as (...args: unknown[]) => unknown
    return ((...args: unknown[]) =>
      this.inside > 0 || this.ownCalls.getStore() ? past(...args) : (call as typeof past)(...args)) as NonNullable<
      Store[Name]
    >
  }

  /** Calls a function of the store past the guard; what that calls of the store's own, while it is called, goes past it as well. */
  private past<T>(call: (callback: Callback<T>) => unknown): Promise<T | undefined> {
    return called<T>((callback) => {
      this.inside++
      try {
        return call(callback)
      } finally {
        this.inside--
      }
    })
  }

  private async get(sid: string): Promise<SessionData | null | undefined> {
    const site = this.started()
    const data = await this.past<SessionData | null | undefined>((callback) => this.unguarded.get(sid, callback))
    if (!data) return data
    const held = this.isHeld(site, [this.keyOf(sid, data)], this.activity.loginOf(data))
    if (!(typeof held === 'boolean' ? held : await held)) return data
    // Whoever is refused need not wait for the store.
    void this.destroyHeld(sid)
    return null
  }

  private set(sid: string, session: SessionInRequest): Promise<void> {
    const key = this.keyOfSaved(sid, session)
    return this.write(key, sid, session, async () => {
      // With `resave: true` even a poll writes; a store with a TTL of its own would then extend the session.
      const polled = isPoll(session.req) ? this.polled.get(session) : undefined
      if (polled !== undefined) {
        if (polled === contentOf(session)) return
        // The expiry that was loaded, and would be written, may be older than what other requests have moved it to. Then
        // the poll counts as one: none may move it back.
        const { cookie } = session
        if (!this.reader.cookieIsFresh && cookie.originalMaxAge != null) cookie.maxAge = cookie.originalMaxAge
      }
      await this.past((callback) => this.unguarded.set(sid, session, callback))
      if (!this.activity.saved(key, session)) return
      const { req } = session
      const keptItsId = this.loadedBy.get(req!)?.some((loaded) => loaded.sid === sid) ?? false
      warnOfUnsafeLogon(session, req!, keptItsId)
      this.site?.changed()
    })
  }

  private touch(sid: string, session: SessionInRequest): Promise<void> {
    return this.write(this.keyOf(sid, session), sid, session, async () => {
      if (isPoll(session.req) && this.polled.has(session)) return
      await this.past((callback) => this.unguarded.touch!(sid, session, callback as () => void))
    })
  }

  private async destroy(sid: string): Promise<void> {
    await this.past((callback) => this.unguarded.destroy(sid, callback))
    this.site?.changed()
  }

  private createSession(req: Request, data: SessionData): ReturnType<Store['createSession']> {
    const session = this.unguarded.createSession(req, data)
    const sid = req.sessionID
    const key = this.keyOf(sid, data)
    const loaded = { sid, key, login: this.activity.loginOf(session) }
    const before = this.loadedBy.get(req)
    if (before) before.push(loaded)
    else this.loadedBy.set(req, [loaded])
    this.activity.request(key, req, session)
    if (isPoll(req)) this.leaveUntouched(req, session)
    return session
  }

  /**
   * The key of what a request saves. A session whose request had loaded another one of the same login is that one under
   * a new id: it keeps the key, in its data.
   */
  private keyOfSaved(sid: string, session: SessionInRequest): string {
    const key = this.keyOf(sid, session)
    const loaded = session?.req && this.loadedBy.get(session.req)
    if (!loaded) return key
    const login = this.activity.loginOf(session)
    if (login === undefined) return key
    const same = loaded.find((one) => one.sid === sid) ?? loaded.find((one) => one.login === login)
    if (same === undefined || same.login !== login || same.key === key) return key
    keepKey(session, same.key)
    return same.key
  }

  /**
   * Sees to it that a poll moves no expiry, neither forward nor back: the store's by leaving the session as it is, and
   * the browser's, which nobody here knows (another process may have moved it), by not sending the cookie again.
   */
  private leaveUntouched(req: Request, session: SessionData): void {
    this.polled.set(session, contentOf(session))
    // express-session calls it at the end of each request to move the cookie's expiry.
    Object.defineProperty(session, 'touch', { value: () => session, configurable: true, writable: true })
    const { res, sessionID } = req
    if (!res) return
    const { setHeader } = res
    res.setHeader = function (name, value) {
      if (name.toLowerCase() !== 'set-cookie' || !Array.isArray(value)) return setHeader.call(this, name, value)
      const others = value.filter((cookie: string) => !cookie.includes(encodeURIComponent(sessionID)))
      return others.length === 0 ? this : setHeader.call(this, name, others)
    }
  }

  /** Writes a session unless it is held, and takes it out again if it has been held meanwhile. */
  private write(key: string, sid: string, session: SessionInRequest, through: () => Promise<void>): Promise<void> {
    const done = this.writeUnlessHeld(key, sid, session, through)
    const writes = this.writing.get(key) ?? new Set()
    this.writing.set(key, writes.add(done))
    const arrived = () => {
      writes.delete(done)
      if (writes.size === 0) this.writing.delete(key)
    }
    done.then(arrived, arrived)
    return done
  }

  private async writeUnlessHeld(
    key: string,
    sid: string,
    session: SessionInRequest,
    through: () => Promise<void>,
  ): Promise<void> {
    const site = this.started()
    const loaded = session?.req && this.loadedBy.get(session.req)
    const keys = loaded ? [key, ...loaded.map((one) => one.key)] : [key]
    const isHeld = () => this.isHeld(site, keys, this.activity.loginOf(session))
    const before = isHeld()
    if (typeof before === 'boolean' ? before : await before) return this.destroyHeld(sid)
    try {
      await through()
    } catch (error) {
      // An ended session can't be written to in every store; for its request all is well.
      if (!(await isHeld())) throw error
    }
    const after = isHeld()
    if (typeof after === 'boolean' ? after : await after) await this.destroyHeld(sid)
  }

  /** @throws where it can't be known yet, because nobody has started the guard */
  private started(): Site {
    if (this.site) return this.site
    throw new Error(
      'The session store was used before createSessions() had resolved, so ended sessions could not be told from ' +
        'others. Await createSessions() before the server listens.',
    )
  }

  /** At once where the site knows at once: this stands in every request of the host. */
  private isHeld(site: Site, keys: string[], login: string | null | undefined): boolean | Promise<boolean> {
    const waiting: Promise<boolean>[] = []
    for (const key of keys) {
      const held = site.isHeld('session', key)
      if (held === true) return true
      // Where it can't be told, the host's requests must go on.
      if (held !== false) waiting.push(held.catch(() => false))
    }
    if (typeof login === 'string') {
      // Held logins are in the form that rows have.
      const held = site.isHeld('login', String(rowValue(login)))
      if (held === true) return true
      if (held !== false) waiting.push(held.catch(() => false))
    }
    if (waiting.length === 0) return false
    return Promise.all(waiting).then((answers) => answers.includes(true))
  }

  private async destroyHeld(sid: string): Promise<void> {
    // Where it fails the session is still listed, and is ended again from there.
    await this.destroyPast(sid).catch(() => {})
  }

  private keyOf(sid: string, session: object | null | undefined): string {
    const known = this.recent.get(sid)
    const key = known ?? keyOf(sid)
    if (known === undefined) {
      this.recent.set(sid, key)
      if (this.recent.size > mostIds) this.recent.delete(this.recent.keys().next().value!)
    }
    return keptKey(session) ?? key
  }
}

function contentOf({ cookie: _, ...content }: SessionData): string {
  return JSON.stringify(content)
}
