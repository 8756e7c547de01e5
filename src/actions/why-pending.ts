import type { RecordJSON } from 'adminjs'
import type { Database } from '../database/open-database.js'
import type { SessionRemovalRow, SessionSourceStatusRow } from '../database/rows.js'
import { abandonedSince } from '../database/source-status.js'
import { inEnglish, type Saying } from '../text/said.js'

type Removal = Pick<SessionRemovalRow, 'outcome' | 'host' | 'source' | 'message' | 'said'>

/** Removals as they are to be read: one at a host that is silent says that it waits for it, for as long as it does. */
export async function whyPending<Row extends Removal>(
  removals: Row[],
  { sourceStatuses }: Pick<Database, 'sourceStatuses'>,
): Promise<Row[]> {
  if (removals.every(({ outcome }) => outcome !== 'pending')) return removals
  const statuses = await sourceStatuses.find()
  return removals.map((removal) => ({ ...removal, ...saidNow(removal, statuses) }))
}

/** The same of records that AdminJS has read. */
export async function markPending(records: RecordJSON[], database: Pick<Database, 'sourceStatuses'>): Promise<void> {
  const pending = records.map(({ params }) => params).filter(({ outcome }) => outcome === 'pending')
  const said = await whyPending(pending as (RecordJSON['params'] & Removal)[], database)
  pending.forEach((params, i) => Object.assign(params, { message: said[i]!.message, said: said[i]!.said }))
}

export function saidNow(removal: Removal, statuses: SessionSourceStatusRow[]): Pick<Removal, 'message' | 'said'> {
  const { outcome, host, source, message, said } = removal
  const status = statuses.find((one) => one.host === host && one.name === source)
  if (outcome !== 'pending' || status === undefined || abandonedSince(status) === null) return { message, said }
  const waits: Saying[] = [{ key: 'waitsForHost', values: { host: status.host, source: status.name } }]
  return { message: inEnglish(waits), said: waits }
}
