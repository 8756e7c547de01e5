import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionData, Store } from 'express-session'
import { z } from 'zod'
import { inGroups } from '../../../timing/event-loop.js'
import { aFunction, checkOptions, optionsOf, text } from '../../check-options.js'
import type { ListedPanelSession, PanelSource, Site } from '../../../session-source.js'
import { Activity } from './guard/request-activity.js'
import { Guard, isGuarded, unguarded } from './guard/guard.js'
import { adminUser, checkedReading, isPromise, type Answer, type Reading, type Types } from './read-login.js'
import { readerOf } from './list/stores/index.js'
import { LeftOut } from '../left-out.js'
import { messageWithout } from '../message-without.js'
import { keyOf, keyOfRequest } from './session-id.js'
import { called } from './store-calls.js'
import { classOf, Damaged } from './list/stores/store-reader.js'
import { Unlisted } from './list/unlisted.js'

/**
 * What requests have told of a session is kept for so long after a list has missed it, in ms: no store has it a second
 * time, and a session that another process is giving a new id is in the store under neither for a moment.
 */
const absentFor = 5_000

const notOurs = "Where that store is another app's on purpose, say so: expressSessions({ otherApp: true })."
/** How long one list waits for the host's answers to who is logged in, in ms; what comes later is known to the next. */
const answersWithin = 2_000

/** What ends a session: the ids that it has. */
interface Handle {
  sids: string[]
}

/** Options of `expressSessions`. */
export interface ExpressSessionsOptions {
  /** The express-session store object that the back office already uses; the same object, not another on the same data. */
  store: Store
  /** The source's name, in every row. Default `'express-session'`; give each its own where there are several. */
  name?: string
  /**
   * Reads who is logged in out of a session's data; null where nobody is. Default: AdminJS's `adminUser`, whose `email`,
   * else `login`, else `username` is the login, and whose `role` says the type.
   *
   * It may be async: its answer is kept for ten minutes for as long as the session holds the same. Where it has none for
   * a session (it rejects, takes more than two seconds, or gives no login), that session is shown without a login.
   *
   * @example
   * session: (session) => session.userName ? { login: session.userName, type: 'administrator' } : null
   *
   * @example
   * session: async ({ passport }) => passport?.user ? { login: (await User.findById(passport.user))?.name } : null
   */
  session?: (session: SessionData) => Answer | Promise<Answer>
  /**
   * The session types of the roles in `adminUser.role`; a role that is not in it has no type. Default: `admin` and
   * `administrator` are `'administrator'`, `reseller` and `customer` are `'reseller-or-customer'`, `mailbox` is
   * `'mailbox-owner'`. Or a function of the role, which may be async; its answers are kept as those of `session`.
   *
   * @example
   * types: { root: 'administrator', client: 'reseller-or-customer' }
   *
   * @example
   * types: async (role) => (await Role.findByName(role))?.type
   */
  types?: Types
  /**
   * A name for the place of the store, where several machines use it: each session is one row then, and not one for each
   * machine; and a container that is replaced leaves none behind. The same on all of them. Default: each machine by itself.
   *
   * @example
   * expressSessions({ store, host: 'panel' })
   */
  host?: string
  /**
   * The store is another app's and not this back office's, so that whoever looks at the page is not expected in it.
   * Default `false`: the page says so where its own session is missing.
   */
  otherApp?: boolean
}

/**
 * The back office's own sessions: whoever is logged in to it through express-session.
 *
 * Guards the given store in place, so that an ended session stays ended whatever a running request does with it. Until
 * `createSessions` has resolved, the store answers with an error.
 *
 * @returns the source for `createSessions`
 * @throws TypeError where an option is wrong, where the store can't be listed or gives no session ids, and where it has
 * been given before: a store has one guard
 *
 * @example
 * const store = new RedisStore({ client })
 * const sessions = await createSessions({ sources: [expressSessions({ store })], … })
 * AdminJSExpress.buildAuthenticatedRouter(admin, auth, null, { store, secret, resave: false, saveUninitialized: false })
 */
export function expressSessions(options: ExpressSessionsOptions): PanelSource {
  const { store, name, host, read, otherApp } = checked(options)
  const own = unguarded(store)
  const reader = readerOf(store, own)
  const activity = new Activity(read)
  const guard = new Guard(store, own, reader, activity)
  let running: AbortSignal | undefined
  let site: Site | undefined
  let listedIds: string[] = []
  let listedKeys: ReadonlySet<string> = new Set()
  let leftOut = new LeftOut()
  const storeName = classOf(store)
  const unlisted = new Unlisted(storeName, (sid, signal) =>
    called<SessionData | null>((done) => own.get(sid, done), signal),
  )

  /** What a store says goes into rows and logs, and may have ids of sessions in it, which are as good as passwords. */
  const withoutIds = async <T>(run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      // eslint-disable-next-line preserve-caught-error -- the cause has the session ids in it
      throw new Error(messageWithout([...guard.ids, ...listedIds], error))
    }
  }

  function whyNotListed(request: object): string | null {
    const { sessionStore, session } = request as { sessionStore?: object; session?: SessionData }
    const key = keyOfRequest(request)
    if (key !== null && listedKeys.has(key)) return null
    if (sessionStore === undefined || session === undefined || key === null) {
      return (
        `You are logged in without a session of express-session, which AdminJS has with @adminjs/express only, so ` +
        `${name} cannot have it. ${notOurs}`
      )
    }
    if (sessionStore !== store) {
      return (
        `Your session is in another store (${classOf(sessionStore)}) than the one that ${name} was given ` +
        `(${storeName}), whose sessions are listed and kept out here. Where session() is used before AdminJS's router, ` +
        `AdminJS's own session options are never used: give expressSessions the store of that first session(). ${notOurs}`
      )
    }
    if (activity.loginOf(session) !== undefined) return null
    return `The option session of ${name} says that nobody is logged in to your session. Check what it reads.`
  }

  const listNow = async (
    signal: AbortSignal,
    inTime: (reading: Promise<Reading>) => Promise<Reading>,
  ): Promise<ListedPanelSession[]> => {
    const begunMs = performance.now()
    const sessions = new Map<string, ListedPanelSession>()
    const present = new Set<string>()
    const missing = new LeftOut()
    const used = guard.takeUsed()
    const stored = await reader.all(signal, guard.ids)
    listedIds = stored.map(({ sid }) => sid)
    for await (const group of inGroups(stored, 500)) {
      signal.throwIfAborted()
      const readings = group.map(({ session }) => (session instanceof Damaged ? null : read(session)))
      for (const [i, { sid, session, expiresAt }] of group.entries()) {
        if (session instanceof Damaged) {
          if (sid !== '') present.add(keyOf(sid))
          missing.addDamaged(sid === '' ? null : keyOf(sid), session.what)
          continue
        }
        const key = keyOf(sid, session)
        present.add(key)
        const reading = readings[i]!
        const known = isPromise(reading) ? await inTime(reading) : reading
        missing.addRead(known)
        if (!known) continue
        const { unread: _, ...loggedIn } = known
        // Two requests at once may have given one session an id each.
        const twin = sessions.get(key)
        const handle: Handle = (twin?.handle as Handle | undefined) ?? { sids: [] }
        handle.sids.push(sid)
        const later = twin?.expiresAt && (!expiresAt || twin.expiresAt > expiresAt) ? twin : { ...loggedIn, expiresAt }
        sessions.set(key, { ...later, key, handle, ...activity.of(key) })
      }
    }
    missing.check()
    for (const [key, whose] of guard.changingIdsSince(begunMs)) {
      present.add(key)
      if (sessions.has(key) || (await site?.isHeld('session', key))) continue
      const handle: Handle = { sids: [] }
      sessions.set(key, { ...whose, key, handle, ...activity.of(key) })
    }
    if (await unlisted.check(used, present, signal)) site?.changed()
    activity.keepOnly(present, begunMs - absentFor)
    guard.keepOnly(present)
    leftOut = missing
    listedKeys = new Set(sessions.keys())
    return [...sessions.values()]
  }

  return {
    name,
    host,
    kind: 'panel',
    evidence: 'live',

    async start(startedBy, signal) {
      if (running && !running.aborted) {
        throw new Error(`${name} belongs to a createSessions() that is still running; give each its own store.`)
      }
      running = signal
      // The host's requests go on after the signal, and so does the guard; only nobody waits for hints any more.
      const changed = () => {
        if (!signal.aborted) startedBy.changed()
      }
      site = {
        notes: startedBy.notes,
        isHeld: (by, value, login) => startedBy.isHeld(by, value, login),
        loggedOut(key) {
          if (!signal.aborted) startedBy.loggedOut(key)
        },
        changed,
      }
      guard.start(site)
      await withoutIds(() => reader.watch?.(changed, signal))
    },

    keyOfRequest,

    whyNotListed: otherApp ? undefined : whyNotListed,

    // The host's own reading may name a session in what it throws.
    list: (signal) => withoutIds(() => untilOver((inTime) => listNow(signal, inTime))),

    warnings: () =>
      [...leftOut.sentences(), ...(reader.warnings?.() ?? [])].map((sentence) =>
        messageWithout([...guard.ids, ...listedIds], sentence),
      ),

    keepOut: {
      by: ['login'],
      // The guard asks for the login at each read and write by itself.
      apply: async () => {},
    },

    async end({ key, handle }, signal) {
      const { sids } = handle as Handle
      try {
        // Where that can't be told, its data may be damaged, and it is destroyed all the same.
        const there = await Promise.all(sids.map((sid) => reader.has(sid, signal).catch(() => true)))
        if (!there.includes(true)) return 'already-gone'
        await guard.written(key, signal)
        await Promise.all(sids.map((sid) => guard.destroyPast(sid, signal)))
        return 'asked'
      } catch (error) {
        signal.throwIfAborted()
        // eslint-disable-next-line preserve-caught-error -- the cause has the session id in it
        throw new Error(
          `The session store could not destroy the session: ${messageWithout([...guard.ids, ...sids], error)}`,
        )
      }
    },
  }
}

/** Gives a run the means to wait for answers, all of them together for a while. */
async function untilOver<T>(run: (inTime: (reading: Promise<Reading>) => Promise<Reading>) => Promise<T>): Promise<T> {
  const over = new AbortController()
  let late: Promise<Reading> | undefined
  try {
    return await run((reading) => {
      late ??= sleep(answersWithin, notInTime, { signal: over.signal, ref: false })
      return Promise.race([reading, late])
    })
  } finally {
    over.abort()
  }
}

const notInTime: Reading = {
  ...{ login: null, type: null },
  unread: {
    why: `The option session of expressSessions has not answered within ${answersWithin / 1000} s.`,
    isBroken: false,
  },
}

const storeFunctions = ['get', 'set', 'destroy', 'createSession', 'on'] as const
const isStore = (value: unknown) =>
  storeFunctions.every((each) => typeof (value as Partial<Store> | null | undefined)?.[each] === 'function')

const shape = optionsOf({
  store: z.custom<Store>(isStore, { error: 'the express-session store object that the back office uses' }),
  name: text('a text').default('express-session'),
  session: aFunction<NonNullable<ExpressSessionsOptions['session']>>().optional(),
  host: text('a text').optional(),
  otherApp: z.boolean({ error: 'true or false' }).default(false),
  types: z.custom<Types>(isTypes, { error: 'an object of role: type, both texts, or a function' }).optional(),
})

function checked(options: ExpressSessionsOptions) {
  const { store, session, types, ...others } = checkOptions('expressSessions', shape, options ?? {})
  if (isGuarded(store)) {
    throw new TypeError(
      'expressSessions was given this store before. A store has one guard: pass on the source that the first call gave.',
    )
  }
  if (session && types) {
    throw new TypeError(
      'expressSessions: types translates the roles of adminUser; with session, answer the type there.',
    )
  }
  return { store, ...others, read: session ? checkedReading(session) : adminUser(types) }
}

function isTypes(value: unknown): boolean {
  if (typeof value === 'function') return true
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')
}
