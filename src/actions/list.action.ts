import type { Action, ActionContext, ActionRequest, ListActionResponse, RecordJSON } from 'adminjs'
import { createHash } from 'node:crypto'
import { Not } from 'typeorm'
import type { SessionKind } from '../session-source.js'
import type { Database } from '../database/open-database.js'
import type { FtpSessionRow, PanelSessionRow, SessionSourceStatusRow } from '../database/rows.js'
import { readUserAgent } from '../text/user-agent.js'
import { mayRemove, onlyVisible, type Access } from './access.js'
import type { ListAnswer, UnchangedAnswer } from './http-api.js'
import { knownFilters } from './known-filters.js'
import { withOwn, type OwnKeys } from './own-sessions.js'
import type { Holds } from '../database/holds.js'
import { waitForChange } from './wait-for-change.js'
import { sourcesFor, staleSince } from './source-health.js'

interface ListParts {
  access: Access
  database: Database
  ownKeys: OwnKeys
  whyNotListed: WhyNotListed
  refreshEvery: number
  component: string
  holds: Holds
  panels: readonly string[]
}

/** Why the session of the one who asks can't be among those that are listed; null where it can. */
export type WhyNotListed = (request: object) => string | null

/** AdminJS's list, with what the live page needs beside the rows. */
export function listAction(
  kind: SessionKind,
  { access, database, ownKeys, whyNotListed, refreshEvery, component, ...waiting }: ListParts,
): Partial<Action<ListActionResponse>> {
  const tables = [kind] as const
  const atRevision = new WeakMap<object, string>()
  return {
    component,
    // Those of this package have places of their own on the page.
    showResourceActions: false,
    before: [
      onlyVisible(access),
      knownFilters,
      withOwn(ownKeys),
      waitForChange(tables, { ...waiting, changes: database.changes, ownKeys, otherwise: refreshEvery }),
      // Before the rows are read: what is written in between is another revision then.
      (request, context) => {
        if (ownKeys(request).size > 0) atRevision.set(context, database.changes.revisionOf(tables))
        return request
      },
    ],
    after: async (response: ListActionResponse, request, context) => {
      const statuses = await database.sourceStatuses.find({
        where: { kind, state: Not('dropped' as const) },
        order: { name: 'ASC', host: 'ASC' },
      })
      const own = ownKeys(request)
      const removable = await Promise.all(
        response.records.map((record) => markRow(record, statuses, own, access, context)),
      )
      const seen = await sourcesFor(statuses, access, context)
      // What it says is for whoever may see the sources.
      const ownMissing = kind === 'panel' && seen.sources.length > 0 ? whyNotListed(request) : null
      return answerTo(request, response, atRevision.get(context) ?? null, {
        refreshEvery,
        canRemove: removable.includes(true),
        ownMissing,
        ...seen,
      })
    },
  }
}

/** The list, or that it still is what the asker says by its tag that it has. */
function answerTo(
  { query }: ActionRequest,
  list: ListActionResponse,
  revision: string | null,
  sessions: Omit<ListAnswer, 'now' | 'tag' | 'revision'>,
): ListActionResponse {
  const now = new Date().toISOString()
  const tag = createHash('sha256')
    .update(JSON.stringify([list, sessions]))
    .digest('base64url')
  const unchanged: UnchangedAnswer = { unchanged: true, now, revision }
  return query?.known === tag
    ? (unchanged as unknown as ListActionResponse)
    : ({ ...list, sessions: { ...sessions, now, revision, tag } satisfies ListAnswer } as ListActionResponse)
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
  params.staleSince = staleSince(status)
  params.evidence = status?.evidence ?? null
  if (own.has(params.key as string)) params.own = true
  const removable = params.own !== true && (await mayRemove(access, context, params as PanelSessionRow | FtpSessionRow))
  if (!removable) record.bulkActions = []
  nameBrowser(record)
  return removable
}

/** Says which browser on which system a user agent names, as far as it can be read: beside the agent's own text. */
export function nameBrowser({ params }: RecordJSON): void {
  if (typeof params.userAgent === 'string') Object.assign(params, readUserAgent(params.userAgent))
}
