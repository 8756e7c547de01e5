import type { Action } from 'adminjs'
import type { Collector } from '../collectors/engine/collector.js'
import { onlyVisible, type Access } from './access.js'

/** Looks at every source of this process at once, and answers when that is done: what the Refresh button asks for. */
export function refreshAction(
  access: Access,
  collectors: readonly Collector[],
): Partial<Action<{ records: []; failing: string[] }>> {
  return {
    actionType: 'resource',
    isVisible: false,
    before: onlyVisible(access),
    handler: async () => {
      const looks = await Promise.allSettled(collectors.map((collector) => collector.look()))
      return {
        records: [],
        failing: collectors.filter((_, i) => looks[i].status === 'rejected').map(({ source }) => source.name),
      }
    },
  }
}
