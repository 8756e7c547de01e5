import { ForbiddenError, type Action, type ActionContext, type ActionRequest, type RecordActionResponse } from 'adminjs'
import type { Response } from 'express'
import type { Collector } from '../collectors/engine/collector.js'
import type { Holds } from '../database/holds.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { HoldRow, SessionRemovalRow } from '../database/rows.js'
import { inEnglish } from '../text/said.js'
import { mayRemove, onlyVisible, type Access } from './access.js'
import { asItWas } from './as-it-was.js'
import { letIn } from './let-in.js'
import { foreignOrigin } from './same-origin.js'
import { nameOf } from './admin-asker.js'

interface ReleaseParts {
  access: Access
  records: RemovalRecords
  holds: Holds
  collectors: readonly Collector[]
  origins: readonly string[]
}

/**
 * Lets a login or an address in again before its time. In the place of AdminJS's own `delete` of `SessionHold`, which asks
 * first and sends a POST.
 */
export function releaseAction(parts: ReleaseParts): Partial<Action<RecordActionResponse>> {
  return {
    isVisible: true,
    isAccessible: true,
    before: onlyVisible(parts.access),
    handler: (request, response: Response, context) => {
      const { id, removalId } = (context.record?.params ?? {}) as Partial<HoldRow>
      return release(parts, removalId ?? null, () => parts.holds.release(Number(id)), request, response, context)
    },
  }
}

/** The action `release` of `SessionRemoval`: lets everybody in again whom this removal keeps out. */
export function releaseAllOfAction(parts: ReleaseParts): Partial<Action<RecordActionResponse>> {
  return {
    actionType: 'record',
    // A link to an action is a GET; the page has a button of its own.
    isVisible: false,
    isAccessible: true,
    before: onlyVisible(parts.access),
    handler: (request, response: Response, context) => {
      const { id } = (context.record?.params ?? {}) as Partial<SessionRemovalRow>
      const takeBack = () => parts.holds.releaseOf([Number(id)], ['login', 'ip'])
      return release(parts, id ?? null, takeBack, request, response, context)
    },
  }
}

/**
 * Whoever may end the session that is the reason for it may release it, and is then on record with the removal, which goes
 * on saying until when it was asked for.
 */
async function release(
  parts: ReleaseParts,
  removalId: number | null,
  takeBack: () => Promise<HoldRow[]>,
  { method }: ActionRequest,
  response: Response,
  context: ActionContext,
): Promise<RecordActionResponse> {
  const { access, records, origins } = parts
  const { record, h, currentAdmin, resource } = context
  const foreign = foreignOrigin(response.req, origins)
  if (method !== 'post' || foreign !== undefined)
    throw new ForbiddenError(foreign ? inEnglish([foreign]) : 'forbiddenError')
  const removal = removalId === null ? null : await records.byId(removalId)
  if (!removal?.session || !(await mayRemove(access, context, asItWas(removal.session))))
    throw new ForbiddenError('forbiddenError')
  await letIn(parts, removal.id, nameOf(currentAdmin), takeBack)
  return {
    record: record!.toJSON(currentAdmin),
    redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
    notice: { message: 'holdReleased', type: 'success', resourceId: resource.id() },
  }
}
