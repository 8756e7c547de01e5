import { randomUUID } from 'node:crypto'
import {
  BaseRecord,
  ForbiddenError,
  type Action,
  type ActionContext,
  type ActionRequest,
  type RecordJSON,
} from 'adminjs'
import type { Response } from 'express'
import { inEnglish } from '../text/said.js'
import type { SessionSourceStatusRow } from '../database/rows.js'
import type { SessionKind } from '../session-source.js'
import { messageOf } from '../text/error-message.js'
import { mayRemove, onlyVisible, visibleTo, type Access } from './access.js'
import { cutWith, sessionsOf, type Row, type SessionRows } from './cut.js'
import type { EndingAnswer, LeftOutAnswer, ProgressAnswer, RemovalQuestion, ScopeAnswer } from './page-answers.js'
import { markRow } from './list.action.js'
import { knownFilters } from './known-filters.js'
import { withOwn, type OwnKeys } from './own-sessions.js'
import { RemovalDecision } from './remove-decision.js'
import { questionOf } from './remove-request.js'
import { answerOf, type RemoveParts } from './remove.action.js'
import { foreignOrigin } from './same-origin.js'
import { markOf, rowsInScope } from './scope.js'
import { namedCut } from './show-removal.js'
import { isSeen } from './seen.js'
import { adminAsking, nameOf } from './admin-asker.js'
import { linesOf } from './removal-lines.js'
import { keepOutOf } from '../database/source-status.js'
import { markHosts, seenSources } from './source-health.js'

/** How many rows the page gets of what would end, and how many of what has not. */
const rowsShown = 20
const notEndedShown = 50

export interface RemoveAllAnswer {
  records: RecordJSON[]
  scope?: ScopeAnswer
  batch?: string
  leftOut?: LeftOutAnswer
  progress?: ProgressAnswer
  notice?: { message: string; type: string; options: Record<string, unknown>; resourceId: string }
}

/**
 * The action `removeAll`: ends whatever matches a list's filters, over all of its pages, however much that is.
 *
 * - GET with filters shows what would end; it ends nothing.
 * - POST with the same filters records the removals, and answers; what becomes of them goes on without anybody asking.
 * - GET with `batch` tells how far it is, to whoever asked for it; POST with `batch` and `stop` stops the rest.
 */
export function removeAllAction(kind: SessionKind, parts: RemoveParts): Partial<Action<RemoveAllAnswer>> {
  const { access, database, records, ownKeys, origins } = parts
  const sessions = sessionsOf(database, kind)

  async function removeAll(
    request: ActionRequest,
    response: Response,
    context: ActionContext,
    question: RemovalQuestion,
    statuses: SessionSourceStatusRow[],
  ): Promise<RemoveAllAnswer> {
    const batch = question.batch ?? randomUUID()
    const asking = adminAsking(parts, request, response.req, context)
    const decision = new RemovalDecision({ kind, sessions, statuses, database, records }, asking, question)
    const asker = {
      removedVia: 'admin' as const,
      removedBy: nameOf(context.currentAdmin),
      removedFromIp: response.req?.ip ?? null,
    }
    const leftOut: LeftOutAnswer = { own: 0, notAllowed: 0, fresh: 0, changed: 0 }
    const shown = question.shown && new Map(question.shown)
    for await (const rows of rowsInScope(request, context)) {
      const asked = rows.filter((row) => {
        const mark = shown === undefined ? markOf(row) : shown.get(row.id)
        if (mark === undefined) leftOut.fresh++
        else if (mark !== markOf(row)) leftOut.changed++
        return mark === markOf(row)
      })
      const among = await decision.amongRows(asked)
      leftOut.own += among.leftOut.own
      leftOut.notAllowed += among.leftOut.notAllowed
      const lines = linesOf(among.decided, question)
      await records.ask(lines.map((line) => ({ batch, kind, ...asker, ...line })))
    }
    return { records: [], batch, leftOut, progress: await progressOf(batch, statuses) }
  }

  /** How far a batch is, its removals in other tables included. */
  async function progressOf(batch: string, statuses: SessionSourceStatusRow[]): Promise<ProgressAnswer> {
    const notEnded = await records.notEnded(batch, notEndedShown)
    return {
      counts: await records.counts(batch),
      notEnded: notEnded.map((removal) => ({ ...answerOf(removal, statuses), login: removal.login, ip: removal.ip })),
    }
  }

  return {
    actionType: 'resource',
    showResourceActions: false,
    icon: 'XCircle',
    variant: 'danger',
    component: parts.component,
    showInDrawer: true,
    before: [onlyVisible(access), knownFilters, withOwn(ownKeys)],
    handler: async (request, response: Response, context) => {
      const refused = (message: string, problem: string): RemoveAllAnswer => ({
        records: [],
        notice: { message, type: 'error', options: { problem }, resourceId: context.resource.id() },
      })
      try {
        const asks = request.method === 'post'
        const question = questionOf(asks ? request : { ...request, payload: { batch: request.query?.batch } })
        if (typeof question === 'string') return refused('removeWrongBody', question)
        const { batch, stop } = question
        if (stop && batch === undefined) return refused('removeWrongBody', 'stop is about a batch, and none is named')
        const asker = batch === undefined ? undefined : await records.askerOf(batch)
        if (asker !== undefined && asker !== nameOf(context.currentAdmin)) return refused('removeOthersBatch', '')
        const statuses = await database.sourceStatuses.find()
        if (!asks && batch === undefined) {
          return await showScope(
            { access, sessions, statuses: statuses.filter((one) => one.kind === kind), ownKeys },
            request,
            context,
          )
        }
        if (asks && !stop) return await removeAll(request, response, context, question, statuses)
        if (stop && batch !== undefined) {
          const foreign = foreignOrigin(response.req, origins)
          if (foreign !== undefined) throw new ForbiddenError(inEnglish([foreign]))
          await records.stop(batch, [{ key: 'stopped' }])
        }
        return { records: [], batch, progress: await progressOf(batch!, statuses) }
      } catch (error) {
        if (error instanceof ForbiddenError) throw error
        return refused('removeNotRecorded', messageOf(error))
      }
    },
  }
}

interface ShowParts {
  access: Access
  sessions: SessionRows
  statuses: SessionSourceStatusRow[]
  ownKeys: OwnKeys
}

/** What would end: all of it by number and mark, and the first rows as they are. Ends nothing, records nothing. */
async function showScope(parts: ShowParts, request: ActionRequest, context: ActionContext): Promise<RemoveAllAnswer> {
  const { access, sessions, statuses, ownKeys } = parts
  const seen = await visibleTo(access, context)
  const own = ownKeys(request)
  const scope: ScopeAnswer = { shown: [], leftOut: { own: 0, notAllowed: 0 }, statuses: {}, keepOut: [] }
  const records: RecordJSON[] = []
  let ways: readonly ('login' | 'ip')[] = ['login', 'ip']
  const cut = { login: new Map<number, Row>(), ip: new Map<number, Row>() }
  for await (const rows of rowsInScope(request, context)) {
    const others = rows.filter((row) => !own.has(row.key))
    const allowed = await Promise.all(others.map((row) => mayRemove(access, context, row)))
    const removable = others.filter((_, i) => allowed[i])
    scope.leftOut.own += rows.length - others.length
    scope.leftOut.notAllowed += others.length - removable.length
    for (const row of removable) {
      scope.shown.push([row.id, markOf(row)])
      if ('status' in row && row.status !== null) scope.statuses[row.status] = (scope.statuses[row.status] ?? 0) + 1
    }
    for (const row of removable.slice(0, rowsShown - records.length)) {
      const json = new BaseRecord({ ...row }, context.resource).toJSON(context.currentAdmin)
      await markRow(json, statuses, own, access, context)
      records.push(json)
    }
    const waysOf = (row: Row) => {
      const status = statuses.find(({ host, name }) => host === row.host && name === row.source)
      return status === undefined ? [] : keepOutOf(status).filter((by) => row[by] !== null)
    }
    for (const row of removable) ways = ways.filter((by) => waysOf(row).includes(by))
    const found = await cutWith(sessions, removable, () => [...ways])
    for (const by of ways) for (const row of removable) for (const [id, one] of found(row, by)) cut[by].set(id, one)
  }
  markHosts(records, await seenSources(statuses, access, context))
  if (scope.shown.length === 0) ways = []
  scope.keepOut = ways.map((by): EndingAnswer['keepOut'][number] => {
    for (const [id] of scope.shown) cut[by].delete(id)
    return { by, cutsToo: namedCut(cut[by].values(), cut[by].size, (row) => isSeen(row, seen)) }
  })
  return { records, scope }
}
