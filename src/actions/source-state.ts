import type { SessionSourceStatusRow } from '../database/rows.js'
import { abandonedSince, keepOutOf } from '../database/source-status.js'
import type { SourceAnswer } from './page-answers.js'

type State = Pick<SessionSourceStatusRow, 'state' | 'failingSince' | 'error' | 'warning'>

/** How a source is, whatever its process said last: one that nobody reads any more is failing, also if it was well then. */
export function stateOf(status: State & Pick<SessionSourceStatusRow, 'seenAt' | 'lastGoodAt'>): State {
  const { state, failingSince, error, warning } = status
  const abandoned = state === 'dropped' ? null : abandonedSince(status)
  if (abandoned === null) return { state, failingSince, error, warning }
  return {
    state: 'failing',
    failingSince: failingSince ?? abandoned,
    error: 'No running process reads this source any more.',
    // A warning is of a list, and there is none.
    warning: null,
  }
}

/** A source's state as whoever looks at it gets it. */
export function sourceAnswer(status: Omit<SessionSourceStatusRow, 'id'>): SourceAnswer {
  const { state, failingSince, error, warning } = stateOf(status)
  return {
    host: status.host,
    name: status.name,
    kind: status.kind,
    evidence: status.evidence,
    keepOut: keepOutOf(status),
    state: state === 'dropped' ? 'failing' : state,
    sessions: status.sessions,
    lastGoodAt: status.lastGoodAt?.toISOString() ?? null,
    failingSince: failingSince?.toISOString() ?? null,
    error,
    warning,
  }
}

/** Since when the rows of a source are not kept true; null while they are. */
export function staleSince(status: SessionSourceStatusRow): Date | null {
  const { state, failingSince } = stateOf(status)
  return state === 'ok' ? null : (failingSince ?? status.lastGoodAt)
}
