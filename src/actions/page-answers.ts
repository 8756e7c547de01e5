import type { RemovalOutcome } from '../database/removal-states.js'
import type { TrafficPoint } from '../database/traffic.js'
import type { Saying } from '../text/said.js'

/** What this package's actions answer besides AdminJS's own fields. Shared with the components as types only. */

/** `sessions` in the answer of every list and of every record's page: what a page needs to stay up to date. */
export interface LiveAnswer {
  /** The server's clock (ISO): idle times are counted from it, not from the browser's. */
  now: string
  /** How often the page asks again where no answer waits, in ms. */
  refreshEvery: number
  /**
   * What the tables are at. Sent with the next question as `since`, the answer waits until they are at another one, for at
   * most 25 s; null where no answer waits.
   */
  revision: string | null
  /** Of all of this answer but `now` and `revision`. Sent with the next question as `known`, it spares an answer that would be the same. */
  tag: string
}

/** What the list action of `PanelSession` and `FtpSession` adds to `sessions`. */
export interface ListExtras {
  /** Whether the one who asks may end any session at all; each one is decided on the server again. */
  canRemove: boolean
  /** What all rows that match the filter add up to, on whatever page they are. */
  totals: Totals
  /** Why the asker's own session can't be among these, and what to check; null where it can. */
  ownMissing: string | null
  /** Those that the asker may see on the page of sources. */
  sources: SourceAnswer[]
  /** How many others these sessions are read from, and in what state those are. */
  unseen: { sources: number; failing: number; starting: number }
}

export interface Totals {
  /** How many were active lately enough to count as online; null where sessions have no such thing. */
  online: number | null
  /** How many FTP sessions have which status. */
  statuses: Record<string, number>
  /** Bytes per second, of all uploads and of all downloads that are known as they are now; null where no speed is. */
  up: number | null
  down: number | null
  /** How many are of sources that do not answer: counted above, with no speed. */
  asLastSeen: number
}

/** What is open now of one kind of session. */
export interface KindAnswer extends Totals {
  total: number
  /** How many have which type, and come from which source. */
  types: Record<string, number>
  sources: Record<string, number>
}

/** What the dashboard's handler answers, beside `sessions`. Null is what the asker may not see. */
export interface DashboardAnswer extends Pick<ListExtras, 'sources' | 'unseen'> {
  panel: KindAnswer | null
  ftp: KindAnswer | null
  /** Minute by minute, and in quarters of an hour. */
  traffic: { hour: TrafficPoint[]; day: TrafficPoint[] } | null
  /** The last few, as AdminJS's records. */
  removals: object[] | null
}

/** `sessions` in the answer of the list action of `PanelSession` and `FtpSession`. */
export type ListAnswer = LiveAnswer & ListExtras

/** The answer to whoever has everything as it is already: `known` in his question is the tag. */
export interface UnchangedAnswer {
  unchanged: true
  now: string
  revision: string | null
}

export interface SourceAnswer {
  host: string
  name: string
  kind: 'panel' | 'ftp'
  evidence: 'live' | 'log'
  /** By what this source can keep people out. */
  keepOut: ('login' | 'ip')[]
  state: 'starting' | 'ok' | 'failing'
  sessions: number
  lastGoodAt: string | null
  failingSince: string | null
  error: string | null
  /** What its latest list had to leave out, or doubts. */
  warning: string | null
}

/** One of `removals` in the answer of a POST to `bulk/remove`. */
export interface RemovalAnswer {
  recordId: number
  outcome: RemovalOutcome
  /** What is said of it, in English. */
  message: string | null
  /** The same by keys of SessionRemoval's `messages.said`, for pages to translate; a text is a server's own words. */
  said: Saying[] | null
  /** Where it failed and its source can end it by force, which is the next step: what that leaves behind. */
  force: string | null
}

/** `ending` in the answer of a GET of `bulk/remove`, for each record that the asker may end. */
export interface EndingAnswer {
  recordId: number
  /**
   * By what it can be kept out, how many other sessions of its source a ban would cut as well, and which: at most 20 are
   * named, and none that the asker may not see.
   */
  keepOut: { by: 'login' | 'ip'; cutsToo: { count: number; sessions: { login: string | null; ip: string | null }[] } }[]
}

/** The body of a POST to `bulk/remove`; all of it is optional. */
export interface RemovalQuestion {
  /** A uuid of the asker's: the same batch sent again ends nothing twice and answers what became of it. */
  batch?: string
  /** Kept on the removal; at most 500 characters. */
  reason?: string
  /** Tell it to the person whose session is ended, who comes back to the login page (`sessions.tellEnded`). */
  tellReason?: boolean
  /** What the admin saw, at most 500: a session that is no longer this one is refused. */
  sessions?: { id: number; key: string; login: string | null }[]
  /** `removeAll` alone: what the admin saw, as its GET named it. Nothing else is ended, whatever matches by now. */
  shown?: [id: number, mark: string][]
  /** `removeAll` alone: ends nothing, and stops what of the batch has not begun. */
  stop?: boolean
  /** End it only when no file is being moved; `pending` until then. FTP only. */
  whenIdle?: boolean
  /**
   * Keep its login or its address out for so many minutes (1 to 5270400, ten years), or until it is released (null), where
   * its source can.
   */
  keepOut?: { by: 'login' | 'ip'; minutes: number | null }
  /** End it by force, where its source can and an ordinary end of it has failed within the last day. */
  force?: boolean
}

/** How many of those that a filter has found nobody may end by it: the asker's own, and those that are not his to end. */
export interface LeftOut {
  own: number
  notAllowed: number
}

/** `scope` in the answer of a GET of `removeAll` with a filter: what would end. */
export interface ScopeAnswer {
  /** Each session that the asker may end, with a mark by which it is known again. */
  shown: [id: number, mark: string][]
  /** How many match and are left out. */
  leftOut: LeftOut
  /** How many of those to be ended have which status; empty where sessions have none. */
  statuses: Record<string, number>
  /** The ways in which all of them can be kept out, with whom that cuts too. */
  keepOut: EndingAnswer['keepOut']
}

/** `progress` in the answers of `removeAll` about a batch: how far it is. */
export interface ProgressAnswer {
  /** How many removals of the batch have which outcome. */
  counts: Partial<Record<RemovalOutcome, number>>
  /** Those that neither ended nor were gone, with whose they were: the first 50. */
  notEnded: (RemovalAnswer & { login: string | null; ip: string | null })[]
}

/** Beside it in the answer of a POST. */
export interface LeftOutAnswer extends LeftOut {
  /** They match now and were not shown. */
  fresh: number
  /** They were shown and are another session now. */
  changed: number
}

/** The body of a POST to `keepOut` of `SessionHold`. */
export interface KeepOutQuestion {
  by: 'login' | 'ip'
  /** The login or the address. */
  value: string
  /** Until it is released where null. */
  minutes: number | null
  /** Of which sources; all that can keep out in this way where it is left out. */
  sources?: { host: string; name: string }[]
  batch?: string
  reason?: string
}

/** The answer of `keepOut`: which sources there are and by what each can keep out, and after a POST what became of it at each. */
export interface KeepOutAnswer {
  sources: { host: string; name: string; kind: 'panel' | 'ftp'; keepOut: ('login' | 'ip')[] }[]
  batch: string
  removals: (RemovalAnswer & { host: string | null; source: string | null })[]
}

/** The answer of a GET of `csv` of `SessionHistory` and `SessionRemoval`, which takes the filters of their lists and `after`. */
export interface CsvAnswer {
  /** So many rows as lines of a CSV; the names of the columns before the first of all. */
  csv: string
  rows: number
  /** What to send as `after` for the rest; null where this is the last of it. */
  next: number | null
}
