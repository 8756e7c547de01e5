import { csvAction } from '../actions/csv.action.js'
import { liveList, liveRecord } from '../actions/live.js'
import { endings } from '../database/rows.js'
import type { ResourceParts } from './resource-parts.js'

const fields = [
  ...['kind', 'login', 'person', 'type', 'how', 'ip', 'startedAt', 'endedAt', 'lastActiveAt', 'movedBytes', 'domain'],
  ...['protocol', 'logonIp', 'userAgent', 'host', 'source', 'key'],
]

/** `SessionHistory`: every session that has ended, how, when, after how long. */
export function sessionHistory(parts: ResourceParts) {
  const { components } = parts
  const { where, value, text, filter, time, word } = parts.forms
  return {
    sort: { sortBy: 'endedAt', direction: 'desc' as const },
    listProperties: ['login', 'kind', 'how', 'ip', 'startedAt', 'endedAt', 'duration', 'movedBytes'],
    showProperties: fields.flatMap((field) => (field === 'endedAt' ? [field, 'duration'] : field)),
    filterProperties: [
      ...['search', 'login', 'person', 'kind', 'how', 'type', 'ip', 'domain', 'startedAt', 'endedAt', 'source', 'host'],
    ],
    properties: {
      ...where,
      // Over login, person, address and domain.
      search: { type: 'string' as const, isVisible: { list: false, show: false, edit: false, filter: true } },
      login: { isTitle: true, ...filter },
      person: filter,
      kind: word(['panel', 'ftp']),
      how: word(endings),
      // Its words are whatever the host adds.
      type: value('word'),
      ip: filter,
      logonIp: text,
      userAgent: text,
      domain: filter,
      protocol: word(['ftp', 'ftps', 'sftp']),
      startedAt: time,
      endedAt: time,
      lastActiveAt: time,
      duration: value('duration'),
      movedBytes: { type: 'number' as const, ...value('at-least') },
    },
    actions: {
      csv: csvAction(parts, components.CsvDrawer, ['id', ...fields]),
      list: liveList(['history'], parts, components.RecordsList),
      show: liveRecord(['history'], parts, components.RecordPage),
    },
  }
}
