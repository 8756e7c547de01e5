import type { ComponentLoader, PageHandler, ResourceOptions, ResourceWithOptions } from 'adminjs'
import { dashboardHandler } from '../actions/dashboard.js'
import { onlyVisible } from '../actions/access.js'
import { knownFilters } from '../actions/known-filters.js'
import { registerComponents } from '../components/index.js'
import type { Tables } from '../database/entities.js'
import { ftpSession } from './ftp-session.resource.js'
import { panelSession } from './panel-session.resource.js'
import { formsOf } from './properties.js'
import type { ResourceParts } from './resource-parts.js'
import { sessionHistory } from './session-history.resource.js'
import { peopleOnly, sessionHold } from './session-hold.resource.js'
import { sessionRemoval } from './session-removal.resource.js'
import { sessionSourceStatus } from './session-source-status.resource.js'
import { SourceStatusResource } from './source-status-table.js'
import { SessionResource } from './table-resource.js'

const navigation = { name: 'Sessions', icon: 'Users' }

/** The package's resources, ready for `new AdminJS({ resources })`, and its dashboard. */
export function adminResources(
  given: Omit<ResourceParts, 'components' | 'forms'> & { componentLoader: ComponentLoader },
): { resources: ResourceWithOptions[]; dashboard: { component: string; handler: PageHandler } } {
  const components = registerComponents(given.componentLoader)
  const parts = { ...given, components, forms: formsOf(components) }
  const visible = { before: onlyVisible(parts.access) }
  /** Rows are made and ended by collectors and removals, never by a form; nor does a form's refusal tell which there are. */
  const never = { ...visible, isAccessible: false, isVisible: false }
  const resource = (
    id: keyof Tables & keyof typeof parts.database.models,
    options: ResourceOptions,
    { only, Table = SessionResource }: { only?: Record<string, unknown>; Table?: typeof SessionResource } = {},
  ): ResourceWithOptions => {
    const properties = Object.entries(options.properties ?? {})
    const choices = properties.filter(([, property]) => property.availableValues !== undefined)
    return {
      resource: new Table(parts.database.models[id], new Set(choices.map(([name]) => name)), only),
      options: {
        id,
        navigation,
        ...options,
        actions: {
          new: never,
          edit: never,
          delete: never,
          bulkDelete: never,
          show: visible,
          search: visible,
          list: { before: [onlyVisible(parts.access), knownFilters] },
          ...options.actions,
        },
      },
    }
  }
  const resources = [
    resource('PanelSession', panelSession(parts)),
    resource('FtpSession', ftpSession(parts)),
    resource('SessionRemoval', sessionRemoval(parts)),
    resource('SessionHistory', sessionHistory(parts)),
    resource('SessionHold', sessionHold(parts), { only: peopleOnly }),
    resource('SessionSourceStatus', sessionSourceStatus(parts), { Table: SourceStatusResource }),
  ]
  return { resources, dashboard: { component: components.Dashboard, handler: dashboardHandler(parts) } }
}
