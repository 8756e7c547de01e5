import { keepOutAction } from '../actions/keep-out.action.js'
import { liveList, liveRecord } from '../actions/live.js'
import { releaseAction } from '../actions/release.action.js'
import type { ResourceParts } from './resource-parts.js'

/** Ended sessions are held as well; those belong to the removals. */
export const peopleOnly = { by: ['login', 'ip'] }

/** `SessionHold`: who is kept out, until when. */
export function sessionHold(parts: ResourceParts) {
  const { where, text, time, value, word } = parts.forms
  return {
    sort: { sortBy: 'until', direction: 'desc' as const },
    listProperties: ['value', 'by', 'source', 'host', 'createdAt', 'until'],
    showProperties: ['by', 'value', 'source', 'host', 'createdAt', 'until', 'removalId'],
    filterProperties: ['value', 'by', 'source', 'host', 'until'],
    properties: {
      ...where,
      by: word(peopleOnly.by),
      value: { isTitle: true, ...text },
      createdAt: time,
      until: time,
      removalId: value('removal'),
    },
    actions: {
      list: liveList(['holds'], parts, parts.components.RecordsList),
      show: liveRecord(['holds'], parts, parts.components.RecordPage),
      delete: releaseAction(parts),
      keepOut: keepOutAction(parts),
    },
  }
}
