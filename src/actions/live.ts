import { createHash } from 'node:crypto'
import type {
  Action,
  ActionContext,
  ActionRequest,
  ActionResponse,
  ListActionResponse,
  RecordActionResponse,
} from 'adminjs'
import type { Shown } from '../database/changes.js'
import type { Holds } from '../database/holds.js'
import type { Database } from '../database/open-database.js'
import { onlyVisible, type Access } from './access.js'
import type { LiveAnswer, UnchangedAnswer } from './page-answers.js'
import { knownFilters } from './known-filters.js'
import { withOwn, type OwnKeys } from './own-sessions.js'
import { waitForChange } from './wait-for-change.js'

export interface LiveParts {
  access: Access
  database: Database
  holds: Holds
  ownKeys: OwnKeys
  /** Names of the panel sources. */
  panels: readonly string[]
  refreshEvery: number
  /** How long somebody counts as online after he was active, in ms. */
  onlineFor: number
}

/** What the tables were at before an answer was read, in the context of whoever asked for it. */
export const asOf = Symbol('adminjs-sessions.as-of')

export interface AsOf {
  readonly revision: string
  /** A part of the answer is older. */
  isOld?: true
}

/** What an answer has beside AdminJS's own fields, of what was found. */
type Beside<Response, More> = (response: Response, request: ActionRequest, context: ActionContext) => Promise<More>

const nothing = async () => ({})

/** AdminJS's list of what these tables hold, kept up to date by a page: `LiveAnswer` says how. */
export function liveList<More extends object>(
  tables: readonly Shown[],
  parts: LiveParts,
  component: string,
  beside: Beside<ListActionResponse, More> = nothing as never,
): Partial<Action<ListActionResponse>> {
  const { before, after } = live(tables, parts, beside)
  return {
    component,
    before: [onlyVisible(parts.access), knownFilters, withOwn(parts.ownKeys), ...before],
    after,
  }
}

/** AdminJS's page of one record, kept up to date in the same way. */
export function liveRecord<More extends object>(
  tables: readonly Shown[],
  parts: LiveParts,
  component: string,
  beside: Beside<RecordActionResponse, More> = nothing as never,
): Partial<Action<RecordActionResponse>> {
  const { before, after } = live(tables, parts, beside)
  return {
    component,
    // The record's page has its own.
    showResourceActions: false,
    before: [onlyVisible(parts.access), ...before, readAgain, onlyVisible(parts.access)],
    after,
  }
}

/** The hooks of any action whose answer a page keeps up to date. */
export function live<Response extends ActionResponse, More extends object>(
  tables: readonly Shown[],
  { database: { changes }, refreshEvery, ...waiting }: Omit<LiveParts, 'onlineFor'>,
  beside: Beside<Response, More> = nothing as never,
) {
  return {
    before: [
      waitForChange(tables, { ...waiting, changes, otherwise: refreshEvery }),
      // Before the rows are read: what is written in between is another revision then.
      <Request extends ActionRequest>(request: Request, context: ActionContext): Request => {
        Object.assign(context, { [asOf]: { revision: changes.revisionOf(tables) } satisfies AsOf })
        return request
      },
    ],
    after: async (response: Response, request: ActionRequest, context: ActionContext): Promise<Response> => {
      const more = { refreshEvery, ...(await beside(response, request, context)) }
      const { revision, isOld } = (context as ActionContext & { [asOf]: AsOf })[asOf]
      // Without a revision no question waits, and the page asks again after a while.
      const canWait = isOld !== true && waiting.ownKeys(request).size > 0
      return answerTo(request, response, canWait ? revision : null, more)
    },
  }
}

/** What was found, or that it still is what the asker says by its tag that he has. */
function answerTo<Response extends ActionResponse>(
  { query }: ActionRequest,
  found: Response,
  revision: string | null,
  more: Omit<LiveAnswer, 'now' | 'tag' | 'revision'>,
): Response {
  const now = new Date().toISOString()
  const tag = createHash('sha256')
    .update(JSON.stringify([found, more]))
    .digest('base64url')
  const unchanged: UnchangedAnswer = { unchanged: true, now, revision }
  // AdminJS lets no action of a record answer without the record.
  return query?.known === tag && !('record' in found)
    ? (unchanged as unknown as Response)
    : { ...found, sessions: { ...more, now, revision, tag } satisfies LiveAnswer }
}

/** AdminJS has read the record before the question waited. */
async function readAgain<Request extends ActionRequest>(request: Request, context: ActionContext): Promise<Request> {
  const { recordId } = request.params
  if (request.query?.since !== undefined && recordId !== undefined)
    context.record = (await context.resource.findOne(recordId, context)) ?? undefined
  return request
}
