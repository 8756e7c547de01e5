import type { Action } from 'adminjs'
import { onlyVisible } from './access.js'
import { live, type LiveParts } from './live.js'

/**
 * The page of one person (`?person=shop`) or one address (`?ip=192.0.2.1`): what is open in browser and by FTP, what was
 * removed, what has ended, and who is kept out. It asks the lists for all of that, so it shows no more than they do; this
 * action says when to ask again.
 */
export function everythingAction(parts: LiveParts, component: string): Partial<Action<{ records: [] }>> {
  const { before, after } = live<{ records: [] }, object>(['panel', 'ftp', 'removals', 'holds', 'history'], parts)
  return {
    actionType: 'resource',
    showResourceActions: false,
    icon: 'User',
    component,
    before: [onlyVisible(parts.access), ...before],
    handler: () => Promise.resolve({ records: [] }),
    after,
  }
}
