import type { RecordJSON } from 'adminjs'
import type { RemovalQuestion } from '../../actions/http-api.js'

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

/**
 * A uuid (version 4, RFC 9562 section 5.4) that names one asking for removals, so that asking again ends nothing twice.
 *
 * `crypto.randomUUID` exists only in secure contexts; a back office opened by plain http under a host name is none,
 * `crypto.getRandomValues` is there all the same.
 */
export function newBatch(
  source: Pick<Crypto, 'getRandomValues'> & Partial<Pick<Crypto, 'randomUUID'>> = crypto,
): string {
  if (source.randomUUID) return source.randomUUID()
  const bytes = source.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
