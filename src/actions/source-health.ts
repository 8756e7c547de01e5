import type { ActionContext, RecordJSON } from 'adminjs'
import type { SessionSourceStatusRow } from '../database/rows.js'
import { visibleTo, type Access } from './access.js'
import type { ListAnswer, SourceAnswer } from './page-answers.js'
import { isSeen } from './seen.js'
import { sourceAnswer } from './source-state.js'

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

/** Marks the rows that name their host: where the sources that the asker may see are on several. */
export function markHosts(
  records: RecordJSON[],
  sources: readonly Pick<SessionSourceStatusRow, 'host' | 'state'>[],
): void {
  const living = sources.filter(({ state }) => state !== 'dropped')
  if (new Set(living.map(({ host }) => host)).size < 2) return
  for (const { params } of records) params.severalHosts = true
}
