import type { Action } from 'adminjs'
import type { Collector } from '../collectors/engine/collector.js'
import type { SessionKind } from '../session-source.js'
import type { Database } from '../database/open-database.js'
import { onlyVisible, type Access } from './access.js'
import { seenSources } from './source-health.js'

interface RefreshParts {
  access: Access
  database: Pick<Database, 'sourceStatuses'>
  collectors: readonly Collector[]
}

/**
 * Looks at every source of this process at once, and answers when that is done: what the Refresh button asks for. Names
 * the sources that could not be read, as far as the asker may see them.
 */
export function refreshAction(
  kind: SessionKind,
  parts: RefreshParts,
): Partial<Action<{ records: []; failing: string[] }>> {
  const { access, database } = parts
  const collectors = parts.collectors.filter(({ source }) => source.kind === kind)
  return {
    actionType: 'resource',
    isVisible: false,
    before: onlyVisible(access),
    handler: async (_request, _response, context) => {
      const looks = await Promise.allSettled(collectors.map((collector) => collector.renew()))
      const failing = collectors.filter((_, i) => looks[i].status === 'rejected').map(({ source }) => source.name)
      if (failing.length === 0) return { records: [], failing }
      const seen = await seenSources(await database.sourceStatuses.findBy({ kind }), access, context)
      return { records: [], failing: failing.filter((name) => seen.some((status) => status.name === name)) }
    },
  }
}
