import type { SessionSourceStatusRow } from '../resources/rows.js'
import type { SourceAnswer } from './answers.js'

/** A healthy source says so once a minute; who has been silent for so long, in ms, is collected by nobody. */
const silentAfter = 3 * 60_000

/** A source's state as the page gets it. */
export function sourceAnswer(status: SessionSourceStatusRow): SourceAnswer {
  const abandoned = abandonedSince(status)
  return {
    host: status.host,
    name: status.name,
    kind: status.kind,
    evidence: status.evidence,
    keepOut: keepOutOf(status),
    state: abandoned === null ? status.state : 'failing',
    sessions: status.sessions,
    lastGoodAt: status.lastGoodAt?.toISOString() ?? null,
    failingSince: (status.failingSince ?? abandoned)?.toISOString() ?? null,
    error: abandoned === null ? status.error : 'No running back office reads this source any more.',
  }
}

/** By what a source can keep people out. */
export function keepOutOf({ keepOut }: Pick<SessionSourceStatusRow, 'keepOut'>): ('login' | 'ip')[] {
  return (['login', 'ip'] as const).filter((by) => keepOut.split(',').includes(by))
}

/** Since when the rows of a source are not kept true; null while they are. */
export function staleSince(status: SessionSourceStatusRow | undefined): string | null {
  if (status === undefined) return null
  const since = status.state === 'ok' ? abandonedSince(status) : (status.failingSince ?? status.lastGoodAt)
  return since?.toISOString() ?? null
}

/** When a source that nobody reads any more was read last: its process has ended, or it is no longer among the sources. */
function abandonedSince({ state, lastGoodAt }: SessionSourceStatusRow): Date | null {
  return state === 'ok' && lastGoodAt !== null && Date.now() - lastGoodAt.getTime() > silentAfter ? lastGoodAt : null
}
