import type { IncomingHttpHeaders } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { SessionData } from 'express-session'
import type { Request } from 'express'
import { ipOf } from '../../../../text/address.js'
import type { ListedPanelSession } from '../../../../session-source.js'
import { isPromise, type Reading, type ReadLogin } from '../read-login.js'

/** A session as express-session hands it to its store: the request hangs on it, unless the host made it up itself. */
export type SessionInRequest = SessionData & { req?: Request }

/** Undefined where nobody is logged in, null where it can't be told who. */
export type Login = string | null | undefined

/** Times of activity are rounded down to this, in ms, so that a session in use does not change at every look. */
const activityStep = 5_000
const longestUserAgent = 512
/** A process that never lists forgets the sessions that it saw longest ago, once there are between this many and twice as many. */
const mostSessions = 100_000

interface Sighting {
  loggedInAt?: Date
  logonIp?: string | null
  ip?: string | null
  userAgent?: string | null
  /** In ms since 1970, as a Date for each request would be garbage of each. */
  lastActiveMs?: number
  atMs: number
}

/**
 * What requests tell about sessions, and no store keeps: where from, with what, and when. Kept in memory only; what
 * this process has not seen is left out of the list, and then the row keeps what it has.
 */
export class Activity {
  /** Two, so that no request has to delete from one (see Guard's `writing`): the older is given up when the newer is full. */
  private seen = new Map<string, Sighting>()
  private seenBefore = new Map<string, Sighting>()

  constructor(private readonly read: ReadLogin) {}

  /** A request has loaded this session. @param poll whether it is no activity of its person's */
  request(key: string, req: Request, headers: IncomingHttpHeaders, poll: boolean): void {
    const seen = this.seenAs(key)
    from(seen, req, headers)
    if (!poll) seen.lastActiveMs = rounded(Date.now())
  }

  /** Somebody has logged in to this session by a request. */
  loggedOn(key: string, req: Request): void {
    const seen = this.seenAs(key)
    const nowMs = Date.now()
    from(seen, req, req.headers)
    Object.assign(seen, { loggedInAt: new Date(nowMs), logonIp: seen.ip, lastActiveMs: rounded(nowMs) })
  }

  /** The fields of a session's row that this process knows. */
  of(key: string): Pick<ListedPanelSession, 'ip' | 'logonIp' | 'userAgent' | 'loggedInAt' | 'lastActiveAt'> {
    const { loggedInAt, logonIp, ip, userAgent, lastActiveMs } = this.find(key) ?? {}
    const lastActiveAt = lastActiveMs === undefined ? undefined : new Date(lastActiveMs)
    return { loggedInAt, logonIp, ip, userAgent, lastActiveAt }
  }

  /** Forgets the sessions that are not among these, unless they have been seen since then (by `performance.now()`). */
  keepOnly(present: ReadonlySet<string>, sinceMs: number): void {
    for (const seen of [this.seen, this.seenBefore]) {
      for (const [key, { atMs }] of seen) if (!present.has(key) && atMs < sinceMs) seen.delete(key)
    }
  }

  private seenAs(key: string): Sighting {
    let seen = this.seen.get(key)
    if (seen === undefined) {
      seen = this.seenBefore.get(key) ?? { atMs: 0 }
      this.seen.set(key, seen)
      if (this.seen.size >= mostSessions) {
        this.seenBefore = this.seen
        this.seen = new Map()
      }
    }
    seen.atMs = performance.now()
    return seen
  }

  private find(key: string): Sighting | undefined {
    return this.seen.get(key) ?? this.seenBefore.get(key)
  }

  /** Who is logged in; null where nobody is. */
  loggedInTo(session: SessionData): Reading | Promise<Reading> {
    return this.read(session)
  }

  /** Whose session this is. */
  loginOf(session: SessionData): Login | Promise<Login> {
    const reading = this.loggedInTo(session)
    return isPromise(reading) ? reading.then((known) => known?.login) : reading?.login
  }
}

function from(seen: Sighting, req: Request, headers: IncomingHttpHeaders | undefined): void {
  seen.ip = addressOf(req, headers?.['x-forwarded-for'])
  seen.userAgent = headers?.['user-agent']?.slice(0, longestUserAgent) ?? null
}

/** Where the requests of a connection come from, by what a proxy says of them: to work it out is a part of what the guard costs. */
const addresses = new WeakMap<object, { forwarded: unknown; address: string | null }>()

/** Express's `ip` follows the host's `trust proxy`. An IPv4 address on an IPv6 socket is shown as IPv4. */
function addressOf(req: Request, forwarded: unknown): string | null {
  const { socket } = req
  const known = socket && addresses.get(socket)
  if (known && known.forwarded === forwarded) return known.address
  const address = ipOf(req.ip ?? socket?.remoteAddress)
  if (socket) addresses.set(socket, { forwarded, address })
  return address
}

function rounded(ms: number): number {
  return Math.floor(ms / activityStep) * activityStep
}
