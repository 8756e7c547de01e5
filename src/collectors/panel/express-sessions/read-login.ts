import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { SessionData } from 'express-session'
import { messageOf } from '../../../text/error-message.js'
import type { Unread } from '../left-out.js'
import { loginText, type LoggedIn } from '../logged-in.js'

/** What the host's own function answers: null where nobody is logged in. */
export type Answer = LoggedIn | null | undefined

/** What has been read of a session: null where nobody is logged in. */
export type Reading = (Known & { unread?: Unread }) | null

/** Whose session it is, as rows have it. */
export interface Known {
  login: string | null
  type: string | null
}

/**
 * Reads who is logged in out of a session's data. Never fails: somebody whose login can't be told is somebody. At once
 * where that can be had at once: the guard asks in every request of the host.
 */
export type ReadLogin = (session: SessionData) => Reading | Promise<Reading>

/** The types of roles: a map, or a function of the host's. */
export type Types =
  Record<string, string> | ((role: string) => string | null | undefined | Promise<string | null | undefined>)

/** The types of the roles that back offices commonly have. */
const commonTypes: Record<string, string> = {
  admin: 'administrator',
  administrator: 'administrator',
  reseller: 'reseller-or-customer',
  customer: 'reseller-or-customer',
  mailbox: 'mailbox-owner',
}

/**
 * AdminJS keeps what `authenticate` gave it under `adminUser`
 * (https://docs.adminjs.co/basics/authentication): `email`, else `login`, else `username` is the login, and `role`
 * says the type.
 */
export function adminUser(types: Types = commonTypes): ReadLogin {
  const typeOf =
    typeof types === 'function' ? types : (role: string) => (Object.hasOwn(types, role) ? types[role] : null)
  const read = (session: SessionData) => {
    const user = (session as { adminUser?: unknown }).adminUser
    if (typeof user !== 'object' || user === null) return null
    const { email, login, username, role } = user as Record<string, unknown>
    const found = loginText(email) ?? loginText(login) ?? loginText(username)
    const type = typeof role === 'string' ? typeOf(role) : null
    return isPromise(type) ? type.then((type) => ({ login: found, type })) : { login: found, type }
  }
  return typeof types === 'function' ? checkedReading(read, 'types') : (read as ReadLogin)
}

/** Checks each answer of the host's own function, which may be wrong for a session that nobody thought of. */
export function checkedReading(
  read: (session: SessionData) => Answer | Promise<Answer>,
  option: 'session' | 'types' = 'session',
): ReadLogin {
  const answers = new Answers()
  const failed = (what: string, error: unknown, isBroken: boolean) =>
    unread(`The option ${option} of expressSessions ${what}: ${messageOf(error)}`, isBroken)
  return (session) => {
    const known = answers.of(session)
    if (known !== undefined) return known
    let answer: Answer | Promise<Answer>
    try {
      answer = read(session)
    } catch (error) {
      return failed('threw', error, true)
    }
    if (!isPromise(answer)) return checked(answer)
    return answers.keep(
      session,
      Promise.resolve(answer).then(checked, (error: unknown) => failed('was rejected', error, false)),
    )
  }
}

function checked(answer: Answer): Reading {
  if (answer === null || answer === undefined) return null
  const { login, type = null } = Object(answer) as Partial<LoggedIn>
  const text = loginText(login)
  const whole = type === null || loginText(type) !== null
  if (whole && (text !== null || login === null)) return { login: text, type }
  if (whole && login === undefined && typeof answer === 'object')
    return unread('The option session of expressSessions answered without a login.', false)
  return unread(
    'The option session of expressSessions must answer null where nobody is logged in, else { login, type }, ' +
      `both a text or null; it answered a login of type ${typeof login} and a type of type ${typeof type}.`,
    true,
  )
}

function unread(why: string, isBroken: boolean): Reading {
  return { login: null, type: null, unread: { why, isBroken } }
}

/** Answers that are kept; more sessions than that are not kept in memory anyway. */
const mostAnswers = 100_000
/** How long an answer is good for, in ms: what it was made from, such as a name in a database, may change. */
const goodFor = 10 * 60_000
/** How long it is before who has failed to answer is asked again, in ms. */
const failedFor = 5_000

interface Kept {
  reading: Reading | Promise<Reading>
  untilMs: number
}

/**
 * The answers of a function that takes its time, by what is in the session. Until it has given a promise this costs
 * nothing. An answer that can't be had anew stays as it was.
 */
class Answers {
  private kept: Map<string, Kept> | undefined

  of(session: SessionData): Reading | Promise<Reading> | undefined {
    const kept = this.kept?.get(contentOf(session))
    return kept && kept.untilMs > performance.now() ? kept.reading : undefined
  }

  keep(session: SessionData, asked: Promise<Reading>): Promise<Reading> {
    const kept = (this.kept ??= new Map())
    const content = contentOf(session)
    const before = kept.get(content)?.reading
    const answered = asked.then((reading) => {
      const better = reading?.unread && before !== undefined && !isPromise(before) ? before : reading
      put({ reading: better, untilMs: performance.now() + (reading?.unread ? failedFor : goodFor) })
      return better
    })
    const put = (one: Kept) => {
      if (content === '') return
      // To the end, so that the first one is the one that was asked for longest ago.
      kept.delete(content)
      kept.set(content, one)
      if (kept.size > mostAnswers) kept.delete(kept.keys().next().value!)
    }
    put({ reading: answered, untilMs: Infinity })
    return answered
  }
}

/** What stores write into a session at each use: the time (session-file-store, connect-mongo) and its id (connect-redis). */
const ofStores = ['cookie', '__lastAccess', 'lastModified', 'id']

/** What is in a session but its expiry, in few bytes; empty where it can't be told, and then nobody's answer is kept. */
function contentOf(session: SessionData): string {
  try {
    const content = Object.entries(session).filter(([field]) => !ofStores.includes(field))
    return createHash('sha256').update(JSON.stringify(content)).digest('base64')
  } catch {
    return ''
  }
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && typeof (value as Promise<T> | null)?.then === 'function'
}
