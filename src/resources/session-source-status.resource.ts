import type { RecordJSON, ResourceOptions } from 'adminjs'
import { liveList, liveRecord } from '../actions/live.js'
import { stateOf } from '../actions/source-state.js'
import type { SessionSourceStatusRow } from '../database/rows.js'
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
      // A table can be sorted by what its rows hold alone, and what they say of a source that is silent is old.
      state: { ...word(['starting', 'ok', 'failing', 'dropped']), ...shown('SourceStateCell'), isSortable: false },
      sessions: value('text'),
      lastGoodAt: time,
      seenAt: time,
      failingSince: time,
      error: value('sentence'),
      warning: value('sentence'),
    },
    actions: {
      list: liveList(['sources'], parts, components.RecordsList, async ({ records }) => asTheyAre(records)),
      show: liveRecord(['sources'], parts, components.RecordPage, async ({ record }) => asTheyAre([record])),
    },
  }
}

/** What their rows hold is what their processes said last. */
function asTheyAre(records: RecordJSON[]): object {
  for (const { params } of records) Object.assign(params, stateOf(params as SessionSourceStatusRow))
  return {}
}
