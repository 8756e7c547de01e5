import { randomUUID } from 'node:crypto'
import type { Action, ActionContext, ActionRequest, ActionResponse, NoticeMessage } from 'adminjs'
import type { Response } from 'express'
import { Not } from 'typeorm'
import type { SessionSourceStatusRow } from '../database/rows.js'
import { sessionFields, type SessionKind } from '../session-fields.js'
import { messageOf } from '../text/error-message.js'
import { rowValue } from '../text/stored-value.js'
import { onlyVisible } from './access.js'
import { nameOf } from './asker.js'
import { sessionsOf, type Row, type Way } from './cut.js'
import type { KeepOutAnswer, KeepOutQuestion } from './http-api.js'
import { RemovalDecision, type Decision } from './remove-decision.js'
import { questionOf } from './remove-request.js'
import { answerOf, type RemoveParts } from './remove.action.js'
import { keepOutOf, seenSources } from './source-health.js'

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
        const decided = await decide(parts, seen.filter(isAskedFor(question)), question, request, response, context)
        await records.ask(
          decided.map(({ status, decision }) => ({
            ...{ batch, kind: status.kind, removedVia: 'admin' as const, removedBy },
            ...{ removedFromIp: response.req?.ip ?? null, recordId: decision.recordId },
            ...{ host: status.host, source: status.name, reason: question.reason ?? null },
            ...(decision.is === 'recorded'
              ? decision.record
              : { outcome: 'refused' as const, said: decision.is === 'denied' ? [decision.said] : [] }),
          })),
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

/** Each source decides by itself: what a ban there would cut is not the same. */
async function decide(
  { access, database, records, ownKeys, origins }: KeepOutParts,
  statuses: SessionSourceStatusRow[],
  { by, value, ...question }: KeepOutQuestion,
  request: ActionRequest,
  response: Response,
  context: ActionContext,
): Promise<{ status: SessionSourceStatusRow; decision: Decision }[]> {
  return Promise.all(
    statuses.map(async (status, i) => {
      const { kind } = status
      const sessions = sessionsOf(database, kind)
      const id = kind === 'panel' ? 'PanelSession' : 'FtpSession'
      const resource = context._admin.resources.find((one) => one.id() === id) ?? context.resource
      const decision = new RemovalDecision(
        { access, kind, sessions, statuses, database, records, ownKeys, origins },
        request,
        response.req,
        { ...context, resource },
        { ...question, keepOut: { by, minutes: question.minutes } },
      )
      // Below 1: the id of no row.
      return { status, decision: await decision.ofName(nameless(status, kind, by, value, -1 - i)) }
    }),
  )
}

/** A session of which nothing is known but its source and its login or address: what the host is asked about. */
function nameless(status: SessionSourceStatusRow, kind: SessionKind, by: Way, value: string, id: number): Row {
  const unknown = Object.fromEntries(Object.keys(sessionFields[kind]).map((field) => [field, null]))
  const { host, name } = status
  return {
    ...unknown,
    id,
    host,
    source: name,
    key: null,
    [by]: value,
    ...(by === 'login' && { person: value }),
  } as never
}

const sourceOf = ({ host, name, kind }: SessionSourceStatusRow) => ({ host, name, kind })

/** The sources that were named, or all that can. */
function isAskedFor({ by, sources }: KeepOutQuestion) {
  return (status: SessionSourceStatusRow) =>
    sources === undefined
      ? keepOutOf(status).includes(by)
      : sources.some(({ host, name }) => host === status.host && name === status.name)
}

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
