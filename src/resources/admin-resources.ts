import type { ComponentLoader, PropertyOptions, ResourceOptions, ResourceWithOptions } from 'adminjs'
import { onlyVisible, type Access } from '../actions/access.js'
import { listAction } from '../actions/list.action.js'
import { refreshAction } from '../actions/refresh.action.js'
import { removeAction } from '../actions/remove.action.js'
import { releaseAction } from '../actions/release.action.js'
import type { Collector } from '../collectors/engine/collector.js'
import type { Holds } from '../database/holds.js'
import type { RemovalRequests } from '../database/removal-records.js'
import type { SessionKind } from '../session-source.js'
import { registerComponents } from '../components/index.js'
import { translationsOf } from '../translations/index.js'
import type { Database } from '../database/open-database.js'
import { SessionResource } from './table-resource.js'

export interface ResourceParts {
  componentLoader: ComponentLoader
  database: Database
  access: Access
  requests: RemovalRequests
  holds: Holds
  collectors: readonly Collector[]
  refreshEvery: number
}

type Properties = Record<string, PropertyOptions>

const navigation = { name: 'Sessions', icon: 'Users' }

/** The package's resources, ready for `new AdminJS({ resources })`. */
export function adminResources(parts: ResourceParts): ResourceWithOptions[] {
  const components = registerComponents(parts.componentLoader)
  const { models } = parts.database
  const visible = { before: onlyVisible(parts.access) }
  /** Rows are made and ended by collectors and removals, never by a form; nor does a form's refusal tell which there are. */
  const never = { ...visible, isAccessible: false, isVisible: false }
  const resource = (
    id: keyof typeof models,
    options: ResourceOptions & { properties: Properties },
    only?: Record<string, unknown>,
  ): ResourceWithOptions => {
    const choices = Object.entries(options.properties).filter(([, property]) => property.availableValues !== undefined)
    return {
      resource: new SessionResource(models[id], new Set(choices.map(([name]) => name)), only),
      options: {
        id,
        navigation,
        translations: translationsOf(id),
        ...options,
        actions: {
          new: never,
          edit: never,
          delete: never,
          bulkDelete: never,
          show: visible,
          search: visible,
          list: visible,
          ...options.actions,
        },
      },
    }
  }
  const live = (kind: SessionKind) => ({
    list: listAction(kind, { ...parts, component: components.SessionsList }),
    remove: removeAction(kind, { ...parts, component: components.RemoveSessions }),
    refresh: refreshAction(kind, parts),
  })
  const shown = (component: keyof typeof components): PropertyOptions => ({
    components: { list: components[component], show: components[component] },
  })
  const time: PropertyOptions = { type: 'datetime', ...shown('TimeCell') }
  const text = shown('TextCell')
  const word = (values: string[]): PropertyOptions => ({
    availableValues: values.map((value) => ({ value, label: value })),
    ...shown('WordCell'),
  })
  const where: Properties = { host: text, source: text, key: text }

  return [
    resource('PanelSession', {
      sort: { sortBy: 'lastActiveAt', direction: 'desc' },
      listProperties: ['login', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt'],
      showProperties: [
        'type',
        'login',
        'ip',
        'logonIp',
        'userAgent',
        'loggedInAt',
        'lastActiveAt',
        'expiresAt',
        'host',
        'source',
        'key',
      ],
      filterProperties: ['login', 'type', 'ip', 'userAgent', 'loggedInAt', 'lastActiveAt', 'source', 'host'],
      properties: {
        ...where,
        type: shown('WordCell'),
        login: { isTitle: true, ...shown('LoginCell') },
        ip: shown('IpCell'),
        logonIp: text,
        userAgent: shown('UserAgentCell'),
        loggedInAt: time,
        lastActiveAt: { type: 'datetime', ...shown('IdleCell') },
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
      filterProperties: [
        'login', 'type', 'status', 'condition', 'domain', 'location', 'fileName', 'ip', 'protocol', 'connectedAt', 'lastActiveAt', 'source', 'host',
      ], // prettier-ignore
      properties: {
        ...where,
        login: { isTitle: true, ...shown('LoginCell') },
        type: word(['domain-user', 'subdomain-user', 'web-user', 'anonymous', 'not-registered']),
        status: {
          ...word(['authenticating', 'idle', 'uploading', 'downloading', 'listing', 'busy']),
          ...shown('StatusCell'),
        },
        condition: word(['normal', 'orphaned', 'unreadable']),
        protocol: word(['ftp', 'ftps', 'sftp']),
        command: text,
        domain: text,
        location: text,
        fileName: shown('FileCell'),
        transferredBytes: { type: 'number', ...shown('AmountCell') },
        totalBytes: { type: 'number', ...shown('AmountCell') },
        bytesPerSecond: { type: 'number', ...shown('AmountCell') },
        progress: { type: 'number', ...shown('ProgressCell') },
        ip: shown('IpCell'),
        connectedAt: time,
        lastActiveAt: { type: 'datetime', ...shown('IdleCell') },
      },
      actions: live('ftp'),
    }),
    resource('SessionRemoval', {
      sort: { sortBy: 'requestedAt', direction: 'desc' },
      listProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'requestedAt', 'reason'],
      showProperties: [
        'kind', 'login', 'ip', 'outcome', 'message', 'reason', 'removedBy', 'removedVia', 'removedFromIp', 'requestedAt',
        'startedAt', 'finishedAt', 'cameBackAt', 'byForce', 'keepOutBy', 'keepOutUntil', 'releasedBy', 'releasedAt', 'host', 'source', 'key', 'batch', 'session',
      ], // prettier-ignore
      filterProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'removedVia', 'requestedAt', 'source', 'host'],
      properties: {
        ...where,
        login: { isTitle: true, ...text },
        kind: word(['panel', 'ftp']),
        outcome: {
          ...word(['pending', 'ended', 'already-gone', 'refused', 'failed', 'unknown']),
          ...shown('OutcomeCell'),
        },
        removedVia: word(['admin', 'policy', 'api', 'cli']),
        ip: text,
        removedBy: text,
        removedFromIp: text,
        reason: text,
        message: text,
        requestedAt: time,
        startedAt: time,
        finishedAt: time,
        cameBackAt: time,
        keepOutBy: word(['login', 'ip']),
        keepOutUntil: time,
        releasedBy: text,
        releasedAt: time,
        session: shown('SnapshotCell'),
      },
    }),
    resource(
      'SessionHold',
      {
        sort: { sortBy: 'until', direction: 'desc' },
        listProperties: ['value', 'by', 'source', 'host', 'createdAt', 'until'],
        showProperties: ['by', 'value', 'source', 'host', 'createdAt', 'until', 'removalId'],
        filterProperties: ['value', 'by', 'source', 'host', 'until'],
        properties: {
          ...where,
          by: word(['login', 'ip']),
          value: { isTitle: true, ...text },
          createdAt: time,
          until: time,
        },
        actions: { delete: releaseAction(parts) },
      },
      // Ended sessions are held as well; those belong to the removals.
      { by: ['login', 'ip'] },
    ),
    resource('SessionSourceStatus', {
      sort: { sortBy: 'name', direction: 'asc' },
      listProperties: ['name', 'host', 'kind', 'evidence', 'state', 'sessions', 'lastGoodAt', 'error'],
      showProperties: ['name', 'host', 'kind', 'evidence', 'state', 'sessions', 'lastGoodAt', 'failingSince', 'error'],
      properties: {
        name: { isTitle: true, ...text },
        host: text,
        kind: word(['panel', 'ftp']),
        evidence: word(['live', 'log']),
        state: word(['starting', 'ok', 'failing']),
        lastGoodAt: time,
        failingSince: time,
        error: text,
      },
    }),
  ]
}
