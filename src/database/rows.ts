import type { ftpFields, panelFields, SessionKind, Stored } from '../session-fields.js'
import type { Hold } from '../session-source.js'
import type { Saying } from '../text/said.js'
import type { RemovalOutcome } from './removal-states.js'

/** What every table of sessions has beside its own columns. */
interface SessionRow {
  id: number
  host: string
  source: string
  key: string
}

/** A row of `PanelSession`: somebody who is logged in to the back office. */
export interface PanelSessionRow extends SessionRow, Stored<typeof panelFields> {}

/** A row of `FtpSession`. Sizes in bytes, speed in bytes per second, progress 0..100. */
export interface FtpSessionRow extends SessionRow, Stored<typeof ftpFields> {}

/** A row of `SessionRemoval`: written before anything is ended, and kept. */
export interface SessionRemovalRow {
  id: number
  /** The asker's uuid: a retry is the same batch. */
  batch: string
  /** The id that the session's row had; one batch has it once. */
  recordId: number
  requestedAt: Date
  removedBy: string | null
  removedVia: 'admin' | 'policy' | 'api' | 'cli'
  removedFromIp: string | null
  host: string | null
  kind: SessionKind
  source: string | null
  key: string | null
  login: string | null
  person: string | null
  ip: string | null
  reason: string | null
  /** Whether the person whose session it was is told the reason. */
  reasonTold: boolean
  outcome: RemovalOutcome
  /** What is said of the outcome, in English. */
  message: string | null
  /** The same by keys, for pages to translate; null where nothing is said. */
  said: Saying[] | null
  /** Ends it only when no file is being moved; pending until then. */
  whenIdle: boolean
  /** Ends it by the source's `byForce`, after an end that was asked for in vain. */
  byForce: boolean
  /** Whom else to keep out, and until when; null where only this session ends. */
  keepOutBy: 'login' | 'ip' | null
  keepOutUntil: Date | null
  /** Who let in again, before its time, whom this removal kept out, and when. */
  releasedBy: string | null
  releasedAt: Date | null
  /** Which engine took it, so that no second one does. */
  takenBy: string | null
  /** Counts up while that engine is at work on it: one that stands still was left by an engine that is no more. */
  beat: number
  startedAt: Date | null
  finishedAt: Date | null
  cameBackAt: Date | null
  /** The row as it was when its end was asked for. */
  session: PanelSessionRow | FtpSessionRow | null
}

/** A row of `SessionSourceStatus`: whether a source can be read, and since when not. */
export interface SessionSourceStatusRow {
  id: number
  host: string
  name: string
  kind: SessionKind
  evidence: 'live' | 'log'
  /** By what this source can keep people out: `''`, `'login'`, `'ip'` or `'login,ip'`. */
  keepOut: string
  /** What an end by force leaves behind; null where this source has none. */
  byForce: string | null
  /** `dropped`: nobody has read it for long, and its rows were given up. */
  state: 'starting' | 'ok' | 'failing' | 'dropped'
  sessions: number
  /** When the source was last read in full; while it is `ok`, refreshed once a minute. */
  lastGoodAt: Date | null
  failingSince: Date | null
  error: string | null
  /** What its latest list had to leave out, or doubts; null where nothing, and while it is failing. */
  warning: string | null
  /** When its collector last said that it lives; once a minute. */
  seenAt: Date | null
}

/** A row of `SessionGone`: a session whose row was deleted a short while ago, so that a page that still shows it can name it. */
export interface GoneRow {
  id: number
  kind: SessionKind
  /** The id that the session's row had. */
  rowId: number
  host: string
  source: string
  key: string
  goneAt: Date
  /** The row as it was. */
  session: PanelSessionRow | FtpSessionRow
}

/** How a session ended: as far as it is known, never guessed. */
export const endings = ['logged-out', 'expired', 'removed', 'dropped', 'unknown'] as const

/** A row of `SessionHistory`: a session that has ended. */
export interface HistoryRow {
  id: number
  kind: SessionKind
  /** The id that the session's row had. */
  rowId: number
  host: string
  source: string
  key: string
  login: string | null
  person: string | null
  type: string | null
  ip: string | null
  /** What a panel session has beside that. */
  logonIp: string | null
  userAgent: string | null
  /** What an FTP session has beside that; `movedBytes`: at least so much. */
  domain: string | null
  protocol: string | null
  movedBytes: number | null
  /** When its person logged on, or it was connected; null where nobody knows. */
  startedAt: Date | null
  lastActiveAt: Date | null
  /**
   * When it expired; of one that was dropped, when it was last seen; of all others, when it was found to be gone, which is
   * a poll later at most while the back office runs.
   */
  endedAt: Date
  /**
   * - `logged-out`: its source saw its person log out.
   * - `expired`: its time was over.
   * - `removed`: a removal of this session has ended it.
   * - `dropped`: nobody could read its source for so long that its row was given up.
   * - `unknown`: it is gone, and nothing tells how.
   */
  how: (typeof endings)[number]
}

/**
 * Who is kept out, until when, and since which removal. Every asker's is a row of its own, never changed: the longest
 * stands, and each is released by itself. A release is a row as well (`by: 'release'`, its value the released row's id),
 * so that whoever reads what is new learns of it.
 */
export interface HoldRow {
  id: number
  by: Hold['by'] | 'release'
  value: string
  until: Date
  host: string
  source: string
  removalId: number | null
  createdAt: Date
}

/** What went through an FTP source at a moment, once a minute. */
export interface TrafficRow {
  id: number
  host: string
  source: string
  at: Date
  sessions: number
  /** How many of them were moving a file. */
  transfers: number
  /** Bytes per second; null where a file was moved and no speed known. */
  up: number | null
  down: number | null
}

/** A source's durable memory. */
export interface NoteRow {
  id: number
  host: string
  source: string
  key: string
  value: string
  until: Date
}

/** An id that a row could have: a positive integer of four bytes. */
export function isRowId(id: string): boolean {
  return /^[1-9]\d{0,9}$/.test(id) && Number(id) <= 2147483647
}

/** A row of `SessionDelivery`: what is on its way to a webhook, or was given up. */
export interface DeliveryRow {
  id: number
  /** By which its receiver knows it again, however often it comes. */
  message: string
  /** The webhook's url. */
  webhook: string
  event: string
  /** What is sent: JSON. */
  body: string
  createdAt: Date
  /** How often it was tried. */
  attempts: number
  /** When it is tried next; null where it was given up. */
  dueAt: Date | null
  /** What was wrong at the last attempt. */
  error: string | null
}

/** A row of `SessionLease`: which process writes the rows of a source. */
export interface LeaseRow {
  id: number
  host: string
  source: string
  /** Counts up whenever it changes hands: what an older one has written is refused. */
  epoch: number
  /** The process that has it, by a name of its own; null where nobody has it. */
  holder: string | null
  /** Its machine, as `thisMachine` names it, and its number there. */
  machine: string | null
  pid: number | null
  /** Counts up when another process asks whether the holder lives, who answers with the same number. */
  challenge: number
  answer: number
  /** Counts up when another process wants the source to be looked at; the number of the last look that was wanted. */
  wanted: number
  done: number
}
