import type { RecordJSON } from 'adminjs'
import type { RemovalQuestion } from '../../actions/page-answers.js'

/** What the admin chose in the drawer. */
export type HowToEnd = Pick<RemovalQuestion, 'reason' | 'tellReason' | 'whenIdle' | 'keepOut'>

/** A request for removals under one batch: however often it is sent, nothing ends twice. */
export interface AskedBatch {
  recordIds: string[]
  question: RemovalQuestion
}

/** A request for all of these sessions, as the admin saw them. */
export function allOf(records: RecordJSON[], { reason, tellReason, whenIdle, keepOut }: HowToEnd): AskedBatch {
  return {
    recordIds: records.map(({ id }) => id),
    question: {
      batch: newBatch(),
      // JSON leaves out what is undefined.
      reason: reason?.trim() || undefined,
      tellReason,
      whenIdle,
      keepOut,
      sessions: records
        .filter(({ params }) => params.key)
        .map(({ id, params }) => ({ id: Number(id), key: String(params.key), login: params.login ?? null })),
    },
  }
}

/** The same request for one of the records alone, by force and under a batch of its own. */
export function byForce(asked: AskedBatch[], recordId: string): AskedBatch {
  const { question } = asked.find(({ recordIds }) => recordIds.includes(recordId))!
  const sessions = question.sessions?.filter(({ id }) => String(id) === recordId)
  return { recordIds: [recordId], question: { ...question, batch: newBatch(), sessions, force: true } }
}

/** The requests without a record that is now ended by force: its ordinary end already has an outcome. */
export function withoutRecord(asked: AskedBatch[], recordId: string): AskedBatch[] {
  return asked
    .map((one) => ({ ...one, recordIds: one.recordIds.filter((id) => id !== recordId) }))
    .filter(({ recordIds }) => recordIds.length > 0)
}

/**
 * A uuid (version 4, RFC 9562 section 5.4) that names one request for removals, so that sending it again ends nothing twice.
 *
 * `crypto.randomUUID` exists only in secure contexts, and a back office under plain http and a host name is none.
 * `crypto.getRandomValues` exists there too.
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
