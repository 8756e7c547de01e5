import { everythingAction } from '../actions/everything.action.js'
import { listAction, showAction } from '../actions/list.action.js'
import { refreshAction } from '../actions/refresh.action.js'
import { removeAction } from '../actions/remove.action.js'
import { removeAllAction } from '../actions/remove-all.action.js'
import { fieldsOf } from '../session-fields.js'
import type { ResourceParts } from './resource-parts.js'

/** `PanelSession`: who is logged in to the back office. */
export function panelSession(parts: ResourceParts) {
  const {
    components,
    forms: { session, shown, value },
  } = parts
  return {
    // An order that stands still.
    sort: { sortBy: 'loggedInAt', direction: 'desc' as const },
    listProperties: ['login', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt'],
    showProperties: [...fieldsOf('panel'), 'host', 'source', 'key'],
    filterProperties: ['login', 'type', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt', 'source', 'host'],
    properties: {
      ...session('panel'),
      // Its words are whatever the host adds.
      type: value('word'),
      userAgent: shown('UserAgentCell'),
    },
    actions: {
      list: listAction('panel', { ...parts, component: components.SessionsList }),
      show: showAction('panel', components.RecordPage, parts),
      remove: removeAction('panel', { ...parts, component: components.RemoveDrawer }),
      everything: everythingAction(parts, components.Everything),
      removeAll: removeAllAction('panel', { ...parts, component: components.RemoveAllDrawer }),
      refresh: refreshAction('panel', parts),
    },
  }
}
