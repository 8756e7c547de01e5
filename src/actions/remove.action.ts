import { randomUUID } from 'node:crypto'
import type { Action, ActionContext, ActionRequest, BulkActionResponse } from 'adminjs'
import type { Response } from 'express'
import { messageOf } from '../collectors/engine/message-of.js'
import { rowValue } from '../collectors/engine/reconcile.js'
import type { RemovalRequests } from '../collectors/engine/removal-requests.js'
import type { SessionKind } from '../collectors/engine/session-source.js'
import type { Database } from '../resources/database.js'
import type { FtpSessionRow, PanelSessionRow, SessionRemovalRow } from '../resources/rows.js'
import { matches, visibleTo, type Access } from './access.js'
import type { EndingAnswer, RemovalAnswer } from './answers.js'
import { markRow, ownKey } from './list.action.js'
import { cutBy, RemovalDecision, type DecisionParts, type SessionRows } from './removal-decision.js'
import { questionOf, recordIds } from './removal-question.js'
import { keepOutOf } from './source-answer.js'

/** How long the page waits for outcomes before it answers `pending`, in ms. */
const waitsFor = 3000

interface RemoveParts {
  access: Access
  database: Database
  requests: RemovalRequests
  component: string
}

/**
 * The bulk action `remove`. GET shows what would end and ends nothing; a POST of this back office's own page writes a
 * record for each session and waits a few seconds for its outcome. Every id gets an answer of its own.
 */
export function removeAction(kind: SessionKind, parts: RemoveParts): Partial<Action<BulkActionResponse>> {
  const { access, database, requests } = parts
  const sessions = (kind === 'panel' ? database.panelSessions : database.ftpSessions) as SessionRows
  return {
    actionType: 'bulk',
    icon: 'XCircle',
    variant: 'danger',
    component: parts.component,
    showInDrawer: true,
    handler: async (request, response: Response, context) => {
      const ids = recordIds(request)
      if (typeof ids === 'string') return answer(context, [], { message: 'removeWrongIds', options: { problem: ids } })
      try {
        const decisionParts = { access, sessions, statuses: await database.sourceStatuses.findBy({ kind }) }
        if (request.method !== 'post') return await show(decisionParts, request, context)

        const question = questionOf(request)
        if (typeof question === 'string')
          return answer(context, [], { message: 'removeWrongBody', options: { problem: question } })
        const batch = question.batch ?? randomUUID()
        const removedBy = nameOf(context.currentAdmin)
        const known = await requests.outcomes(batch, kind, 0)
        if (known.some((removal) => removal.removedBy !== removedBy)) {
          return answer(context, [], { message: 'removeOthersBatch', options: {} })
        }
        const left = ids.filter((id) => !known.some((removal) => removal.recordId === id))
        if (left.length > 0) {
          const decided = await new RemovalDecision(decisionParts, request, response.req, context, question).all(left)
          const removedFromIp = response.req.ip ?? null
          const reason = question.reason ?? null
          await requests.ask(
            decided.map((decision) => ({
              batch,
              kind,
              removedVia: 'admin',
              removedBy,
              removedFromIp,
              reason,
              ...decision,
            })),
          )
        }
        const removals = await requests.outcomes(batch, kind, waitsFor)
        return answer(
          context,
          removals.filter((removal) => ids.includes(removal.recordId)),
        )
      } catch (error) {
        return answer(context, [], { message: 'removeNotRecorded', options: { problem: messageOf(error) } })
      }
    },
  }
}

/** The rows that would end, and whom keeping them out would cut as well. Ends nothing, records nothing. */
async function show({ access, sessions, statuses }: DecisionParts, request: ActionRequest, context: ActionContext) {
  const visible = await visibleTo(access, context)
  const records = (context.records ?? []).filter(
    ({ params }) => params.gone === true || (visible !== undefined && matches(params, visible)),
  )
  const ending: EndingAnswer[] = []
  const shown = await Promise.all(
    records.map(async (record) => {
      const json = record.toJSON(context.currentAdmin)
      if (record.params.gone === true) return json
      const removable = await markRow(json, statuses, ownKey(request), access, context)
      if (removable) ending.push(await endingOf(json.params as PanelSessionRow | FtpSessionRow, sessions, statuses))
      return json
    }),
  )
  return { records: shown, ending }
}

async function endingOf(
  row: PanelSessionRow | FtpSessionRow,
  sessions: SessionRows,
  statuses: DecisionParts['statuses'],
): Promise<EndingAnswer> {
  const status = statuses.find(({ host, name }) => host === row.host && name === row.source)
  const ways = status === undefined ? [] : keepOutOf(status).filter((by) => row[by] !== null && row[by] !== undefined)
  return {
    recordId: Number(row.id),
    keepOut: await Promise.all(
      ways.map(async (by) => {
        const cut = await cutBy(sessions, row, by)
        return {
          by,
          cutsToo: { count: cut.length, sessions: cut.slice(0, 20).map(({ login, ip }) => ({ login, ip })) },
        }
      }),
    ),
  }
}

function answer(
  context: ActionContext,
  removals: SessionRemovalRow[],
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
    removals: removals.map(({ recordId, outcome, message }) => ({ recordId, outcome, message })),
    notice: { options: { gone, of: removals.length, pending }, resourceId: context.resource.id(), ...notice },
  } as BulkActionResponse & { removals: RemovalAnswer[] }
}

/** Who asked, as far as the host's account object says. */
function nameOf(currentAdmin: unknown): string | null {
  const { email, login, username, name, id } = (currentAdmin ?? {}) as Record<string, unknown>
  const found = [email, login, username, name, id].find(
    (value) => typeof value === 'string' || typeof value === 'number',
  )
  return found === undefined ? null : String(rowValue(String(found)))
}
