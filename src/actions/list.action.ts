import type { Action, ActionContext, ListActionResponse, RecordJSON } from 'adminjs'
import type { SessionKind } from '../collectors/engine/session-source.js'
import { keyOfRequest } from '../collectors/panel/express-sessions/session-key.js'
import type { Database } from '../resources/database.js'
import type { FtpSessionRow, PanelSessionRow, SessionSourceStatusRow } from '../resources/rows.js'
import { onlyVisible, type Access } from './access.js'
import type { ListAnswer, SourceAnswer } from './answers.js'

/** AdminJS's list, with what the live page needs beside the rows. */
export function listAction(kind: SessionKind, parts: { access: Access; database: Database; refreshEvery: number; component: string }): Partial<Action<ListActionResponse>> {
  return {
    component: parts.component,
    before: onlyVisible(parts.access),
    after: async (response: ListActionResponse, request, context) => {
      if (context.action.name !== 'list' || !Array.isArray(response.records)) return response
      const statuses = await parts.database.sourceStatuses.find({ where: { kind }, order: { name: 'ASC', host: 'ASC' } })
      const removable = await Promise.all(
        response.records.map((record) => markRow(record, statuses, ownKey(request), parts.access, context)),
      )
      const sessions: ListAnswer = {
        now: new Date().toISOString(),
        refreshEvery: parts.refreshEvery,
        canRemove: removable.includes(true),
        sources: statuses.map(sourceAnswer),
      }
      return { ...response, sessions }
    },
  }
}

/** The key that the asker's own session has, if it is a session of this back office. */
export function ownKey(request: object): string | undefined {
  return keyOfRequest(request as { sessionID?: string }) ?? undefined
}

/** Marks a row as stale and as one's own, and takes its checkbox where the asker may not end it. */
export async function markRow(
  record: RecordJSON,
  statuses: SessionSourceStatusRow[],
  own: string | undefined,
  access: Access,
  context: ActionContext,
): Promise<boolean> {
  const { host, source, key } = record.params
  const status = statuses.find((candidate) => candidate.host === host && candidate.name === source)
  record.params.staleSince = staleSince(status)?.toISOString() ?? null
  record.params.evidence = status?.evidence ?? null
  if (own !== undefined && key === own) record.params.own = true
  const removable = record.params.own !== true && (await mayRemove(access, context, record.params as PanelSessionRow))
  if (!removable) record.bulkActions = []
  return removable
}

/** The host's word on one session. Anything but `true` is no, and so is an error. */
export async function mayRemove(access: Access, context: ActionContext, session: PanelSessionRow | FtpSessionRow): Promise<boolean> {
  try {
    return (await access.remove(context, session)) === true
  } catch {
    return false
  }
}

/** Since when the rows of a source are not kept true; undefined while they are. */
function staleSince(status: SessionSourceStatusRow | undefined): Date | undefined {
  if (status === undefined || status.state === 'ok') return undefined
  return status.failingSince ?? status.lastGoodAt ?? undefined
}

function sourceAnswer(status: SessionSourceStatusRow): SourceAnswer {
  return {
    host: status.host,
    name: status.name,
    kind: status.kind,
    evidence: status.evidence,
    state: status.state,
    sessions: status.sessions,
    lastGoodAt: status.lastGoodAt?.toISOString() ?? null,
    failingSince: status.failingSince?.toISOString() ?? null,
    error: status.error,
  }
}
