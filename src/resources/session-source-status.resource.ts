import type { ResourceOptions } from 'adminjs'
import { liveList, liveRecord } from '../actions/live.js'
import type { ResourceParts } from './resource-parts.js'

/** `SessionSourceStatus`: every place that sessions are read from, and whether it can be read. */
export function sessionSourceStatus(parts: ResourceParts): ResourceOptions {
  const {
    components,
    forms: { text, time, value, word, shown },
  } = parts
  return {
    sort: { sortBy: 'name', direction: 'asc' },
    listProperties: ['name', 'host', 'kind', 'evidence', 'state', 'sessions', 'lastGoodAt', 'error', 'warning'],
    showProperties: [
      'name',
      'host',
      'kind',
      'evidence',
      'state',
      'sessions',
      'lastGoodAt',
      'failingSince',
      'error',
      'warning',
    ],
    properties: {
      name: { isTitle: true, ...text },
      host: text,
      kind: word(['panel', 'ftp']),
      evidence: word(['live', 'log']),
      state: { ...word(['starting', 'ok', 'failing', 'dropped']), ...shown('SourceStateCell') },
      sessions: value('text'),
      lastGoodAt: time,
      seenAt: time,
      failingSince: time,
      error: text,
      warning: text,
    },
    actions: {
      list: liveList(['sources'], parts, components.RecordsList),
      show: liveRecord(['sources'], parts, components.RecordPage),
    },
  }
}
