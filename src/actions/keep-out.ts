import type { Database } from '../database/open-database.js'
import type { RemovalRecords, RemovalRequest } from '../database/removal-records.js'
import type { SessionSourceStatusRow } from '../database/rows.js'
import { sessionFields, type SessionKind } from '../session-fields.js'
import type { Asker } from './asker.js'
import { sessionsOf, type Row, type Way } from './cut.js'
import type { KeepOutQuestion } from './page-answers.js'
import { RemovalDecision } from './remove-decision.js'
import { keepOutOf } from '../database/source-status.js'

/** Who is asked for it on the records, and in which batch. */
export type AskedBy = Pick<RemovalRequest, 'batch' | 'removedVia' | 'removedBy' | 'removedFromIp'>

/**
 * Records that a login or an address is to be kept out, as a removal about no session at each source that is meant: the
 * named ones, or all that can. Each source decides by itself: what a ban there would cut is not the same.
 *
 * @param askerOf who asks, as he stands to the sessions of a kind
 */
export async function askToKeepOut(
  { database, records }: { database: Database; records: RemovalRecords },
  statuses: SessionSourceStatusRow[],
  { by, value, ...question }: KeepOutQuestion,
  askerOf: (kind: SessionKind) => Asker,
  askedBy: AskedBy,
): Promise<void> {
  const meant = statuses.filter(isAskedFor({ by, sources: question.sources }))
  const asked = meant.map(async (status, i): Promise<RemovalRequest> => {
    const { kind, host, name: source } = status
    const decision = await new RemovalDecision(
      { kind, sessions: sessionsOf(database, kind), statuses: meant, database, records },
      askerOf(kind),
      { ...question, keepOut: { by, minutes: question.minutes } },
      // Below 1: the id of no row.
    ).ofName(nameless(status, by, value, -1 - i))
    return {
      ...{ ...askedBy, kind, recordId: decision.recordId, host, source, reason: question.reason ?? null },
      ...(decision.is === 'recorded'
        ? decision.record
        : { outcome: 'refused', said: decision.is === 'denied' ? [decision.said] : [] }),
    }
  })
  await records.ask(await Promise.all(asked))
}

/** A session of which nothing is known but its source and its login or address: what the host is asked about. */
function nameless({ kind, host, name }: SessionSourceStatusRow, by: Way, value: string, id: number): Row {
  const unknown = Object.fromEntries(Object.keys(sessionFields[kind]).map((field) => [field, null]))
  return {
    ...unknown,
    id,
    host,
    source: name,
    key: null,
    [by]: value,
    ...(by === 'login' && { person: value }),
  } as never
}

/** The sources that were named, or all that can. */
function isAskedFor({ by, sources }: Pick<KeepOutQuestion, 'by' | 'sources'>) {
  return (status: SessionSourceStatusRow) =>
    sources === undefined
      ? keepOutOf(status).includes(by)
      : sources.some(({ host, name }) => host === status.host && name === status.name)
}
