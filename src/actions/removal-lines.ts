import type { RemovalRequest } from '../database/removal-records.js'
import { asRecorded } from './as-it-was.js'
import type { RemovalQuestion } from './page-answers.js'
import type { Decision } from './remove-decision.js'

type Line = Partial<RemovalRequest> & Pick<RemovalRequest, 'recordId'>

/**
 * What is recorded: each session that the asker may end, and whatever he has no right to in one line. It says whose
 * session it was where that is one that he may see, and how many there were otherwise; and nothing of his own words.
 */
export function linesOf(
  decided: Decision[],
  { reason, tellReason = false }: Pick<RemovalQuestion, 'reason' | 'tellReason'>,
): Line[] {
  const lines: Line[] = decided.flatMap((one) =>
    one.is === 'recorded'
      ? [{ recordId: one.recordId, reason: reason ?? null, reasonTold: tellReason, ...one.record }]
      : [],
  )
  const denied = decided.filter((one) => one.is === 'denied')
  if (denied.length === 0) return lines
  const [{ recordId, said, row }] = denied
  if (denied.length > 1 || row === undefined) {
    return [
      ...lines,
      { recordId: 0, outcome: 'refused', said: [said, { key: 'askedFor', values: { count: denied.length } }] },
    ]
  }
  return [...lines, { recordId, ...asRecorded(row), outcome: 'refused', said: [said] }]
}
