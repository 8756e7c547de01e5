import { ForbiddenError, type Action, type RecordActionResponse } from 'adminjs'
import type { Response } from 'express'
import type { Collector } from '../collectors/engine/collector.js'
import type { Holds } from '../database/holds.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { HoldRow } from '../database/rows.js'
import { inEnglish } from '../text/said.js'
import { mayRemove, onlyVisible, type Access } from './access.js'
import { asItWas } from './as-it-was.js'
import { nameOf } from './asker.js'
import { foreignOrigin } from './same-origin.js'

interface ReleaseParts {
  access: Access
  records: RemovalRecords
  holds: Holds
  collectors: readonly Collector[]
  origins: readonly string[]
}

/**
 * Lets a login or an address in again before its time. In the place of AdminJS's own `delete`, which asks first and
 * sends a POST. Whoever may end the session that the hold came from may release it, and is then on record with the
 * removal, which goes on saying until when it was asked for.
 */
export function releaseAction({
  access,
  records,
  holds,
  collectors,
  origins,
}: ReleaseParts): Partial<Action<RecordActionResponse>> {
  return {
    isVisible: true,
    isAccessible: true,
    before: onlyVisible(access),
    handler: async (request, response: Response, context) => {
      const { record, h, currentAdmin, resource } = context
      const hold = record?.params as HoldRow | undefined
      const foreign = foreignOrigin(response.req, origins)
      if (request.method !== 'post' || foreign !== undefined || hold === undefined)
        throw new ForbiddenError(foreign ? inEnglish([foreign]) : 'forbiddenError')
      const removal = hold.removalId === null ? null : await records.byId(hold.removalId)
      if (!removal?.session || !(await mayRemove(access, context, asItWas(removal.session))))
        throw new ForbiddenError('forbiddenError')
      // On record first, as with every act; the first to release it stands there.
      await records.released(removal.id, nameOf(currentAdmin))
      await holds.release(Number(hold.id))
      for (const collector of collectors) collector.changed()
      return {
        record: record!.toJSON(currentAdmin),
        redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
        notice: { message: 'holdReleased', type: 'success', resourceId: resource.id() },
      }
    },
  }
}
