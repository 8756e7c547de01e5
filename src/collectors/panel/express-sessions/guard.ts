import type { Request } from 'express'
import type { SessionData, Store } from 'express-session'
import { setTimeout as sleep } from 'node:timers/promises'
import { rowValue } from '../../engine/reconcile.js'
import type { Site } from '../../engine/session-source.js'
import type { Activity, SessionInRequest } from './activity.js'
import { answer, called, type Callback } from './called.js'
import { isPoll } from './poll-mark.js'
import type { Reader, Unguarded } from './readers/reader.js'
import { keyOf } from './session-key.js'
import { warnOfUnsafeLogon } from './unsafe-logon.js'

/** How long an end waits for writes of its session, in ms. */
const writesArriveWithin = 2_000

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

/**
 * Stands between express-session and its store and keeps ended sessions out. The store's functions are replaced on the
 * object itself, so nobody who holds it can go past the guard by accident; a Proxy would break stores with private
 * fields.
 *
 * express-session reads a session at the start of a request and may save it at its end, so a request that runs while
 * its session is ended brings it back (https://github.com/expressjs/session/issues/632). Therefore the guard asks
 * before each read, and before **and after** each write, whether the session is held; after, because another process
 * may have ended it meanwhile.
 */
export class Guard {
  private site: Site | undefined
  private readonly writing = new Map<string, Set<Promise<unknown>>>()
  private readonly ended = new Set<string>()
  private loginsKeptOut: ReadonlySet<string> = new Set()
  /** The sessions that a request has loaded. If one of them is ended, nothing that the request saves may live on. */
  private readonly loadedBy = new WeakMap<object, Set<string>>()
  /** What a poll has loaded, to tell whether it changes it. */
  private readonly polled = new WeakMap<object, string>()

  constructor(
    store: Store,
    private readonly unguarded: Unguarded,
    private readonly reader: Reader,
    private readonly activity: Activity,
  ) {
    Object.defineProperty(store, mark, { value: true })
    store.get = (sid, callback) => answer(this.get(sid), callback as Callback)
    store.set = (sid, session, callback) => answer(this.set(sid, session), callback)
    store.destroy = (sid, callback) => answer(this.destroy(sid), callback)
    if (unguarded.touch) {
      store.touch = (sid, session, callback) => answer(this.touch(sid, session), callback as Callback)
    }
    store.createSession = (req, session) => this.createSession(req, session)
  }

  /** From now on the store may be used. */
  start(site: Site): void {
    this.site = site
  }

  /** From now on exactly these logins are kept out: their sessions are not answered, and logons of theirs not kept. */
  keepOut(logins: ReadonlySet<string>): void {
    this.loginsKeptOut = logins
  }

  /** Whether the guard itself has destroyed this session, because it is held. */
  hasEnded(key: string): boolean {
    return this.ended.has(key)
  }

  /** Waits a while for the writes of this session that are on their way in this process; later ones take themselves out. */
  async written(key: string, signal: AbortSignal): Promise<void> {
    const writes = this.writing.get(key)
    if (!writes) return
    await Promise.race([Promise.allSettled(writes), sleep(writesArriveWithin, undefined, { signal, ref: false })])
  }

  private async get(sid: string): Promise<SessionData | null | undefined> {
    if (await this.isHeld([keyOf(sid)])) {
      // Whoever is refused need not wait for the store.
      void this.destroyHeld(sid)
      return null
    }
    const data = await called<SessionData | null | undefined>((callback) => this.unguarded.get(sid, callback))
    if (!this.isKeptOut(data)) return data
    void this.destroyHeld(sid)
    return null
  }

  private isKeptOut(data: SessionData | null | undefined): boolean {
    if (this.loginsKeptOut.size === 0 || !data) return false
    const login = this.activity.loginOf(data)
    // Held logins are in the form that rows have.
    return typeof login === 'string' && this.loginsKeptOut.has(String(rowValue(login)))
  }

  private set(sid: string, session: SessionInRequest): Promise<void> {
    const key = keyOf(sid)
    return this.write(key, sid, session, async () => {
      // With `resave: true` even a poll writes; a store with a TTL of its own would then extend the session.
      if (isPoll(session.req) && this.polled.get(session) === contentOf(session)) return
      await called((callback) => this.unguarded.set(sid, session, callback))
      const loggedOn = this.activity.saved(key, session)
      this.activity.extended(key, session)
      if (!loggedOn) return
      const { req } = session
      warnOfUnsafeLogon(session, req!, this.loadedBy.get(req!)?.has(key) ?? false)
      this.site?.changed()
    })
  }

  private touch(sid: string, session: SessionInRequest): Promise<void> {
    return this.write(keyOf(sid), sid, session, async () => {
      if (isPoll(session.req) && this.polled.has(session)) return
      this.activity.extended(keyOf(sid), session)
      await called((callback) => this.unguarded.touch!(sid, session, callback as () => void))
    })
  }

  private async destroy(sid: string): Promise<void> {
    await called((callback) => this.unguarded.destroy(sid, callback))
    this.site?.changed()
  }

  private createSession(req: Request, data: SessionData): ReturnType<Store['createSession']> {
    const session = this.unguarded.createSession(req, data)
    const key = keyOf(req.sessionID)
    this.loadedBy.set(req, (this.loadedBy.get(req) ?? new Set()).add(key))
    this.activity.request(key, req, session)
    if (isPoll(req)) this.leaveUntouched(key, session)
    return session
  }

  /**
   * Sees to it that a poll moves no expiry. Neither forward nor back: a store that keeps the expiry beside the session
   * gives the session the one of its logon, and with `rolling` the browser's cookie would get that. So it is set to
   * where the last request has moved it; where this process knows of none, the poll counts, once.
   */
  private leaveUntouched(key: string, session: SessionData): void {
    const { originalMaxAge } = session.cookie
    const expires = this.activity.cookieExpiryOf(key)
    if (originalMaxAge !== null && originalMaxAge !== undefined) {
      if (expires === undefined) return
      // The setter of `expires` would make the time that is left the cookie's whole age.
      Object.assign(session.cookie, { _expires: expires })
    }
    this.polled.set(session, contentOf(session))
    // express-session calls it at the end of each request to move the cookie's expiry.
    Object.defineProperty(session, 'touch', { value: () => session, configurable: true, writable: true })
  }

  /** Writes a session unless it is held, and takes it out again if it has been held meanwhile. */
  private write(key: string, sid: string, session: SessionInRequest, through: () => Promise<void>): Promise<void> {
    const keys = [key, ...((session?.req && this.loadedBy.get(session.req)) ?? [])]
    const done = (async () => {
      if (await this.isHeld(keys)) return this.destroyHeld(sid)
      try {
        await through()
      } catch (error) {
        // An ended session can't be written to in every store; for its request all is well.
        if (!(await this.isHeld(keys))) throw error
      }
      if (this.isKeptOut(session) || (await this.isHeld(keys))) await this.destroyHeld(sid)
    })()
    const writes = this.writing.get(key) ?? new Set()
    this.writing.set(key, writes.add(done))
    const arrived = () => {
      writes.delete(done)
      if (writes.size === 0) this.writing.delete(key)
    }
    done.then(arrived, arrived)
    return done
  }

  /** @throws where it can't be known yet, because nobody has started the guard */
  private async isHeld(keys: string[]): Promise<boolean> {
    const { site } = this
    if (!site) {
      throw new Error(
        'The session store was used before createSessions() had resolved, so ended sessions could not be told from ' +
          'others. Await createSessions() before the server listens.',
      )
    }
    // Where the site can't tell, the host's requests must go on.
    const answers = await Promise.all([...new Set(keys)].map((key) => site.isHeld('session', key).catch(() => false)))
    return answers.includes(true)
  }

  private async destroyHeld(sid: string): Promise<void> {
    this.ended.add(keyOf(sid))
    // Where it fails the session is still listed, and is ended again from there.
    await this.reader.destroy(sid).catch(() => {})
  }
}

function contentOf({ cookie: _, ...content }: SessionData): string {
  return JSON.stringify(content)
}
