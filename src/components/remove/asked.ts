import type { RecordJSON } from 'adminjs'
import type { RemovalQuestion } from '../../actions/http-api.js'
import { newBatch } from './batch.js'

/** What the admin chose in the drawer. */
export type HowToEnd = Pick<RemovalQuestion, 'reason' | 'whenIdle' | 'keepOut'>

/** What is asked under one batch, so that however often it is asked nothing ends twice. */
export interface Asked {
  recordIds: string[]
  question: RemovalQuestion
}

/** All of them, as the admin saw them. */
export function allOf(records: RecordJSON[], { reason, whenIdle, keepOut }: HowToEnd): Asked {
  return {
    recordIds: records.map(({ id }) => id),
    question: {
      batch: newBatch(),
      // What is undefined is left out of the JSON.
      reason: reason?.trim() || undefined,
      whenIdle,
      keepOut,
      sessions: records
        .filter(({ params }) => params.key)
        .map(({ id, params }) => ({ id: Number(id), key: String(params.key), login: params.login ?? null })),
    },
  }
}

/** The same question about one of the records alone, by force and under a batch of its own. */
export function byForce(asked: Asked[], recordId: string): Asked {
  const { question } = asked.find(({ recordIds }) => recordIds.includes(recordId))!
  const sessions = question.sessions?.filter(({ id }) => String(id) === recordId)
  return { recordIds: [recordId], question: { ...question, batch: newBatch(), sessions, force: true } }
}

/** What is left to ask about once a record is asked about by force: its first end has its outcome. */
export function without(asked: Asked[], recordId: string): Asked[] {
  return asked
    .map((one) => ({ ...one, recordIds: one.recordIds.filter((id) => id !== recordId) }))
    .filter(({ recordIds }) => recordIds.length > 0)
}
