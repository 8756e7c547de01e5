import type { Action, ActionContext, ListActionResponse, RecordActionResponse, RecordJSON } from 'adminjs'
import { Not } from 'typeorm'
import type { SessionKind } from '../session-source.js'
import type { Database } from '../database/open-database.js'
import type { FtpSessionRow, PanelSessionRow, SessionSourceStatusRow } from '../database/rows.js'
import { readUserAgent } from '../text/user-agent.js'
import { mayRemove, type Access } from './access.js'
import type { ListExtras } from './page-answers.js'
import { liveList, liveRecord, type LiveParts } from './live.js'
import { totalsInScope } from './scope.js'
import { markHosts, sourcesFor } from './source-health.js'
import { staleSince } from './source-state.js'

interface ListParts extends LiveParts {
  whyNotListed: WhyNotListed
  component: string
}

/** Why the session of the one who asks can't be among those that are listed; null where it can. */
export type WhyNotListed = (request: object) => string | null

/** AdminJS's list, with what the live page needs beside the rows. */
export function listAction(
  kind: SessionKind,
  { whyNotListed, component, ...parts }: ListParts,
): Partial<Action<ListActionResponse>> {
  const { access, database, ownKeys, onlineFor } = parts
  const list = liveList([kind], parts, component, async ({ records }, request, context): Promise<ListExtras> => {
    const statuses = await statusesOf(kind, database)
    const own = ownKeys(request)
    const removable = await Promise.all(records.map((record) => markRow(record, statuses, own, access, context)))
    const seen = await sourcesFor(statuses, access, context)
    markHosts(records, seen.sources)
    // What it says is for whoever may see the sources.
    const ownMissing = kind === 'panel' && seen.sources.length > 0 ? whyNotListed(request) : null
    for (const record of records) markOnline(record, onlineFor)
    const onlineSince = new Date(Date.now() - onlineFor)
    const totals = await totalsInScope(request, context, { onlineSince, stale: statuses.filter(staleSince) })
    return { canRemove: removable.includes(true), totals, ownMissing, ...seen }
  })
  // Those of this package have places of their own on the page.
  return { ...list, showResourceActions: false }
}

/** The page of one session, marked as its row is. */
export function showAction(
  kind: SessionKind,
  component: string,
  parts: LiveParts,
): Partial<Action<RecordActionResponse>> {
  const { access, database, ownKeys, onlineFor } = parts
  return liveRecord([kind], parts, component, async ({ record }, request, context) => {
    await markRow(record, await statusesOf(kind, database), ownKeys(request), access, context)
    markOnline(record, onlineFor)
    return {}
  })
}

function statusesOf(kind: SessionKind, { sourceStatuses }: Database): Promise<SessionSourceStatusRow[]> {
  return sourceStatuses.find({ where: { kind, state: Not('dropped' as const) }, order: { name: 'ASC', host: 'ASC' } })
}

/**
 * Marks a row as stale, as rebuilt from a log, as one's own, names its browser, and takes its checkbox where the asker
 * may not end it.
 *
 * @returns whether the asker may end it
 */
export async function markRow(
  record: RecordJSON,
  statuses: SessionSourceStatusRow[],
  own: ReadonlySet<string>,
  access: Access,
  context: ActionContext,
): Promise<boolean> {
  const { params } = record
  const status = statuses.find(({ host, name }) => host === params.host && name === params.source)
  params.staleSince = (status && staleSince(status))?.toISOString() ?? null
  params.evidence = status?.evidence ?? null
  if (own.has(params.key as string)) params.own = true
  const removable = params.own !== true && (await mayRemove(access, context, params as PanelSessionRow | FtpSessionRow))
  if (!removable) record.bulkActions = []
  if (typeof params.userAgent === 'string') Object.assign(params, readUserAgent(params.userAgent))
  return removable
}

/** A session of a browser lasts until it expires, whether anybody is there or not: says until when somebody is. */
function markOnline({ params }: RecordJSON, onlineFor: number): void {
  if (params.expiresAt === undefined || !params.lastActiveAt) return
  params.onlineUntil = new Date(new Date(params.lastActiveAt as string).getTime() + onlineFor).toISOString()
}
