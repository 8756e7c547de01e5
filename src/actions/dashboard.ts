import { Filter, type ActionContext, type ActionRequest, type PageContext, type RecordJSON } from 'adminjs'
import { Not } from 'typeorm'
import { trafficSince } from '../database/traffic.js'
import type { SessionKind } from '../session-fields.js'
import { visibleTo, withVisible } from './access.js'
import type { DashboardAnswer, KindAnswer, LiveAnswer, UnchangedAnswer } from './page-answers.js'
import { live, type LiveParts } from './live.js'
import type { ScopedTable } from './scope.js'
import { sourcesFor } from './source-health.js'
import { staleSince } from './source-state.js'
import { markPending } from './why-pending.js'

const resourceIds: Record<SessionKind, string> = { panel: 'PanelSession', ftp: 'FtpSession' }

/** How many of the last removals are shown. */
const removals = 5

const hour = 3600_000

/**
 * The handler of AdminJS's dashboard: what is open now, what went through in the last hour and day, the sources, the last
 * removals. Of each only what the asker may see; of what went through only for whoever may see every FTP session, for it
 * is one sum.
 */
export function dashboardHandler(parts: LiveParts) {
  const { access, database, onlineFor } = parts
  const { before, after } = live<DashboardAnswer, object>(
    ['panel', 'ftp', 'removals', 'holds', 'sources', 'traffic'],
    parts,
  )

  return async (
    request: unknown,
    _response: unknown,
    page: PageContext,
  ): Promise<(DashboardAnswer & { sessions: LiveAnswer }) | UnchangedAnswer> => {
    const asked = request as ActionRequest
    const inTable = (resourceId: string) =>
      ({ ...page, resource: page._admin.findResource(resourceId) }) as ActionContext
    const context = inTable('SessionSourceStatus')
    for (const hook of before) await hook(asked, context)

    const seenOf = (resourceId: string) => visibleTo(access, inTable(resourceId))
    const seen = { panel: await seenOf(resourceIds.panel), ftp: await seenOf(resourceIds.ftp) }
    const statuses = await database.sourceStatuses.find({
      where: { state: Not('dropped' as const) },
      order: { name: 'ASC', host: 'ASC' },
    })
    const now = Date.now()
    const found: DashboardAnswer = {
      panel: await kindFor('panel'),
      ftp: await kindFor('ftp'),
      traffic:
        seen.ftp !== undefined && Object.keys(seen.ftp).length === 0
          ? {
              hour: await trafficSince(database.traffic, new Date(now - hour), 1),
              day: await trafficSince(database.traffic, new Date(now - 24 * hour), 15),
            }
          : null,
      ...(await sourcesFor(statuses, access, context)),
      removals: await lastRemovals(),
    }
    return (await after(found, asked, context)) as never

    async function kindFor(kind: SessionKind): Promise<KindAnswer | null> {
      const inKind = inTable(resourceIds[kind])
      const fields = seen[kind]
      if (fields === undefined) return null
      const narrowed = withVisible(inKind, fields)
      const all = new Filter({}, inKind.resource)
      const table = inKind.resource as unknown as ScopedTable
      const stale = statuses.filter((status) => status.kind === kind && staleSince(status) !== null)
      return {
        total: await inKind.resource.count(all, narrowed),
        types: await table.countBy('type', all, narrowed),
        sources: await table.countBy('source', all, narrowed),
        ...(await table.totals(all, narrowed, { onlineSince: new Date(now - onlineFor), stale })),
      }
    }

    async function lastRemovals(): Promise<RecordJSON[] | null> {
      const inRemovals = inTable('SessionRemoval')
      const fields = await seenOf('SessionRemoval')
      if (fields === undefined) return null
      const { resource } = inRemovals
      const sort = { sortBy: 'requestedAt', direction: 'desc' as const }
      const records = await resource.find(
        new Filter({}, resource),
        { limit: removals, offset: 0, sort },
        withVisible(inRemovals, fields),
      )
      const found = records.map((record) => record.toJSON(page.currentAdmin))
      await markPending(found, database)
      return found
    }
  }
}
