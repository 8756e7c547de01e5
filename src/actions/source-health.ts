import type { ActionContext } from 'adminjs'
import type { SessionSourceStatusRow } from '../database/rows.js'
import { visibleTo, type Access } from './access.js'
import type { ListAnswer, SourceAnswer } from './http-api.js'
import { isSeen } from './seen.js'
import { abandonedSince, keepOutOf } from '../database/source-status.js'

/** The sources that the asker may see on their own page, each with its state; of the others how many there are. */
export async function sourcesFor(
  statuses: SessionSourceStatusRow[],
  access: Access,
  context: ActionContext,
): Promise<Pick<ListAnswer, 'sources' | 'unseen'>> {
  const visible = await seenSources(statuses, access, context)
  const unseen = statuses.filter((status) => !visible.includes(status)).map(sourceAnswer)
  const count = (state: SourceAnswer['state']) => unseen.filter((source) => source.state === state).length
  return {
    sources: visible.map(sourceAnswer),
    unseen: { sources: unseen.length, failing: count('failing'), starting: count('starting') },
  }
}

/** Asks `access.list` about the table of sources, whatever page is open: names and errors are that page's to show. */
export async function seenSources(
  statuses: SessionSourceStatusRow[],
  access: Access,
  context: ActionContext,
): Promise<SessionSourceStatusRow[]> {
  const resource = context._admin.resources.find((one) => one.id() === 'SessionSourceStatus') ?? context.resource
  const seen = await visibleTo(access, { ...context, resource })
  return statuses.filter((status) => isSeen(status, seen))
}

/** A source's state as whoever looks at it gets it. */
export function sourceAnswer(status: Omit<SessionSourceStatusRow, 'id'>): SourceAnswer {
  const abandoned = abandonedSince(status)
  return {
    host: status.host,
    name: status.name,
    kind: status.kind,
    evidence: status.evidence,
    keepOut: keepOutOf(status),
    state: abandoned === null && status.state !== 'dropped' ? status.state : 'failing',
    sessions: status.sessions,
    lastGoodAt: status.lastGoodAt?.toISOString() ?? null,
    failingSince: (status.failingSince ?? abandoned)?.toISOString() ?? null,
    error: abandoned === null ? status.error : 'No running back office reads this source any more.',
    warning: abandoned === null ? status.warning : null,
  }
}

/** Since when the rows of a source are not kept true; null while they are. */
export function staleSince(status: SessionSourceStatusRow | undefined): string | null {
  if (status === undefined) return null
  const since = status.state === 'ok' ? abandonedSince(status) : (status.failingSince ?? status.lastGoodAt)
  return since?.toISOString() ?? null
}
