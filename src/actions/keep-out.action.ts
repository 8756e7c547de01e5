import { randomUUID } from 'node:crypto'
import type { Action, ActionContext, ActionRequest, ActionResponse, NoticeMessage } from 'adminjs'
import type { Response } from 'express'
import { Not } from 'typeorm'
import type { SessionSourceStatusRow } from '../database/rows.js'
import type { SessionKind } from '../session-fields.js'
import { messageOf } from '../text/error-message.js'
import { rowValue } from '../text/stored-value.js'
import { onlyVisible } from './access.js'
import type { Way } from './cut.js'
import type { KeepOutAnswer, KeepOutQuestion } from './page-answers.js'
import { askToKeepOut } from './keep-out.js'
import { questionOf } from './remove-request.js'
import { answerOf, type RemoveParts } from './remove.action.js'
import { seenSources } from './source-health.js'
import { adminAsking, nameOf } from './admin-asker.js'
import { keepOutOf } from '../database/source-status.js'

/** How long the page waits until it is known whether they are kept out, in ms; ProFTPD hears of it once a second at most. */
const waitsFor = 5000

type KeepOutParts = Omit<RemoveParts, 'component'> & {
  components: { KeepOutDrawer: string }
}

type Answer = { records: []; notice?: NoticeMessage & { options: object } } & Partial<KeepOutAnswer>

/**
 * The action `keepOut` of `SessionHold`: keeps a login or an address out of sources, whether anything of it is open there
 * or not. A GET says which sources can; a POST records it for each of them, as a removal about no session.
 */
export function keepOutAction(parts: KeepOutParts): Partial<Action<ActionResponse>> {
  const { access, database, records } = parts
  return {
    actionType: 'resource',
    icon: 'Slash',
    component: parts.components.KeepOutDrawer,
    showInDrawer: true,
    before: onlyVisible(access),
    handler: async (request, response: Response, context): Promise<Answer> => {
      const refused = (problem: string): Answer => ({
        records: [],
        notice: { message: 'keepOutRefused', type: 'error', options: { problem }, resourceId: context.resource.id() },
      })
      try {
        const statuses = await database.sourceStatuses.find({
          where: { state: Not('dropped' as const) },
          order: { name: 'ASC', host: 'ASC' },
        })
        const seen = await seenSources(statuses, access, context)
        const sources = seen.map((status) => ({ ...sourceOf(status), keepOut: keepOutOf(status) }))
        if (request.method !== 'post') return { records: [], sources }
        const question = keepOutQuestionOf(request)
        if (typeof question === 'string') return refused(question)
        const batch = question.batch ?? randomUUID()
        const asker = await records.askerOf(batch)
        const removedBy = nameOf(context.currentAdmin)
        if (asker !== undefined && asker !== removedBy) return refused('this batch is somebody else’s')
        await askToKeepOut(
          parts,
          seen,
          question,
          (kind) => adminAsking(parts, request, response.req, inTableOf(kind, context)),
          { batch, removedVia: 'admin', removedBy, removedFromIp: response.req?.ip ?? null },
        )
        const removals = (
          await Promise.all((['panel', 'ftp'] as const).map((kind) => records.outcomes(batch, kind, waitsFor)))
        ).flat()
        return {
          ...{ records: [], sources, batch },
          removals: removals.map((removal) => ({
            ...answerOf(removal, statuses),
            ...{ host: removal.host, source: removal.source },
          })),
        }
      } catch (error) {
        return refused(messageOf(error))
      }
    },
  }
}

/** As if it were asked about that kind's table: `access.list` may tell them apart. */
function inTableOf(kind: SessionKind, context: ActionContext): ActionContext {
  const id = kind === 'panel' ? 'PanelSession' : 'FtpSession'
  return { ...context, resource: context._admin.resources.find((one) => one.id() === id) ?? context.resource }
}

const sourceOf = ({ host, name, kind }: SessionSourceStatusRow) => ({ host, name, kind })

/** The body, checked; or what is wrong with it. */
function keepOutQuestionOf(request: ActionRequest): KeepOutQuestion | string {
  const { by, value, minutes, sources, batch, reason } = (request.payload ?? {}) as Record<string, unknown>
  const question = questionOf({ ...request, payload: { batch, reason, keepOut: { by, minutes } } })
  if (typeof question === 'string') return question
  if (typeof value !== 'string' || value.trim() === '') return 'value is no login and no address'
  if (sources !== undefined && !(Array.isArray(sources) && sources.every(isSource)))
    return 'sources is not a list of { host, name }'
  return {
    ...question,
    ...{ by: by as Way, value: String(rowValue(value.trim())), minutes: minutes as number | null },
    sources: sources as KeepOutQuestion['sources'],
  }
}

function isSource(value: unknown): boolean {
  const { host, name } = (value ?? {}) as Record<string, unknown>
  return typeof host === 'string' && typeof name === 'string'
}
