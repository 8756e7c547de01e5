import { randomUUID } from 'node:crypto'
import type { Action, ActionContext, BulkActionResponse } from 'adminjs'
import type { Response } from 'express'
import { messageOf } from '../text/error-message.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { SessionKind } from '../session-source.js'
import type { Database } from '../database/open-database.js'
import type { SessionRemovalRow, SessionSourceStatusRow } from '../database/rows.js'
import { inEnglish } from '../text/said.js'
import { notThere, type Access } from './access.js'
import type { RemovalAnswer } from './page-answers.js'
import { sessionsOf } from './cut.js'
import type { OwnKeys } from './own-sessions.js'
import { linesOf } from './removal-lines.js'
import { RemovalDecision, type Decision } from './remove-decision.js'
import { questionOf, recordIds } from './remove-request.js'
import { showGone, showRemoval } from './show-removal.js'
import { adminAsking, nameOf } from './admin-asker.js'
import { saidNow } from './why-pending.js'

/** How long the page waits for outcomes before it answers `pending`, in ms. */
const waitsFor = 3000

export interface RemoveParts {
  access: Access
  database: Database
  records: RemovalRecords
  ownKeys: OwnKeys
  origins: readonly string[]
  component: string
}

/**
 * The bulk action `remove`. GET shows what would end and ends nothing; a POST of this back office's own page writes a
 * record for each session and waits a few seconds for its outcome. Every id gets an answer of its own.
 */
export function removeAction(kind: SessionKind, parts: RemoveParts): Partial<Action<BulkActionResponse>> {
  const { access, database, records, ownKeys } = parts
  const sessions = sessionsOf(database, kind)
  return {
    actionType: 'bulk',
    icon: 'XCircle',
    variant: 'danger',
    component: parts.component,
    showInDrawer: true,
    handler: async (request, response: Response, context) => {
      // AdminJS lets every action be asked for a single record, and has read that one already.
      if (context.record) throw notThere(request, context)
      const ids = recordIds(request)
      if (typeof ids === 'string') return answer(context, [], { message: 'removeWrongIds', options: { problem: ids } })
      try {
        if (request.method !== 'post' && request.query?.only === 'gone') return await showGone(access, context)
        const statuses = await database.sourceStatuses.findBy({ kind })
        if (request.method !== 'post')
          return await showRemoval({ access, sessions, statuses, ownKeys }, request, context)

        const question = questionOf(request)
        if (typeof question === 'string')
          return answer(context, [], { message: 'removeWrongBody', options: { problem: question } })
        const batch = question.batch ?? randomUUID()
        const removedBy = nameOf(context.currentAdmin)
        const known = await records.outcomes(batch, kind, 0)
        if (known.some((removal) => removal.removedBy !== removedBy)) {
          return answer(context, [], { message: 'removeOthersBatch', options: {} })
        }
        const left = ids.filter((id) => !known.some((removal) => removal.recordId === id))
        const asker = adminAsking(parts, request, response.req, context)
        const decided = await new RemovalDecision({ kind, sessions, statuses, database, records }, asker, question).all(
          left,
        )
        const lines = linesOf(decided, question)
        if (lines.length > 0) {
          const removedFromIp = response.req?.ip ?? null
          await records.ask(
            lines.map((line) => ({ batch, kind, removedVia: 'admin', removedBy, removedFromIp, ...line })),
          )
        }
        const recorded = await records.outcomes(batch, kind, waitsFor)
        const answers = new Map([
          ...decided.map((decision) => [decision.recordId, unrecorded(decision)] as const),
          ...recorded.map((removal) => [removal.recordId, answerOf(removal, statuses)] as const),
        ])
        return answer(
          context,
          ids.flatMap((id) => answers.get(id) ?? []),
        )
      } catch (error) {
        return answer(context, [], { message: 'removeNotRecorded', options: { problem: messageOf(error) } })
      }
    },
  }
}

/** What is answered for an id that has no record of its own. */
function unrecorded(decision: Decision): RemovalAnswer {
  const { recordId } = decision
  return decision.is === 'denied'
    ? { recordId, outcome: 'refused', message: inEnglish([decision.said]), said: [decision.said], force: null }
    : { recordId, outcome: 'already-gone', message: null, said: null, force: null }
}

export function answerOf(removal: SessionRemovalRow, statuses: SessionSourceStatusRow[]): RemovalAnswer {
  const { recordId, outcome, host, source, byForce } = removal
  const status = statuses.find((one) => one.host === host && one.name === source)
  return {
    recordId,
    outcome,
    ...saidNow(removal, statuses),
    force: outcome === 'failed' && !byForce ? (status?.byForce ?? null) : null,
  }
}

function answer(
  context: ActionContext,
  removals: RemovalAnswer[],
  problem?: { message: string; options: Record<string, unknown> },
): BulkActionResponse & { removals: RemovalAnswer[] } {
  const count = (...outcomes: string[]) => removals.filter(({ outcome }) => outcomes.includes(outcome)).length
  const [gone, pending] = [count('ended', 'already-gone'), count('pending')]
  const notice =
    problem !== undefined ? { ...problem, type: 'error' }
    : gone === removals.length ? { message: 'removeDone', type: 'success' }
    : pending > 0 ? { message: 'removePending', type: 'info' }
    : { message: 'removeNotAll', type: 'error' } // prettier-ignore
  return {
    // AdminJS wants records; what the asker may see of them is in the list.
    records: [],
    removals,
    notice: { options: { gone, of: removals.length, pending }, resourceId: context.resource.id(), ...notice },
  } as BulkActionResponse & { removals: RemovalAnswer[] }
}
