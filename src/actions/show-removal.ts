import { BaseRecord, type ActionContext, type ActionRequest, type RecordJSON } from 'adminjs'
import type { SessionSourceStatusRow } from '../database/rows.js'
import { visibleTo, type Access } from './access.js'
import type { EndingAnswer } from './page-answers.js'
import { cutWith, type Row, type SessionRows } from './cut.js'
import { markRow } from './list.action.js'
import type { OwnKeys } from './own-sessions.js'
import { isSeen, type VisibleFields } from './seen.js'
import { keepOutOf } from '../database/source-status.js'
import { markHosts, seenSources } from './source-health.js'

/** How many of those whom a ban would cut as well are named. */
const named = 20

interface ShowParts {
  access: Access
  sessions: SessionRows
  statuses: SessionSourceStatusRow[]
  ownKeys: OwnKeys
}

/** The rows that would end, and whom keeping them out would cut as well. Ends nothing, records nothing. */
export async function showRemoval(
  { access, sessions, statuses, ownKeys }: ShowParts,
  request: ActionRequest,
  context: ActionContext,
) {
  const seen = await visibleTo(access, context)
  const own = ownKeys(request)
  const removable: Row[] = []
  const records = await Promise.all(
    shownTo(seen, context).map(async (record) => {
      const json = record.toJSON(context.currentAdmin)
      if (record.params.gone === true) return json
      if (await markRow(json, statuses, own, access, context)) removable.push(json.params as Row)
      return json
    }),
  )
  markHosts(records, await seenSources(statuses, access, context))
  return { records, ending: await endingOf(removable, seen, sessions, statuses) }
}

/** Of the ids that were asked for, those that are no more: all that a page must know of the ticks that it does not show. */
export async function showGone(access: Access, context: ActionContext): Promise<{ records: RecordJSON[] }> {
  const records = shownTo(await visibleTo(access, context), context)
  return { records: records.filter(({ params }) => params.gone).map((record) => record.toJSON(context.currentAdmin)) }
}

/**
 * The records that were asked for. One that may not be seen looks as if it were gone, so that nobody learns which there
 * are.
 *
 * @throws Error where they could not be read: then the resource has put one in their place that has no id
 */
function shownTo(seen: VisibleFields | undefined, { records = [], resource }: ActionContext): BaseRecord[] {
  if (records.some(({ params }) => params.gone === true && params.id === undefined)) {
    throw new Error('The table of sessions could not be read.')
  }
  return records.map((record) =>
    record.params.gone === true || isSeen(record.params, seen)
      ? record
      : new BaseRecord({ id: record.params.id, gone: true }, resource),
  )
}

async function endingOf(
  rows: Row[],
  seen: VisibleFields | undefined,
  sessions: SessionRows,
  statuses: SessionSourceStatusRow[],
): Promise<EndingAnswer[]> {
  const waysOf = (row: Row) => {
    const status = statuses.find(({ host, name }) => host === row.host && name === row.source)
    return status === undefined ? [] : keepOutOf(status).filter((by) => row[by] != null)
  }
  const cut = await cutWith(sessions, rows, waysOf)
  return rows.map((row) => ({
    recordId: Number(row.id),
    keepOut: waysOf(row).map((by) => {
      const all = cut(row, by)
      const count = all.size - (all.has(row.id) ? 1 : 0)
      return { by, cutsToo: namedCut(all.values(), count, (other) => other.id !== row.id && isSeen(other, seen)) }
    }),
  }))
}

/** Whom a ban would cut as well: how many, and the first of those that may be named. */
export function namedCut(
  rows: Iterable<Row>,
  count: number,
  mayBeNamed: (row: Row) => boolean,
): EndingAnswer['keepOut'][number]['cutsToo'] {
  const sessions: { login: string | null; ip: string | null }[] = []
  for (const row of rows) {
    if (sessions.length === named) break
    if (mayBeNamed(row)) sessions.push({ login: row.login, ip: row.ip })
  }
  return { count, sessions }
}
