import type { ActionRequest } from 'adminjs'
import { rowValue } from '../text/stored-value.js'
import { isRowId } from '../database/rows.js'
import type { RemovalQuestion } from './page-answers.js'

/** How many sessions one call may end. */
const most = 500
/** One more than a row's key and login can have: what is cut there is no session's, as it was before. */
const longestKey = 192
const longestLogin = 4097
/** The longest time that somebody may be kept out, in minutes, where that is not until he is released: ten years. */
export const longestKeepOut = 10 * 366 * 24 * 60

/** The ids of the call, each once; or what is wrong with them. */
export function recordIds(request: ActionRequest): number[] | string {
  const given = String((request.query as { recordIds?: unknown }).recordIds ?? '').split(',')
  const wrong = given.find((id) => !isRowId(id))
  if (wrong !== undefined) {
    return `recordIds holds ${JSON.stringify(wrong.slice(0, 40))}; expected ids of sessions, separated by commas`
  }
  const ids = [...new Set(given.map(Number))]
  return ids.length <= most ? ids : `recordIds holds ${ids.length} ids; expected at most ${most} at a time`
}

/**
 * The body, checked; or what is wrong with it. Nothing of it is left aside silently: who asks for a removal when idle
 * must not get one at once.
 */
export function questionOf(request: ActionRequest): RemovalQuestion | string {
  const { batch, reason, tellReason, sessions, shown, stop, whenIdle, keepOut, force } = (request.payload ??
    {}) as Record<string, unknown>
  if (
    batch !== undefined &&
    !(typeof batch === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(batch))
  ) {
    return 'batch is not a uuid'
  }
  if (reason !== undefined && reason !== null && typeof reason !== 'string') return 'reason is not a text'
  if (tellReason !== undefined && typeof tellReason !== 'boolean') return 'tellReason is neither true nor false'
  if (Array.isArray(sessions) && sessions.length > most) {
    return `sessions holds ${sessions.length}; expected at most ${most} at a time`
  }
  if (sessions !== undefined && !(Array.isArray(sessions) && sessions.every(isSession))) {
    return 'sessions is not a list of { id, key, login }'
  }
  if (shown !== undefined && !(Array.isArray(shown) && shown.every(isShown))) return 'shown is not a list of [id, mark]'
  if (stop !== undefined && typeof stop !== 'boolean') return 'stop is neither true nor false'
  if (whenIdle !== undefined && typeof whenIdle !== 'boolean') return 'whenIdle is neither true nor false'
  if (force !== undefined && typeof force !== 'boolean') return 'force is neither true nor false'
  if (keepOut !== undefined && keepOut !== null && !isKeepOut(keepOut)) {
    return `keepOut is not { by: 'login' or 'ip', minutes: 1 to ${longestKeepOut}, or null until he is released }`
  }
  return {
    batch: batch?.toLowerCase(),
    reason: reason?.trim() ? String(rowValue(reason.trim().slice(0, 500))) : undefined,
    tellReason,
    sessions: sessions?.map(({ id, key, login }) => ({
      id,
      key: key.slice(0, longestKey),
      login: login?.slice(0, longestLogin) ?? null,
    })),
    shown,
    stop,
    whenIdle,
    keepOut: keepOut ?? undefined,
    force,
  }
}

function isSession(value: unknown): value is NonNullable<RemovalQuestion['sessions']>[number] {
  const { id, key, login } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'number' && typeof key === 'string' && (login == null || typeof login === 'string')
}

function isPeriod(minutes: unknown): boolean {
  return Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= longestKeepOut
}

function isShown(value: unknown): value is [number, string] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string'
}

function isKeepOut(value: unknown): value is NonNullable<RemovalQuestion['keepOut']> {
  const { by, minutes } = value as Record<string, unknown>
  return (by === 'login' || by === 'ip') && (minutes === null || isPeriod(minutes))
}
