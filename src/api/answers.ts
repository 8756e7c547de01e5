import { z } from 'zod'
import { sourceAnswer } from '../actions/source-state.js'
import { removalOutcomes } from '../database/removal-states.js'
import { endings, type SessionRemovalRow } from '../database/rows.js'
import type { SessionEventMap, SessionEventName } from '../database/session-events.js'
import { sessionFields, type Field, type SessionKind } from '../session-fields.js'
import { never } from '../text/stored-value.js'

const id = z.int().min(1)
const text = z.string().nullable()
const time = z.iso.datetime()
const kind = z.enum(['panel', 'ftp'])
const way = z.enum(['login', 'ip'])
/** Null: until released. */
const until = time.nullable()

function fieldAnswer({ is }: Field) {
  if (typeof is !== 'string') return z.enum(is).nullable()
  if (is === 'time') return time.nullable()
  if (is === 'percent') return z.int().min(0).max(100).nullable()
  return is === 'text' || is === 'address' ? text : z.int().min(0).nullable()
}

/** A session: its row, and so no handle. */
function sessionAnswer(of: SessionKind) {
  const fields = Object.entries<Field>(sessionFields[of]).map(([name, field]) => [name, fieldAnswer(field)] as const)
  return z.strictObject({ id, host: z.string(), source: z.string(), key: z.string(), ...Object.fromEntries(fields) })
}

export const sessionAnswers = { panel: sessionAnswer('panel'), ftp: sessionAnswer('ftp') } as const
const anySession = z.union([sessionAnswers.panel, sessionAnswers.ftp])

export const sourceAnswers = z.strictObject({
  host: z.string(),
  name: z.string(),
  kind,
  evidence: z.enum(['live', 'log']),
  keepOut: z.array(way),
  state: z.enum(['starting', 'ok', 'failing']),
  sessions: z.int().min(0),
  lastGoodAt: time.nullable(),
  failingSince: time.nullable(),
  error: text,
  warning: text,
})

export const removalAnswer = z.strictObject({
  id,
  batch: z.string(),
  /** Below 1 where it is about no session. */
  recordId: z.int(),
  requestedAt: time,
  removedBy: text,
  removedVia: z.enum(['admin', 'policy', 'api', 'cli']),
  removedFromIp: text,
  kind,
  host: text,
  source: text,
  key: text,
  login: text,
  person: text,
  ip: text,
  reason: text,
  reasonTold: z.boolean(),
  outcome: z.enum(removalOutcomes),
  message: text,
  whenIdle: z.boolean(),
  byForce: z.boolean(),
  keepOutBy: way.nullable(),
  keepOutUntil: until,
  releasedBy: text,
  releasedAt: time.nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  cameBackAt: time.nullable(),
  /** The session as it was; null where it is about none. */
  session: anySession.nullable(),
})

export const holdAnswer = z.strictObject({
  id,
  by: way,
  value: z.string(),
  until,
  host: z.string(),
  source: z.string(),
  removalId: id.nullable(),
  createdAt: time,
})

export const sessionEvents = {
  opened: z.strictObject({ kind, session: anySession }),
  ended: z.strictObject({ kind, session: anySession, how: z.enum(endings) }),
}

const batch = {
  batch: z.uuid(),
  counts: z.partialRecord(z.enum(removalOutcomes), z.int().min(1)),
  notEnded: z.array(removalAnswer),
}
export const keepOutBatch = z.strictObject(batch)
export const removalBatch = z.strictObject({
  ...batch,
  unread: z.array(z.strictObject({ source: z.string(), error: z.string() })),
})

const next = z.string().nullable()
const sources = z.array(sourceAnswers)
export const listAnswers = {
  panel: z.strictObject({ sessions: z.array(sessionAnswers.panel), next, sources }),
  ftp: z.strictObject({ sessions: z.array(sessionAnswers.ftp), next, sources }),
  removals: z.strictObject({ removals: z.array(removalAnswer), next }),
  holds: z.strictObject({ holds: z.array(holdAnswer), next }),
  sources: z.strictObject({ sources }),
}

/** Of a row what an answer has, and nothing else; what an older version of this package did not keep is null. */
export function answerOf(shape: { shape: object }, row: object): Record<string, unknown> {
  const values = row as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(shape.shape).map((name) => {
      const value = values[name] ?? null
      return [name, value instanceof Date && value.getTime() >= never ? null : value]
    }),
  )
}

export function answerOfRemoval(row: SessionRemovalRow): Record<string, unknown> {
  const { kind: of, session } = row
  // What keeps out a name is on record with a session of which nothing is known.
  const isOne = session !== null && session.key !== null
  return answerOf(removalAnswer, { ...row, session: isOne ? answerOf(sessionAnswers[of], session) : null })
}

/** What is told of events, and how. `polled` is left out: it is for numbers, and many times as often as all others. */
export const eventAnswers = {
  'session-opened': (event: SessionEventMap['session-opened']) => ({ ...event, session: sessionOf(event) }),
  'session-ended': (event: SessionEventMap['session-ended']) => ({ ...event, session: sessionOf(event) }),
  removed: answerOfRemoval,
  'came-back': answerOfRemoval,
  'source-failing': sourceAnswer,
  'source-ok': sourceAnswer,
} satisfies { [Name in SessionEventName]?: (event: SessionEventMap[Name]) => object }

function sessionOf({ kind, session }: SessionEventMap['session-opened']): object {
  return answerOf(sessionAnswers[kind], session)
}
