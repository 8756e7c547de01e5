import type { ResourceOptions } from 'adminjs'
import { csvAction } from '../actions/csv.action.js'
import { endings } from '../database/rows.js'
import type { ResourceParts } from './resource-parts.js'

const fields = [
  ...['kind', 'login', 'person', 'type', 'how', 'ip', 'startedAt', 'endedAt', 'lastActiveAt', 'movedBytes', 'domain'],
  ...['protocol', 'logonIp', 'userAgent', 'host', 'source', 'key'],
]

/** `SessionHistory`: every session that has ended, how, when, after how long. */
export function sessionHistory(parts: ResourceParts): ResourceOptions {
  const { where, value, text, filter, time, word } = parts.forms
  return {
    sort: { sortBy: 'endedAt', direction: 'desc' },
    listProperties: ['login', 'kind', 'how', 'ip', 'startedAt', 'endedAt', 'duration', 'movedBytes'],
    showProperties: fields.flatMap((field) => (field === 'endedAt' ? [field, 'duration'] : field)),
    filterProperties: [
      ...['search', 'login', 'person', 'kind', 'how', 'type', 'ip', 'domain', 'startedAt', 'endedAt', 'source', 'host'],
    ],
    properties: {
      ...where,
      // Over login, person, address and domain.
      search: { type: 'string', isVisible: { list: false, show: false, edit: false, filter: true } },
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
      movedBytes: { type: 'number', ...value('at-least') },
    },
    actions: { csv: csvAction(parts, parts.components.CsvDrawer, ['id', ...fields]) },
  }
}
