import { ForbiddenError, type Action, type RecordActionResponse } from 'adminjs'
import type { Response } from 'express'
import type { Collector } from '../collectors/engine/collector.js'
import type { Holds } from '../collectors/engine/holds.js'
import type { Database } from '../resources/database.js'
import type { HoldRow } from '../resources/rows.js'
import { mayRemove, onlyVisible, type Access } from './access.js'
import { foreignOrigin } from './same-origin.js'

interface ReleaseParts {
  access: Access
  database: Database
  holds: Holds
  collectors: readonly Collector[]
}

/**
 * Lets a login or an address in again before its time. In the place of AdminJS's own `delete`, which asks first and
 * sends a POST. Whoever may end the session that the hold came from may release it; the removal then says when it ended.
 */
export function releaseAction({
  access,
  database,
  holds,
  collectors,
}: ReleaseParts): Partial<Action<RecordActionResponse>> {
  return {
    isVisible: true,
    isAccessible: true,
    before: onlyVisible(access),
    handler: async (request, response: Response, context) => {
      const { record, h, currentAdmin, resource } = context
      const hold = record!.params as HoldRow
      const foreign = foreignOrigin(response.req)
      if (request.method !== 'post' || foreign !== undefined || hold.by === 'session')
        throw new ForbiddenError(foreign ?? 'forbiddenError')
      const removal = hold.removalId === null ? null : await database.removals.findOneBy({ id: hold.removalId })
      if (!removal?.session || !(await mayRemove(access, context, removal.session)))
        throw new ForbiddenError('forbiddenError')
      await holds.release({ id: Number(hold.id) })
      await database.removals.update({ id: removal.id }, { keepOutUntil: new Date() })
      for (const collector of collectors) collector.changed()
      return {
        record: record!.toJSON(currentAdmin),
        redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
        notice: { message: 'holdReleased', type: 'success', resourceId: resource.id() },
      }
    },
  }
}
