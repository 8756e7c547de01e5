import type { RecordJSON } from 'adminjs'
import { csvAction } from '../actions/csv.action.js'
import { liveList, liveRecord } from '../actions/live.js'
import { releaseAllOfAction } from '../actions/release.action.js'
import { markPending, whyPending } from '../actions/why-pending.js'
import type { SessionRemovalRow } from '../database/rows.js'
import { removalOutcomes } from '../database/removal-states.js'
import type { ResourceParts } from './resource-parts.js'

const fields = [
  'kind', 'login', 'ip', 'outcome', 'message', 'reason', 'reasonTold', 'removedBy', 'removedVia', 'removedFromIp', 'requestedAt',
  'startedAt', 'finishedAt', 'cameBackAt', 'byForce', 'keepOutBy', 'keepOutUntil', 'releasedBy', 'releasedAt', 'host', 'source', 'key', 'batch',
] // prettier-ignore

/** `SessionRemoval`: the record of every removal, with what became of it. */
export function sessionRemoval(parts: ResourceParts) {
  const {
    components,
    forms: { where, value, text, time, word, shown },
  } = parts
  const saysWhy = async (records: RecordJSON[]) => {
    await markPending(records, parts.database)
    return {}
  }
  return {
    sort: { sortBy: 'requestedAt', direction: 'desc' as const },
    listProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'requestedAt', 'reason'],
    showProperties: [...fields, 'session'],
    filterProperties: ['login', 'kind', 'outcome', 'ip', 'removedBy', 'removedVia', 'requestedAt', 'source', 'host'],
    properties: {
      ...where,
      login: { isTitle: true, ...text },
      kind: word(['panel', 'ftp']),
      outcome: {
        ...word(removalOutcomes),
        ...shown('OutcomeCell'),
      },
      removedVia: word(['admin', 'policy', 'api', 'cli']),
      ip: text,
      removedBy: text,
      removedFromIp: text,
      reason: value('sentence'),
      reasonTold: value('yes-no'),
      byForce: value('yes-no'),
      batch: text,
      message: value('said'),
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
    actions: {
      csv: csvAction(parts, components.CsvDrawer, ['id', ...fields], (rows) =>
        whyPending(rows as SessionRemovalRow[], parts.database),
      ),
      list: liveList(['removals'], parts, components.RecordsList, async ({ records }) => saysWhy(records)),
      release: releaseAllOfAction(parts),
      show: liveRecord(['removals'], parts, components.RecordPage, async ({ record }) => saysWhy([record])),
    },
  }
}
