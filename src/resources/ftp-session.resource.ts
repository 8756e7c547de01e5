import { everythingAction } from '../actions/everything.action.js'
import { listAction, showAction } from '../actions/list.action.js'
import { refreshAction } from '../actions/refresh.action.js'
import { removeAction } from '../actions/remove.action.js'
import { removeAllAction } from '../actions/remove-all.action.js'
import { fieldsOf } from '../session-fields.js'
import type { ResourceParts } from './resource-parts.js'

/** `FtpSession`: who is connected by FTP. */
export function ftpSession(parts: ResourceParts) {
  const {
    components,
    forms: { filter, session, shown, value },
  } = parts
  const properties = session('ftp')
  return {
    // An order that stands still.
    sort: { sortBy: 'connectedAt', direction: 'desc' as const },
    listProperties: ['login', 'status', 'domain', 'fileName', 'progress', 'ip', 'connectedAt', 'lastActiveAt'],
    showProperties: [...fieldsOf('ftp'), 'host', 'source', 'key'],
    filterProperties: [
      ...['login', 'type', 'status', 'condition', 'domain', 'location', 'fileName', 'ip', 'protocol', 'connectedAt'],
      ...['lastActiveAt', 'source', 'host'],
    ],
    properties: {
      ...properties,
      status: { ...properties.status, ...shown('StatusCell') },
      domain: filter,
      fileName: shown('FileCell'),
      movedBytes: { ...properties.movedBytes, ...value('at-least') },
    },
    actions: {
      list: listAction('ftp', { ...parts, component: components.SessionsList }),
      show: showAction('ftp', components.RecordPage, parts),
      remove: removeAction('ftp', { ...parts, component: components.RemoveDrawer }),
      everything: everythingAction(parts, components.Everything),
      removeAll: removeAllAction('ftp', { ...parts, component: components.RemoveAllDrawer }),
      refresh: refreshAction('ftp', parts),
    },
  }
}
