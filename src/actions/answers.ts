/** What this package's actions answer besides AdminJS's own fields. Shared with the components as types only. */

/** `sessions` in the answer of the list action of `PanelSession` and `FtpSession`. */
export interface ListAnswer {
  /** The server's clock (ISO): idle times are counted from it, not from the browser's. */
  now: string
  /** How often the page asks again, in ms. */
  refreshEvery: number
  /** Whether the one who asks may end any session at all; each one is decided on the server again. */
  canRemove: boolean
  sources: SourceAnswer[]
}

export interface SourceAnswer {
  host: string
  name: string
  kind: 'panel' | 'ftp'
  evidence: 'live' | 'log'
  state: 'starting' | 'ok' | 'failing'
  sessions: number
  lastGoodAt: string | null
  failingSince: string | null
  error: string | null
}

export type RemovalOutcome = 'pending' | 'ended' | 'already-gone' | 'refused' | 'failed' | 'unknown'

/** One of `removals` in the answer of a POST to `bulk/remove`. */
export interface RemovalAnswer {
  recordId: number
  outcome: RemovalOutcome
  message: string | null
}

/** The body of a POST to `bulk/remove`; all of it is optional. */
export interface RemovalQuestion {
  /** A uuid of the asker's: the same batch sent again ends nothing twice and answers what became of it. */
  batch?: string
  /** Kept on the removal; at most 500 characters. */
  reason?: string
  /** What the admin saw: a session that is no longer this one is refused. */
  sessions?: { id: number; key: string; login: string | null }[]
}
