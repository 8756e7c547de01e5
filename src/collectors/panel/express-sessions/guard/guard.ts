import { AsyncLocalStorage } from 'node:async_hooks'
import type { Request } from 'express'
import type { SessionData, Store } from 'express-session'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Site } from '../../../../session-source.js'
import type { Activity, Login, SessionInRequest } from './request-activity.js'
import { ask, called, Caller, promised, type Callback } from '../store-calls.js'
import { isPoll } from './is-poll.js'
import type { Reader, Unguarded } from '../list/stores/store-reader.js'
import { isPromise, type Known } from '../read-login.js'
import { goesOnAs, keepKey, keptKey, keyOf } from '../session-id.js'
import { warnOfUnsafeLogon } from './logon-warnings.js'
import type { Used } from '../list/unlisted.js'

/** How long an end waits for writes of its session, in ms. */
const writesArriveWithin = 2_000
/** How long a session that a request saved as another one may have been held without this process knowing, in ms; ample. */
const heldIsKnownWithin = 1_000
/** How long a store may take to destroy a held session before whoever waits for it goes on, in ms. */
const destroyedWithin = 2_000
/** How long a held session that was taken out is not taken out again because somebody asks for it, in ms. */
const takenOutFor = 1_000
/** So many sessions between two lists are looked for in the second. */
const mostUsed = 20
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
    regenerate: store.regenerate?.bind(store),
  }
}

/** Whether a store has a guard already, of this package or of another copy of it. */
export function isGuarded(store: Store): boolean {
  return mark in store
}

/** A session as a request has loaded or saved it. */
interface InRequest {
  sid: string
  key: string
  login: Login
}

/** What the guard's `get` has read. */
interface Read {
  sid: string
  data: SessionData
  key: string
  login: Login
}

/** A session on its way to the store. */
interface Write {
  by: 'set' | 'touch'
  sid: string
  session: SessionInRequest
  key: string
  /** Under which other keys it may be held: those of whatever its request has had to do with before. */
  others: string[] | undefined
  login: Login
  sessions: InRequest[] | undefined
  onTheirWay: OnTheirWay
  caller: Caller
}

/** How many writes of a session are on their way, and who waits for all of them. */
interface OnTheirWay {
  count: number
  waiting: (() => void)[]
}

/** A session that requests are giving another id: for as long it is in the store under neither. */
interface ChangingId {
  whose: Known
  requests: number
  /** When the last of them was over, by `performance.now()`. */
  overMs: number
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
  /**
   * By keys. An entry stays when its writes have arrived: a Map from which each request deletes what it has put there is
   * made anew time and again.
   */
  private readonly writing = new Map<string, OnTheirWay>()
  /** The last session that was read: express-session hands it to `createSession` next. */
  private read: Read | undefined
  /**
   * The sessions that a request has to do with. If one of them is ended, nothing that the request saves may live on. Not a
   * field of the request: Express gives each request a hidden class of its own, which one more field copies whole, and
   * that is dearer than all else here.
   */
  private readonly inRequest = new WeakMap<object, InRequest[]>()
  private readonly changingIds = new Map<string, ChangingId>()
  /** The ids, being changed, of sessions that nobody is logged in to. */
  private readonly nobodys = new Set<string>()
  /** Ends the change of id that a request has begun. */
  private readonly endsChange = new WeakMap<object, () => void>()
  /** The held sessions that are being taken out, or were a moment ago. */
  private readonly takenOut = new Set<string>()
  /** What polls have loaded, to tell whether they change it. */
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
  /** Of the ids that came lately, those that are not a session's first, with the key that it has kept. */
  private readonly changed = new Map<string, string>()

  /** Sessions of somebody who is logged in that requests have come with since the last list, with the key of each. */
  private used = new Map<string, string>()

  constructor(
    store: Store,
    private readonly unguarded: Unguarded,
    private readonly reader: Reader,
    private readonly activity: Activity,
  ) {
    Object.defineProperty(store, mark, { value: true })
    store.get = (sid, callback) =>
      this.isPast ? unguarded.get(sid, callback) : this.serve(this.get, callback as Callback, sid)
    store.set = (sid, session, callback) =>
      this.isPast ? unguarded.set(sid, session, callback) : this.serve(this.set, callback, sid, session)
    store.destroy = (sid, callback) =>
      this.isPast ? unguarded.destroy(sid, callback) : this.serve(this.destroy, callback, sid)
    const { touch } = unguarded
    if (touch) {
      store.touch = (sid, session, callback) =>
        this.isPast ? touch(sid, session, callback) : this.serve(this.touch, callback as Callback, sid, session)
    }
    store.createSession = (req, session) => this.createSession(req, session)
    if (unguarded.regenerate) store.regenerate = (req, callback) => this.regenerate(req, callback)
  }

  /** From now on the store may be used. */
  start(site: Site): void {
    this.site = site
  }

  /** Forgets the sessions that are no more. */
  keepOnly(present: ReadonlySet<string>): void {
    for (const [sid, key] of this.recent) if (!present.has(key)) this.recent.delete(sid)
    for (const [sid, key] of this.changed) if (!present.has(key)) this.changed.delete(sid)
    for (const [key, { count }] of this.writing) if (count === 0 && !present.has(key)) this.writing.delete(key)
  }

  /** Some of the sessions that requests have come with since this was asked last: they are in the store, or were. */
  takeUsed(): Used {
    const { used } = this
    this.used = new Map()
    return used
  }

  /** The ids of sessions that requests have come with lately. */
  get ids(): Iterable<string> {
    return this.recent.keys()
  }

  /**
   * The sessions whose ids requests of this process have been changing since then (by `performance.now()`): a list that
   * was being made meanwhile may have met them under neither.
   */
  changingIdsSince(sinceMs: number): Map<string, Known> {
    const since = new Map<string, Known>()
    for (const [key, { whose, requests, overMs }] of this.changingIds) {
      if (requests > 0 || overMs >= sinceMs) since.set(key, whose)
      else this.changingIds.delete(key)
    }
    return since
  }

  /** Waits a while for the writes of this session that are on their way in this process; later ones take themselves out. */
  async written(key: string, signal: AbortSignal): Promise<void> {
    const writes = this.writing.get(key)
    if (!writes || writes.count === 0) return
    const arrived = new Promise<void>((resolve) => writes.waiting.push(resolve))
    await Promise.race([arrived, sleep(writesArriveWithin, undefined, { signal, ref: false })])
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

  /** Whatever is called then goes past the guard. */
  private readonly isBusy = () => this.inside > 0

  /** Answers like a store's function: by the callback, or by a promise where there is none. */
  private serve(
    call: (caller: Caller, sid: string, session: SessionData) => void,
    callback: Callback | undefined,
    sid: string,
    session?: SessionData,
  ): unknown {
    if (typeof callback !== 'function') return promised((answer) => this.serve(call, answer, sid, session))
    const caller = new Caller(callback, this.isBusy)
    try {
      call.call(this, caller, sid, session!)
    } catch (error) {
      caller.answer(error)
    }
    caller.returned()
    return undefined
  }

  /** Whether a call that comes now is the store's own, or one of an end that the guard makes itself. */
  private get isPast(): boolean {
    return this.inside > 0 || this.ownCalls.getStore() === true
  }

  /** Calls a function of the store past the guard; what that calls of the store's own, while it is called, goes past it as well. */
  private past<T>(call: (callback: Callback<T>) => unknown, done: Callback<T>): void {
    this.inside++
    try {
      ask(call, done)
    } finally {
      this.inside--
    }
  }

  private get(caller: Caller, sid: string): void {
    const site = this.started()
    // Also of one that there is not: its id may be in what the store says of it.
    const own = this.keyOf(sid)
    this.past<SessionData | null>(
      (callback) => this.unguarded.get(sid, callback),
      (error, data) => {
        if (error || !data) return caller.answer(error, data)
        const key = this.keptOr(own, sid, data)
        const login = this.activity.loginOf(data)
        if (isPromise(login)) void login.then((known) => this.hasRead(site, { sid, data, key, login: known }, caller))
        else this.hasRead(site, { sid, data, key, login }, caller)
      },
    )
  }

  private hasRead(site: Site, read: Read, caller: Caller): void {
    const held = this.isHeld(site, read.login, read.key, undefined)
    if (isPromise(held)) void held.then((known) => this.give(read, known, caller))
    else this.give(read, held, caller)
  }

  private give(read: Read, isHeld: boolean, caller: Caller): void {
    if (isHeld) {
      // Whoever is refused need not wait for the store.
      void this.takeOut(read.sid)
      caller.answer(null, null)
      return
    }
    this.read = read
    caller.answer(null, read.data)
  }

  private set(caller: Caller, sid: string, session: SessionInRequest): void {
    // Whoever uses the store too early is told at once.
    this.started()
    const login = this.activity.loginOf(session)
    if (isPromise(login)) {
      void login
        .then((known) => this.setAs(known, caller, sid, session))
        .catch((error: unknown) => caller.answer(error))
    } else {
      this.setAs(login, caller, sid, session)
    }
  }

  private setAs(login: Login, caller: Caller, sid: string, session: SessionInRequest): void {
    const sessions = session.req && this.inRequest.get(session.req)
    const key = this.keyOfSaved(sid, session, login, sessions)
    this.write('set', caller, sid, session, key, login, sessions)
  }

  /**
   * The expiry that a poll has loaded, and would write, may be older than what other requests have moved it to. Where that
   * can't be told, the poll counts as one of them: none may move it back.
   */
  private async keepExpiry(sid: string, cookie: SessionData['cookie']): Promise<void> {
    const { originalMaxAge } = cookie
    if (originalMaxAge == null) return
    if (!this.reader.cookieIsFresh) {
      cookie.maxAge = originalMaxAge
      return
    }
    const stored = await called<SessionData | null>((done) =>
      this.past<SessionData | null>((callback) => this.unguarded.get(sid, callback), done),
    )
    const expires = new Date(stored?.cookie?.expires ?? 0)
    if (expires > new Date(cookie.expires ?? 0)) Object.assign(cookie, { expires, originalMaxAge })
  }

  private touch(caller: Caller, sid: string, session: SessionInRequest): void {
    const sessions = session.req && this.inRequest.get(session.req)
    const read = sessions?.find((one) => one.sid === sid)
    const key = read ? read.key : this.keyOf(sid, session)
    const login = read?.login ?? this.activity.loginOf(session)
    if (isPromise(login)) {
      void login
        .then((known) => this.write('touch', caller, sid, session, key, known, sessions))
        .catch((error: unknown) => caller.answer(error))
    } else {
      this.write('touch', caller, sid, session, key, login, sessions)
    }
  }

  /** Takes note of what a request has saved. */
  private saved({ sid, session, key, login, sessions: known }: Write): void {
    const { req } = session
    if (!req) return
    const sessions = known ?? this.of(req)
    const before = sessions.find((one) => one.sid === sid)
    const isLogon = login !== undefined && !sessions.some((one) => one.key === key && isSameLogin(one.login, login))
    if (isLogon) {
      this.activity.loggedOn(key, req)
      warnOfUnsafeLogon(session, req, before !== undefined)
    }
    const changed = this.endsChange.get(req)
    changed?.()
    const isLogout = login === undefined && (changed !== undefined || before?.login !== undefined)
    if (isLogon) this.site?.changed()
    if (isLogout) {
      const whose = before?.login === undefined ? sessions.findLast((one) => one.login !== undefined) : before
      this.loggedOut(whose?.key)
    }
    if (before) {
      before.key = key
      before.login = login
    } else {
      sessions.push({ sid, key, login })
    }
  }

  private destroy(caller: Caller, sid: string): void {
    this.past(
      (callback) => this.unguarded.destroy(sid, callback),
      (error) => {
        if (!error) {
          const key = this.changed.get(sid) ?? this.keyOf(sid)
          // A new id begins with the end of the old one, for the same session as for one that nobody is logged in to.
          if (this.changingIds.get(key)?.requests || this.nobodys.has(sid)) this.site?.changed()
          else this.loggedOut(key)
        }
        caller.answer(error)
      },
    )
  }

  /** Whoever holds the store can destroy any session by it: that it was its own person is what almost every host does. */
  private loggedOut(key: string | undefined): void {
    if (key !== undefined) this.site?.loggedOut(key)
    this.site?.changed()
  }

  private createSession(req: Request, data: SessionData): ReturnType<Store['createSession']> {
    const session = this.unguarded.createSession(req, data)
    const read = this.read?.data === data ? this.read : undefined
    const sid = session.id
    const key = read ? read.key : this.keyOf(sid, data)
    const inRequest = this.inRequestAs(req, sid, key)
    const login = read ? read.login : this.activity.loginOf(session)
    if (isPromise(login)) void login.then((known) => this.loaded(inRequest, known))
    else this.loaded(inRequest, login)
    // `store.load` has no request to tell of.
    const headers = req.headers as Request['headers'] | undefined
    if (headers) {
      const poll = isPoll(req, headers)
      this.activity.request(key, req, headers, poll)
      if (poll) this.leaveUntouched(req, session)
    }
    return session
  }

  private inRequestAs(req: Request, sid: string, key: string): InRequest {
    const sessions = this.of(req)
    const found = sessions.find((one) => one.sid === sid && one.key === key)
    if (found) return found
    const inRequest: InRequest = { sid, key, login: null }
    sessions.push(inRequest)
    return inRequest
  }

  private loaded(inRequest: InRequest, login: Login): void {
    inRequest.login = login
    if (login !== undefined && this.used.size < mostUsed) this.used.set(inRequest.sid, inRequest.key)
  }

  /** express-session destroys the session at once and saves what the app makes of the new one at the end of the request. */
  private regenerate(req: Request, callback: (error?: unknown) => unknown): void {
    const before = this.inRequest.get(req)?.findLast(({ login }) => login !== undefined)
    if (before === undefined) {
      const { sessionID } = req
      this.nobodys.add(sessionID)
      return this.unguarded.regenerate!(req, (error: unknown) => {
        this.nobodys.delete(sessionID)
        callback(error)
      })
    }
    this.changesId(req, before.key, req.session)
    this.unguarded.regenerate!(req, (error: unknown) => {
      if (req.session) goesOnAs(req.session, before.key)
      callback(error)
    })
  }

  private changesId(req: Request, key: string, session: SessionData | undefined): void {
    const reading = session && this.activity.loggedInTo(session)
    if (!reading || !req.res || this.endsChange.has(req)) return
    const change = this.changingIds.get(key) ?? { whose: { login: null, type: null }, requests: 0, overMs: 0 }
    whenKnown(reading, (known) => {
      if (known) change.whose = { login: known.login, type: known.type }
    })
    change.requests++
    this.changingIds.set(key, change)
    const ends = () => {
      if (!this.endsChange.delete(req)) return
      change.requests--
      change.overMs = performance.now()
    }
    this.endsChange.set(req, ends)
    req.res.once('close', () => {
      if (!this.endsChange.has(req)) return
      ends()
      // Nothing was saved, so it was the last of this session.
      this.loggedOut(key)
    })
  }

  private of(req: object): InRequest[] {
    let sessions = this.inRequest.get(req)
    if (sessions === undefined) {
      sessions = []
      this.inRequest.set(req, sessions)
    }
    return sessions
  }

  /**
   * The key of what a request saves. A session whose request had loaded another one of the same login is that one under
   * a new id: it keeps the key, in its data. Another login is another session, though it may have the data of this one.
   */
  private keyOfSaved(sid: string, session: SessionInRequest, login: Login, sessions: InRequest[] | undefined): string {
    if (login === undefined || sessions === undefined || sessions.length === 0) return this.keyOf(sid, session)
    const own = this.keyOf(sid)
    const same = sessions.filter((one) => isSameLogin(one.login, login))
    const key = (same.find((one) => one.sid === sid) ?? same[0])?.key ?? own
    keepKey(session, own, key)
    if (key !== own) this.hasChanged(sid, key)
    return key
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

  /**
   * Writes a session unless it is held, and takes it out again if it has been held meanwhile. In callbacks, not promises,
   * and in methods, not closures: this stands in every request of the host.
   */
  private write(
    by: Write['by'],
    caller: Caller,
    sid: string,
    session: SessionInRequest,
    key: string,
    login: Login,
    sessions: InRequest[] | undefined,
  ): void {
    const site = this.started()
    const onTheirWay = this.onTheirWay(key)
    const write = { by, sid, session, key, others: othersOf(key, sessions), login, sessions, onTheirWay, caller }
    onTheirWay.count++
    const before = this.isHeld(site, login, key, write.others)
    if (isPromise(before)) void before.then((held) => this.send(site, write, held))
    else this.send(site, write, before)
  }

  private send(site: Site, write: Write, held: boolean): void {
    if (held) return this.overAfter(this.takeOut(write.sid), write)
    try {
      const { sid, session } = write
      // With `resave: true` even a poll writes; a store with a TTL of its own would then extend the session.
      const polled = this.polled.get(session)
      if (polled === undefined) this.store(site, write)
      else if (write.by === 'touch' || polled === contentOf(session)) this.stored(site, write)
      else {
        this.keepExpiry(sid, session.cookie).then(
          () => this.store(site, write),
          (error: unknown) => this.stored(site, write, error),
        )
      }
    } catch (error) {
      // A session that can't be written as JSON.
      this.stored(site, write, error)
    }
  }

  private store(site: Site, write: Write): void {
    const { by, sid, session } = write
    this.past(
      (callback) =>
        by === 'set'
          ? this.unguarded.set(sid, session, callback)
          : this.unguarded.touch!(sid, session, callback as () => void),
      (error) => {
        try {
          if (by === 'set' && !error) this.saved(write)
        } catch (thrown) {
          return this.stored(site, write, thrown)
        }
        this.stored(site, write, error)
      },
    )
  }

  private stored(site: Site, write: Write, error?: unknown): void {
    const after = this.isHeld(site, write.login, write.key, write.others)
    if (isPromise(after)) void after.then((held) => this.stays(site, write, held, error))
    else this.stays(site, write, after, error)
  }

  private stays(site: Site, write: Write, held: boolean, error: unknown): void {
    // An ended session can't be written to in every store; for its request all is well.
    if (held) return this.overAfter(this.destroyHeld(write.sid), write)
    // Whoever ends what it was looks for it by its key, and does not find it by this one.
    if (!error && write.others) setTimeout(() => void this.destroyIfHeld(site, write), heldIsKnownWithin).unref()
    this.over(write, error)
  }

  private overAfter(out: Promise<void>, write: Write): void {
    out.then(
      () => this.over(write),
      (error: unknown) => this.over(write, error),
    )
  }

  private over(write: Write, error?: unknown): void {
    const { onTheirWay, caller } = write
    onTheirWay.count--
    if (onTheirWay.count === 0 && onTheirWay.waiting.length > 0) {
      for (const resolve of onTheirWay.waiting.splice(0)) resolve()
    }
    caller.answer(error)
  }

  private onTheirWay(key: string): OnTheirWay {
    let writes = this.writing.get(key)
    if (writes === undefined) {
      writes = { count: 0, waiting: [] }
      this.writing.set(key, writes)
    }
    return writes
  }

  private async destroyIfHeld(site: Site, write: Write): Promise<void> {
    if (await this.isHeld(site, write.login, write.key, write.others)) await this.destroyHeld(write.sid)
  }

  /** @throws where it can't be known yet, because nobody has started the guard */
  private started(): Site {
    if (this.site) return this.site
    throw new Error(
      'The session store was used before createSessions() had resolved, so ended sessions could not be told from ' +
        'others. Await createSessions() before the server listens.',
    )
  }

  /** At once where the site knows at once. Where it can't be told, it is not, as the host's requests must go on. */
  private isHeld(site: Site, login: Login, key: string, others: string[] | undefined): boolean | Promise<boolean> {
    let held = site.isHeld('session', key, login)
    if (others) for (const other of others) held = either(held, site.isHeld('session', other))
    return isPromise(held) ? held.catch(() => false) : held
  }

  /**
   * Destroys a held session that was there before anybody asked for it. Not again where that is being done already: a
   * store's `destroy` may use its `get` where nobody can tell that it does.
   */
  private async takeOut(sid: string): Promise<void> {
    if (this.takenOut.has(sid)) return
    this.takenOut.add(sid)
    await this.destroyHeld(sid)
    setTimeout(() => this.takenOut.delete(sid), takenOutFor).unref()
  }

  private async destroyHeld(sid: string): Promise<void> {
    const waited = new AbortController()
    await Promise.race([
      // Where it fails the session is still listed, and is ended again from there.
      this.destroyPast(sid).catch(() => {}),
      sleep(destroyedWithin, undefined, { signal: waited.signal, ref: false }).catch(() => {}),
    ])
    waited.abort()
    this.site?.changed()
  }

  private keyOf(sid: string, session?: object | null): string {
    const known = this.recent.get(sid)
    const key = known ?? keyOf(sid)
    if (known === undefined) {
      this.recent.set(sid, key)
      if (this.recent.size > mostIds) this.recent.delete(this.recent.keys().next().value!)
    }
    return this.keptOr(key, sid, session)
  }

  private keptOr(own: string, sid: string, session?: object | null): string {
    const kept = keptKey(session)
    if (kept !== undefined) this.hasChanged(sid, kept)
    return kept ?? own
  }

  private hasChanged(sid: string, key: string): void {
    this.changed.set(sid, key)
    if (this.changed.size > mostIds) this.changed.delete(this.changed.keys().next().value!)
  }
}

/** The keys among these that are not this one. */
function othersOf(key: string, sessions: InRequest[] | undefined): string[] | undefined {
  if (sessions === undefined) return undefined
  let others: string[] | undefined
  for (const one of sessions) if (one.key !== key && !others?.includes(one.key)) (others ??= []).push(one.key)
  return others
}

/** Goes on at once where the answer is there. */
function whenKnown<T>(answer: T | Promise<T>, then: (answer: T) => void): void {
  if (isPromise(answer)) void answer.then(then)
  else then(answer)
}

/** Where one of them can't be told the other decides, as the host's requests must go on. At once where both are there. */
function either(one: boolean | Promise<boolean>, other: boolean | Promise<boolean>): boolean | Promise<boolean> {
  if (!isPromise(one) && !isPromise(other)) return one || other
  return Promise.allSettled([one, other]).then((both) => both.some((held) => held.status === 'fulfilled' && held.value))
}

/** Where it can't be told who is logged in, it may be anybody who is. */
function isSameLogin(one: InRequest['login'], other: InRequest['login']): boolean {
  return one === other || (one === null && other !== undefined) || (other === null && one !== undefined)
}

function contentOf({ cookie: _, ...content }: SessionData): string {
  return JSON.stringify(content)
}
