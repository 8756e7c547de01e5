import type { SessionSourceStatusRow } from '../resources/rows.js'
import type { SourceAnswer } from './answers.js'

/** A source's state as the page gets it. */
export function sourceAnswer(status: SessionSourceStatusRow): SourceAnswer {
  return {
    host: status.host,
    name: status.name,
    kind: status.kind,
    evidence: status.evidence,
    keepOut: keepOutOf(status),
    state: status.state,
    sessions: status.sessions,
    lastGoodAt: status.lastGoodAt?.toISOString() ?? null,
    failingSince: status.failingSince?.toISOString() ?? null,
    error: status.error,
  }
}

/** By what a source can keep people out. */
export function keepOutOf({ keepOut }: Pick<SessionSourceStatusRow, 'keepOut'>): ('login' | 'ip')[] {
  return (['login', 'ip'] as const).filter((by) => keepOut.split(',').includes(by))
}

/** Since when the rows of a source are not kept true; null while they are. */
export function staleSince(status: SessionSourceStatusRow | undefined): string | null {
  if (status === undefined || status.state === 'ok') return null
  return (status.failingSince ?? status.lastGoodAt)?.toISOString() ?? null
}
