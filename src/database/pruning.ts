import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { In, IsNull, LessThan, Not, Or, type FindOptionsWhere, type ObjectLiteral, type Repository } from 'typeorm'
import type { Database } from './open-database.js'
import { dropSilent } from './silent-hosts.js'
import type { RemovalRecords } from './removal-records.js'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'

const hour = 3600_000
const day = 24 * hour
/** A page that shows a session for so long after it has gone may still ask for its end. */
const goneFor = hour
/** What could not be told to a webhook. */
const deliveriesFor = 30 * day
/** The dashboard shows a day of it. */
const trafficFor = 2 * day
/** How long holds and notes are kept beyond their time: a clock that was set forward may be set back. */
const grace = day
const every = 10 * 60_000
/** Few enough that neither the database nor the event loop is held up. */
const rowsPerStep = 200

/** Deletes what is too old to be of use, in small steps, until the signal. 0 ms: kept for ever. */
export async function prune(
  database: Database,
  records: RemovalRecords,
  {
    keepRemovalsMs,
    keepHistoryMs,
    forgetHostsMs,
  }: Record<'keepRemovalsMs' | 'keepHistoryMs' | 'forgetHostsMs', number>,
  report: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const began = { monotonicMs: performance.now(), wallMs: Date.now() }
  const before = (ms: number) => LessThan(new Date(Date.now() - ms))
  const { say, well } = complaint(report, signal)
  while (!signal.aborted) {
    try {
      // By a clock that was set meanwhile nothing is too old: it may be set back.
      const drift = Date.now() - began.wallMs - (performance.now() - began.monotonicMs)
      if (Math.abs(drift) < hour) {
        if (keepRemovalsMs > 0) {
          const old = { requestedAt: before(keepRemovalsMs), outcome: Not('pending' as const) }
          await inSteps(database.removals, { ...old, keepOutUntil: Or(IsNull(), before(grace)) }, signal)
        }
        if (keepHistoryMs > 0) await inSteps(database.history, { endedAt: before(keepHistoryMs) }, signal)
        if (forgetHostsMs > 0) await dropSilent(database, records, forgetHostsMs, report)
        await inSteps(database.holds, { until: before(grace) }, signal)
        await inSteps(database.notes, { until: before(grace) }, signal)
        await inSteps(database.traffic, { at: before(trafficFor) }, signal)
        await inSteps(database.deliveries, { createdAt: before(deliveriesFor) }, signal)
        await inSteps(database.gone, { goneAt: before(goneFor) }, signal)
      }
      well()
    } catch (error) {
      say(`what is too old could not be deleted: ${messageOf(error)}`)
    }
    await sleep(every, undefined, { signal, ref: false }).catch(() => {})
  }
}

async function inSteps<Row extends ObjectLiteral & { id: number }>(
  repository: Repository<Row>,
  where: FindOptionsWhere<Row>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const rows = await repository.find({ select: { id: true } as never, where, take: rowsPerStep })
    if (rows.length === 0 || signal.aborted) return
    await repository.delete({ id: In(rows.map(({ id }) => id)) } as FindOptionsWhere<Row>)
    await sleep(20, undefined, { ref: false })
  }
}
