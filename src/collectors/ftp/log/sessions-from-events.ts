import { createHash } from 'node:crypto'
import type { FtpSessionStatus, ListedFtpSession } from '../../../session-source.js'
import { ipOf, portOf } from '../../../text/address.js'
import type { LogEvent, TransferWay } from './grammar.js'
import { byItself } from './lines.js'

/** What a log has said of a session's connection: what it takes to end it. */
export interface LoggedConnection {
  /** The server's own name for the session; null where its log has none. */
  session: string | null
  ip: string | null
  /** The client's port. */
  port: number | null
  serverIp: string | null
  serverPort: number | null
  login: string | null
  domain: string | null
  /** Are there other sessions of the same domain, IP and login, which the log does not tell from this one? */
  hasTwins: boolean
}

/**
 * Follows sessions through the events of a log. A session that was begun before the first event is met at its first
 * line; one whose end was never logged is forgotten when it has been silent for long.
 *
 * @param source the source's name, part of each key
 * @param forgetAfter ms
 */
export class SessionsFromEvents {
  private readonly open = new Map<string, OpenSession[]>()
  /** Sessions that have ended of late, the last thousand at least: a line that comes late does not bring them back. */
  private closed = new Set<string>()
  private closedBefore = new Set<string>()
  private latest = -Infinity
  private lastMetMs = -Infinity
  private metInThatMs = 0
  private untilSweep = sweepEvery

  constructor(
    private readonly source: string,
    private readonly forgetAfter: number,
  ) {}

  take(event: LogEvent): void {
    if (event.atMs !== null && event.atMs > this.latest) this.latest = event.atMs
    if (--this.untilSweep === 0) this.forgetBefore(this.latest - this.forgetAfter)
    if (event.kind === 'server-started') return this.restart(event.domain && event.decode(event.domain))
    if (event.session === undefined && event.ip === undefined) return
    const place = placeOf(event)
    const sessions = this.open.get(place) ?? NOBODY
    const found = event.kind === 'connected' ? undefined : pick(sessions, event)
    if (event.kind === 'closed') return this.close(place, sessions, found)
    if (found) return apply(found, event, this.latest)
    let others = sessions
    if (event.session !== undefined) {
      if (event.kind !== 'connected' && (this.closed.has(place) || this.closedBefore.has(place))) return
      this.closed.delete(place)
      this.closedBefore.delete(place)
      // The server has given the number to a new session: the old one is over, said or not.
      others = NOBODY
    }
    if (event.kind !== 'transfer-ended' && event.atMs !== null) {
      this.open.set(byItself(place), [...others, this.meet(event, event.atMs)])
    }
  }

  /** The time of the newest line, in ms; -Infinity before there was one. */
  get latestMs(): number {
    return this.latest
  }

  private meet(event: LogEvent, atMs: number): OpenSession {
    this.metInThatMs = atMs === this.lastMetMs ? this.metInThatMs + 1 : 0
    this.lastMetMs = atMs
    const { session, ip, domain, serverIp, decode } = event
    const met: OpenSession = {
      key: null,
      id: session === undefined ? null : decode(session),
      ip: ip === undefined ? null : ipOf(decode(ip)),
      port: portOf(event.port),
      serverIp: serverIp === undefined ? null : ipOf(decode(serverIp)),
      serverPort: portOf(event.serverPort),
      domain: domain === undefined ? null : decode(domain),
      met: `${atMs} ${this.metInThatMs}`,
      beganAtMs: event.kind === 'connected' ? atMs : null,
      activeAtMs: atMs,
      login: null,
      location: null,
      transfer: null,
    }
    apply(met, event, atMs)
    return met
  }

  /** The sessions that are open at a moment, in ms. */
  list(nowMs: number): ListedFtpSession[] {
    this.forgetBefore(nowMs - this.forgetAfter)
    return [...this.open.values()].flatMap((sessions) => sessions.map((session) => this.listed(session, sessions)))
  }

  /** A session that was listed, as it is now; null where it has ended. */
  find(key: string): ListedFtpSession | null {
    for (const sessions of this.open.values()) {
      const found = sessions.find((session) => session.key === key)
      if (found) return this.listed(found, sessions)
    }
    return null
  }

  private listed(session: OpenSession, ofItsPlace: OpenSession[]): ListedFtpSession {
    session.key ??= keyOf(this.source, session)
    const hasTwins = ofItsPlace.some((other) => other !== session && other.login === session.login)
    const { id, ip, port, serverIp, serverPort, login, domain, location, transfer, beganAtMs } = session
    const handle: LoggedConnection = { session: id, ip, port, serverIp, serverPort, login, domain, hasTwins }
    return {
      key: session.key,
      ...{ handle, login, ip, domain, location },
      // Somebody whose beginning was not read may have logged on before.
      status: transfer
        ? statusOf(transfer.way)
        : login !== null
          ? 'idle'
          : beganAtMs !== null
            ? 'authenticating'
            : null,
      fileName: transfer?.file ?? null,
      transferredBytes: transfer?.bytes ?? null,
      totalBytes: transfer?.way === 'down' ? transfer.size : null,
      // Which of the twins did what is not known.
      connectedAt: beganAtMs === null || hasTwins ? null : new Date(beganAtMs),
      lastActiveAt: hasTwins ? null : new Date(session.activeAtMs),
    }
  }

  private close(place: string, sessions: OpenSession[], found: OpenSession | undefined): void {
    const left = sessions.filter((session) => session !== found)
    // Which of the twins has left is not known, nor since when the other is there.
    for (const session of left) if (session.login === found?.login) session.beganAtMs = null
    if (left.length > 0) this.open.set(place, left)
    else this.open.delete(place)
    if (found?.id == null) return
    this.closed.add(byItself(place))
    if (this.closed.size < closedKept) return
    this.closedBefore = this.closed
    this.closed = new Set()
  }

  private restart(domain: string | undefined): void {
    for (const [place, sessions] of this.open) {
      if (domain === undefined || sessions[0]!.domain === domain) this.open.delete(place)
    }
  }

  private forgetBefore(ms: number): void {
    this.untilSweep = sweepEvery
    for (const [place, sessions] of this.open) {
      const left = sessions.filter(({ activeAtMs }) => activeAtMs >= ms)
      if (left.length === 0) this.open.delete(place)
      else if (left.length < sessions.length) this.open.set(place, left)
    }
  }
}

/** How many events pass between two searches for what is to be forgotten, and how many ended sessions are remembered. */
const sweepEvery = 10_000
const closedKept = 1000
const NOBODY: OpenSession[] = []

interface OpenSession {
  /** Null until it is listed. */
  key: string | null
  id: string | null
  /** When it was met, in ms, and which of those of that ms it was: for its key. */
  met: string
  /** When it connected, where the log says so; ms. */
  beganAtMs: number | null
  activeAtMs: number
  ip: string | null
  port: number | null
  serverIp: string | null
  serverPort: number | null
  login: string | null
  domain: string | null
  location: string | null
  transfer: { way: TransferWay | null; file: string | null; bytes: number | null; size: number | null } | null
}

/** Where a session is looked for: by the server's number for it, or by where it comes from. */
function placeOf({ session, domain, ip, port }: LogEvent): string {
  if (session === undefined) return `\n${domain ?? ''} ${ip} ${port ?? ''}`
  return domain === undefined ? session : `${domain}\n${session}`
}

/** Of the sessions of one place the one that an event is about; undefined where it may be any of several. */
function pick(sessions: OpenSession[], { kind, session, login: cut, decode }: LogEvent): OpenSession | undefined {
  if (session !== undefined || (cut === undefined && sessions.length === 1)) return sessions[0]
  const withLogin = (wanted: string | null) => sessions.find(({ login }) => login === wanted)
  if (cut === undefined) return withLogin(null)
  const login = decode(cut)
  return kind === 'logged-in' ? (withLogin(null) ?? withLogin(login)) : (withLogin(login) ?? withLogin(null))
}

function apply(session: OpenSession, event: LogEvent, latestMs: number): void {
  const { kind, way, login, location, file, bytes, size, decode } = event
  session.activeAtMs = Math.max(session.activeAtMs, event.atMs ?? latestMs)
  if (login !== undefined && login !== session.login) session.login = decode(login)
  // A directory that the log does not tell: it is no longer the one before.
  if (location !== undefined) session.location = location === '' ? null : decode(location)
  const fileName = () => (file === undefined ? null : decode(file))
  if (kind === 'transfer-ended') session.transfer = null
  if (kind === 'transfer-began') session.transfer = { way, file: fileName(), bytes: null, size: countOf(size) }
  if (kind === 'moved') {
    session.transfer ??= { way: null, file: fileName(), bytes: null, size: null }
    session.transfer.bytes = countOf(bytes)
  }
}

function statusOf(way: TransferWay | null): FtpSessionStatus {
  return way === 'up' ? 'uploading' : way === 'down' ? 'downloading' : way === 'list' ? 'listing' : 'busy'
}

/** The server's number alone comes again: with the next start of the server, or the next day. */
function keyOf(source: string, { id, domain, ip, port, met }: OpenSession): string {
  return createHash('sha256')
    .update(JSON.stringify([source, domain, id ?? [ip, port], met]))
    .digest('hex')
}

function countOf(text: string | undefined): number | null {
  const count = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
  return count
}
