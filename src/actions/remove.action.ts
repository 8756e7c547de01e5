import { randomUUID } from 'node:crypto'
import type { Action, ActionContext, ActionRequest, BulkActionResponse } from 'adminjs'
import type { Request, Response } from 'express'
import { In, type Repository } from 'typeorm'
import { rowValue } from '../collectors/engine/reconcile.js'
import type { RemovalRequest, RemovalRequests } from '../collectors/engine/removal-requests.js'
import type { SessionKind } from '../collectors/engine/session-source.js'
import type { Database } from '../resources/database.js'
import type { FtpSessionRow, PanelSessionRow, SessionRemovalRow } from '../resources/rows.js'
import { isRowId } from '../resources/session-resource.js'
import { matches, visibleTo, type Access } from './access.js'
import type { RemovalAnswer, RemovalQuestion } from './answers.js'
import { markRow, mayRemove, ownKey } from './list.action.js'
import { foreignOrigin } from './same-origin.js'

/** How many sessions one call may end. */
const most = 500
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
  const sessions = (kind === 'panel' ? parts.database.panelSessions : parts.database.ftpSessions) as Repository<PanelSessionRow | FtpSessionRow>
  return {
    actionType: 'bulk',
    icon: 'XCircle',
    variant: 'danger',
    component: parts.component,
    showInDrawer: true,
    handler: async (request, response: Response, context) => {
      const ids = recordIds(request)
      if (typeof ids === 'string') return answer(context, [], { message: 'removeWrongIds', options: { problem: ids } })
      if (request.method !== 'post') return show(parts, kind, request, context)

      const question = questionOf(request)
      const batch = question.batch ?? randomUUID()
      try {
        const known = await parts.requests.outcomes(batch, kind, 0)
        const removedBy = nameOf(context.currentAdmin)
        if (known.some((removal) => removal.removedBy !== removedBy)) {
          return answer(context, [], { message: 'removeOthersBatch', options: {} })
        }
        const left = ids.filter((id) => !known.some((removal) => removal.recordId === id))
        if (left.length > 0) {
          const rows = await sessions.findBy({ id: In(left) })
          const decide = await decisions(parts.access, request, response.req, context, question)
          const asker = {
            batch,
            kind,
            removedVia: 'admin' as const,
            removedBy,
            removedFromIp: response.req.ip ?? null,
            reason: question.reason ?? null,
          }
          await parts.requests.ask(
            await Promise.all(left.map(async (id) => ({ ...asker, recordId: id, ...(await decide(id, rows.find((row) => row.id === id))) }))),
          )
        }
        const removals = (await parts.requests.outcomes(batch, kind, waitsFor)).filter((removal) => ids.includes(removal.recordId))
        return answer(context, removals)
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        return answer(context, [], { message: 'removeNotRecorded', options: { problem } })
      }
    },
  }
}

type Decision = Partial<RemovalRequest>

/** What becomes of each id: pending, or refused and why. Decided on the server, for each session by itself. */
async function decisions(access: Access, request: ActionRequest, http: Request, context: ActionContext, question: RemovalQuestion) {
  const foreign = foreignOrigin(http)
  const visible = foreign === undefined ? await visibleTo(access, context) : undefined
  const own = ownKey(request)
  return async (id: number, row: PanelSessionRow | FtpSessionRow | undefined): Promise<Decision> => {
    const seen = question.sessions?.find((session) => session.id === id)
    if (row === undefined) {
      const about = { key: seen?.key.slice(0, 191) ?? null, login: seen?.login ?? null }
      return foreign === undefined ? { ...about, outcome: 'already-gone' } : { ...about, outcome: 'refused', message: foreign }
    }
    const { host, source, key, login, ip } = row
    const session = { host, source, key, login, ip, session: row }
    const refused = (message: string) => ({ ...session, outcome: 'refused' as const, message })
    if (foreign !== undefined) return refused(foreign)
    if (visible === undefined || !matches(row, visible) || !(await mayRemove(access, context, row))) {
      return refused('You are not allowed to end this session.')
    }
    if (key === own) return refused('This is your own session; log out to end it.')
    if (seen !== undefined && (seen.key !== key || (seen.login ?? null) !== login)) {
      return refused('This is no longer the session that you ticked: look at the list again.')
    }
    return session
  }
}

async function show(parts: RemoveParts, kind: SessionKind, request: ActionRequest, context: ActionContext) {
  const visible = await visibleTo(parts.access, context)
  const statuses = await parts.database.sourceStatuses.findBy({ kind })
  const records = (context.records ?? []).filter((record) => record.params.gone === true || (visible !== undefined && matches(record.params, visible)))
  const shown = records.map((record) => record.toJSON(context.currentAdmin))
  await Promise.all(shown.map((record) => (record.params.gone === true ? undefined : markRow(record, statuses, ownKey(request), parts.access, context))))
  return { records: shown }
}

/** The ids of the call, each once; or what is wrong with them. */
function recordIds(request: ActionRequest): number[] | string {
  const given = String((request.query as { recordIds?: unknown }).recordIds ?? '').split(',')
  const wrong = given.find((id) => !isRowId(id))
  if (wrong !== undefined) return `recordIds holds ${JSON.stringify(wrong.slice(0, 40))}; expected ids of sessions, separated by commas`
  const ids = [...new Set(given.map(Number))]
  return ids.length <= most ? ids : `recordIds holds ${ids.length} ids; expected at most ${most} at a time`
}

/** The body as far as it is of the form that is expected; anything else is as if it had not been said. */
function questionOf(request: ActionRequest): RemovalQuestion {
  const { batch, reason, sessions } = (request.payload ?? {}) as Record<string, unknown>
  return {
    batch: typeof batch === 'string' && /^[0-9a-f-]{36}$/i.test(batch) ? batch.toLowerCase() : undefined,
    reason: typeof reason === 'string' && reason.trim() !== '' ? String(rowValue(reason.trim().slice(0, 500))) : undefined,
    sessions: Array.isArray(sessions) ? sessions.filter(isSeen) : undefined,
  }
}

function isSeen(value: unknown): value is NonNullable<RemovalQuestion['sessions']>[number] {
  const { id, key, login } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'number' && typeof key === 'string' && (login === undefined || login === null || typeof login === 'string')
}

function answer(
  context: ActionContext,
  removals: SessionRemovalRow[],
  problem?: { message: string; options: Record<string, unknown> },
): BulkActionResponse & { removals: RemovalAnswer[] } {
  const count = (outcome: string) => removals.filter((removal) => removal.outcome === outcome).length
  const gone = count('ended') + count('already-gone')
  const notice = problem ?? {
    message: gone === removals.length ? 'removeDone' : count('pending') > 0 ? 'removePending' : 'removeNotAll',
    options: { gone, of: removals.length, pending: count('pending') },
  }
  return {
    records: (context.records ?? []).map((record) => record.toJSON(context.currentAdmin)),
    removals: removals.map(({ recordId, outcome, message }) => ({ recordId, outcome, message })),
    notice: {
      ...notice,
      resourceId: context.resource.id(),
      type: problem === undefined && gone === removals.length ? 'success' : problem === undefined && count('pending') > 0 ? 'info' : 'error',
    },
  } as BulkActionResponse & { removals: RemovalAnswer[] }
}

/** Who asked, as far as the host's account object says. */
function nameOf(currentAdmin: unknown): string | null {
  const { email, login, username, name, id } = (currentAdmin ?? {}) as Record<string, unknown>
  const found = [email, login, username, name, id].find((value) => typeof value === 'string' || typeof value === 'number')
  return found === undefined ? null : String(rowValue(String(found)))
}
