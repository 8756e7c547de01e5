import type { ComponentLoader, PropertyOptions, ResourceOptions, ResourceWithOptions } from 'adminjs'
import { onlyVisible, type Access } from '../actions/access.js'
import { listAction } from '../actions/list.action.js'
import { refreshAction } from '../actions/refresh.action.js'
import { removeAction } from '../actions/remove.action.js'
import type { Collector } from '../collectors/engine/collector.js'
import type { RemovalRequests } from '../collectors/engine/removal-requests.js'
import type { SessionKind } from '../collectors/engine/session-source.js'
import { registerComponents } from '../components/index.js'
import { translationsOf } from '../translations/index.js'
import type { Database } from './database.js'
import { SessionResource } from './session-resource.js'

export interface ResourceParts {
  componentLoader: ComponentLoader
  database: Database
  access: Access
  requests: RemovalRequests
  collectors: readonly Collector[]
  refreshEvery: number
}

type Properties = Record<string, PropertyOptions>

const navigation = { name: 'Sessions', icon: 'Users' }
const never = { isAccessible: false, isVisible: false }
/** Rows are made and ended by collectors and removals, never by a form. */
const readOnly = { new: never, edit: never, delete: never, bulkDelete: never }

/** The package's resources, ready for `new AdminJS({ resources })`. */
export function adminResources(parts: ResourceParts): ResourceWithOptions[] {
  const components = registerComponents(parts.componentLoader)
  const { models } = parts.database
  const visible = onlyVisible(parts.access)
  const resource = (id: keyof typeof models, options: ResourceOptions & { properties: Properties }): ResourceWithOptions => {
    const choices = Object.entries(options.properties).filter(([, property]) => property.availableValues !== undefined)
    return {
      resource: new SessionResource(models[id], new Set(choices.map(([name]) => name))),
      options: {
        id,
        navigation,
        translations: translationsOf(id),
        ...options,
        actions: {
          ...readOnly,
          show: { before: visible },
          search: { before: visible },
          list: { before: visible },
          ...options.actions,
        },
      },
    }
  }
  const live = (kind: SessionKind) => ({
    list: listAction(kind, { ...parts, component: components.SessionsList }),
    remove: removeAction(kind, { ...parts, component: components.RemoveSessions }),
    refresh: refreshAction(parts.collectors.filter(({ source }) => source.kind === kind)),
  })
  const time: PropertyOptions = { type: 'datetime', components: { list: components.TimeCell, show: components.TimeShow } }
  const idle: PropertyOptions = { type: 'datetime', components: { list: components.IdleCell, show: components.TimeShow } }
  const login: PropertyOptions = { isTitle: true, components: { list: components.LoginCell } }

  return [
    resource('PanelSession', {
      sort: { sortBy: 'lastActiveAt', direction: 'desc' },
      listProperties: ['login', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt'],
      showProperties: ['type', 'login', 'ip', 'logonIp', 'userAgent', 'loggedInAt', 'lastActiveAt', 'expiresAt', 'host', 'source', 'key'],
      filterProperties: ['login', 'type', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt', 'source', 'host'],
      properties: {
        login,
        ip: { components: { list: components.IpCell } },
        userAgent: { components: { list: components.UserAgentCell } },
        loggedInAt: time,
        lastActiveAt: idle,
        expiresAt: time,
      },
      actions: live('panel'),
    }),
    resource('FtpSession', {
      sort: { sortBy: 'lastActiveAt', direction: 'desc' },
      listProperties: ['login', 'status', 'domain', 'fileName', 'progress', 'ip', 'connectedAt', 'lastActiveAt'],
      showProperties: [
        'type', 'status', 'condition', 'login', 'domain', 'location', 'fileName', 'command', 'transferredBytes', 'totalBytes',
        'bytesPerSecond', 'progress', 'ip', 'protocol', 'connectedAt', 'lastActiveAt', 'host', 'source', 'key',
      ], // prettier-ignore
      filterProperties: ['login', 'type', 'status', 'condition', 'domain', 'location', 'fileName', 'ip', 'protocol', 'connectedAt', 'lastActiveAt', 'source', 'host'],
      properties: {
        login,
        type: { availableValues: choicesOf('FtpSession', 'type', ['domain-user', 'subdomain-user', 'web-user', 'anonymous', 'not-registered']) },
        status: {
          availableValues: choicesOf('FtpSession', 'status', ['authenticating', 'idle', 'uploading', 'downloading', 'listing', 'busy']),
          components: { list: components.StatusCell },
        },
        condition: { availableValues: choicesOf('FtpSession', 'condition', ['normal', 'orphaned', 'unreadable']) },
        protocol: { availableValues: ['ftp', 'ftps', 'sftp'].map((value) => ({ value, label: value.toUpperCase() })) },
        fileName: { components: { list: components.FileCell } },
        transferredBytes: { type: 'number', components: { show: components.BytesShow } },
        totalBytes: { type: 'number', components: { show: components.BytesShow } },
        bytesPerSecond: { type: 'number', components: { show: components.SpeedShow } },
        progress: { type: 'number', components: { list: components.ProgressCell } },
        ip: { components: { list: components.IpCell } },
        connectedAt: time,
        lastActiveAt: idle,
      },
      actions: live('ftp'),
    }),
    resource('SessionRemoval', {
      sort: { sortBy: 'requestedAt', direction: 'desc' },
      listProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'requestedAt', 'reason', 'cameBackAt'],
      showProperties: [
        'kind', 'login', 'ip', 'outcome', 'message', 'reason', 'removedBy', 'removedVia', 'removedFromIp', 'requestedAt',
        'startedAt', 'finishedAt', 'cameBackAt', 'host', 'source', 'key', 'batch', 'session',
      ], // prettier-ignore
      filterProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'removedVia', 'requestedAt', 'source', 'host'],
      properties: {
        login: { isTitle: true, components: { list: components.TextCell } },
        kind: { availableValues: choicesOf('SessionRemoval', 'kind', ['panel', 'ftp']) },
        outcome: {
          availableValues: choicesOf('SessionRemoval', 'outcome', ['pending', 'ended', 'already-gone', 'refused', 'failed', 'unknown']),
          components: { list: components.OutcomeCell },
        },
        removedVia: { availableValues: ['admin', 'policy', 'api', 'cli'].map((value) => ({ value, label: value })) },
        reason: { components: { list: components.TextCell } },
        requestedAt: time,
        startedAt: time,
        finishedAt: time,
        cameBackAt: time,
        session: { type: 'mixed', components: { show: components.SnapshotShow } },
      },
    }),
    resource('SessionSourceStatus', {
      sort: { sortBy: 'name', direction: 'asc' },
      listProperties: ['name', 'host', 'kind', 'evidence', 'state', 'sessions', 'lastGoodAt', 'error'],
      properties: {
        name: { isTitle: true },
        kind: { availableValues: choicesOf('SessionSourceStatus', 'kind', ['panel', 'ftp']) },
        evidence: { availableValues: choicesOf('SessionSourceStatus', 'evidence', ['live', 'log']) },
        state: { availableValues: choicesOf('SessionSourceStatus', 'state', ['starting', 'ok', 'failing']) },
        lastGoodAt: time,
        failingSince: time,
        error: { components: { list: components.TextCell } },
      },
    }),
  ]
}

function choicesOf(_resource: string, _property: string, values: string[]): { value: string; label: string }[] {
  return values.map((value) => ({ value, label: value }))
}
