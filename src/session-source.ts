import type { ftpFields, Listed, panelFields, SessionKind, ValueOf } from './session-fields.js'

/**
 * The contract between a place where sessions live and the engine that shows and ends them.
 *
 * A source is a plain object with a few functions. It knows nothing of tables, AdminJS or other sources.
 *
 * @example
 * const source: FtpSource = {
 *   name: 'my-ftpd', kind: 'ftp', evidence: 'live',
 *   async list(signal) {
 *     const answer = await fetch('http://127.0.0.1:8080/connections', { signal })
 *     if (!answer.ok) throw new Error(`my-ftpd answered ${answer.status} where its list of connections was expected.`)
 *     return (await answer.json()).map(toSession)
 *   },
 *   async end(session, signal) {
 *     const answer = await fetch(`http://127.0.0.1:8080/connections/${session.key}`, { method: 'DELETE', signal })
 *     return answer.status === 404 ? 'already-gone' : 'asked'
 *   },
 * }
 */
export interface SessionSource<Session extends ListedSession> {
  /** Unique on its host, kept in every row; for instance `'proftpd'`. */
  readonly name: string
  readonly kind: SessionKind
  /**
   * Where its sessions are, in the place of this machine's name in their rows: for a store or a server that several
   * machines read. Those that name it alike, and share the database, have one row for each session. Default: this machine.
   */
  readonly host?: string
  /** `'live'`: read from the server as it is now. `'log'`: reconstructed from a log; it may lag, and the page says so. */
  readonly evidence: 'live' | 'log'
  /**
   * Every session there is now. Throws when it cannot know: a partial or a guessed list is a lie, an empty one means
   * that there are none. The message of what it throws is shown to the admin: what was expected, what was found, what to do.
   */
  list(signal: AbortSignal): Promise<Session[]>
  /**
   * What the latest list had to leave out, or doubts, in a sentence each: what it is, how to find it, what to do. Asked
   * after each list that was had, and shown beside it. The list is true of all the rest; where there is no rest, `list`
   * throws.
   */
  warnings?(): string[]
  /**
   * Asks the server to end this one session: an object out of this source's own latest list. Checks again whatever may
   * have changed since, immediately before it acts. The engine verifies by a later list: `'asked'` promises nothing.
   *
   * @param fresh for a source that can only check by another list: one that was begun at most half a second ago, shared
   *   by all sessions that are ended in the same moment. Where it is not called no list is made.
   * @throws RemovalRefused where it is not allowed or no longer the same session; any other error is a failure.
   */
  end(session: Session, signal: AbortSignal, fresh: () => Promise<Session[]>): Promise<'asked' | 'already-gone'>
  /**
   * Ends a session that `end` has been asked for in vain (its process hangs or is stopped): offered to the admin only
   * then. Checks everything that `end` checks, again.
   */
  byForce?: {
    /** What it leaves behind, in a sentence that the admin reads before. */
    readonly leaves: string
    /** As the source's own `end`. */
    end: SessionSource<Session>['end']
  }
  /** Runs from the start of the collector until the signal: watchers, taps. */
  start?(site: Site, signal: AbortSignal): void | Promise<void>
  /**
   * Keeps exactly these out; called at the start and whenever the set changes. Whom it can't keep out it names by throwing
   * KeepOutFailed when it has kept out all the others; after another error nobody new counts as kept out.
   */
  keepOut?: {
    by: ('login' | 'ip')[]
    /** Keeps out all of these from now on, and lets in everybody else. */
    apply(all: Hold[], signal: AbortSignal): Promise<void>
  }
  /** How it ends a session, in a sentence: told by `npx adminjs-sessions probe`. */
  readonly endsBy?: string
  /** What it may not do here and now and what to set up for it, in a sentence each: told by `probe`. */
  missingRights?(signal: AbortSignal): Promise<string[]>
  /** Lines of a log that it did not understand: how many, of how many, and some of them: told by `probe`. */
  unread?(): { lines: number; of: number; samples: string[] }
}

export type { SessionKind }

/**
 * The header by which a page that refreshes by itself marks its requests, with the value `1`. They are no activity of
 * the person who left the page open, and do not extend the session: whoever lists panel sessions leaves them out.
 *
 * @example
 * fetch(url, { headers: { [pollMark]: '1' } })
 */
export const pollMark = 'x-adminjs-sessions-poll'
/** A source of panel sessions can tell which of them the one who asks is in, so that nobody ends his own. */
export interface PanelSource extends SessionSource<ListedPanelSession> {
  /** The key of the session that a request to this back office belongs to; null where it has none of this source's. */
  keyOfRequest?(request: object): string | null
  /**
   * Why the session of a request to this back office, of somebody who is logged in to it, can't be among this source's,
   * and what to check; null where it is, or where nothing speaks against it. Whoever looks at the page is logged in: a list
   * without his session is not what he takes it for.
   */
  whyNotListed?(request: object): string | null
}
/** A source of FTP sessions: what an adapter for an FTP server is. */
export type FtpSource = SessionSource<ListedFtpSession>

/** What a source may ask of the engine that runs it. */
export interface Site {
  /** Something may have changed: a hint to poll sooner, never the truth. Cheap; call it as often as you like. */
  changed(): void
  /**
   * The person of this session, by its key, has logged out: in the history its end is a logout then, once it is in no list
   * any more. Where this is never called, how it ended is unknown there.
   */
  loggedOut(key: string): void
  /**
   * Is this session (by its key), login or IP held out just now? Answers at once where it knows, from memory while the
   * database is away, and never throws.
   *
   * @param login asked for in the same look: whether this login is held out, or what `by` and `value` say
   */
  isHeld(by: Hold['by'], value: string, login?: string | null): boolean | Promise<boolean>
  /** This source's durable memory, shared by all its processes. */
  notes: Notes
}

/** A source's durable memory: a key, a JSON value, and until when it is worth keeping. */
export interface Notes {
  /** What was noted under this key; undefined where nothing is, and after its time. */
  get(key: string): Promise<unknown>
  /** Notes it in the place of what is there; after `until` it is forgotten. */
  set(key: string, value: unknown, until: Date): Promise<void>
  /** All of its notes, by their keys. */
  all(): Promise<Map<string, unknown>>
}

/** Who is kept out, and until when. */
export interface Hold {
  /** What `value` is: a session's key, a login or an address. */
  by: 'session' | 'login' | 'ip'
  value: string
  until: Date
}

/**
 * What is said of every session. A field that is left out keeps the value that its row has; `null` means unknown.
 * Nothing is guessed. Times are instants (UTC), sizes are bytes. The fields are those of session-fields.ts.
 */
export interface ListedSession {
  /**
   * Stable for the session's life, never used again for another one, safe to show: never a pid alone (boot id, pid and
   * start ticks), never a raw session id (its SHA-256). At most 191 characters.
   */
  key: string
  /** Whatever the source needs to end the session (a pid, a session id). Never stored, never leaves the process. */
  handle?: unknown
  type?: string | null
  login?: string | null
  person?: string | null
  ip?: string | null
  lastActiveAt?: Date | null
}

/** Who a session is of, where one person has several logins; null where that is nobody known. */
export type PersonOption = (session: ListedSession, source: { name: string; kind: SessionKind }) => string | null

export interface ListedPanelSession extends ListedSession, Listed<typeof panelFields> {
  type?: string | null
}

export interface ListedFtpSession extends ListedSession, Listed<typeof ftpFields> {
  type?: FtpSessionType | null
}

/** Whose account an FTP session's login is. */
export type FtpSessionType = ValueOf<typeof ftpFields.type>
/** What an FTP session is doing just now. */
export type FtpSessionStatus = ValueOf<typeof ftpFields.status>
/** Whether its server still knows an FTP session, and its entry for it makes sense. */
export type FtpSessionCondition = ValueOf<typeof ftpFields.condition>

/**
 * Thrown by `end` where a session must not be ended: not allowed, or no longer the one that was listed. The message is
 * kept on the removal and shown to the admin as it is, whatever the language of his page: why not, and what to do.
 *
 * @example
 * throw new RemovalRefused('my-ftpd does not let this key end sessions: give it the right "kick".')
 */
export class RemovalRefused extends Error {
  override readonly name = 'RemovalRefused'
}

/** Thrown by `keepOut.apply` where some could not be kept out, all others being so. The message is shown to the admin. */
export class KeepOutFailed extends Error {
  override readonly name = 'KeepOutFailed'

  /** @param failed whom it does not keep out */
  constructor(
    message: string,
    readonly failed: readonly Pick<Hold, 'by' | 'value'>[],
  ) {
    super(message)
  }
}
