import type { Action } from 'adminjs'
import { onlyVisible, type Access } from './access.js'

/**
 * The page of one person (`?person=shop`) or one address (`?ip=192.0.2.1`): what is open in browser and by FTP, what was
 * removed, what has ended, and who is kept out. It asks the lists for all of that, so it shows no more than they do.
 */
export function everythingAction(access: Access, component: string): Partial<Action<{ records: [] }>> {
  return {
    actionType: 'resource',
    showResourceActions: false,
    icon: 'User',
    component,
    before: onlyVisible(access),
    handler: () => Promise.resolve({ records: [] }),
  }
}
