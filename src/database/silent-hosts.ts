import { IsNull, Not } from 'typeorm'
import { isHeldAt, takeAway } from './lease.js'
import type { Database } from './open-database.js'
import type { RemovalRecords } from './removal-records.js'
import type { SessionSourceStatusRow } from './rows.js'
import { rowsOfSource } from './session-rows.js'

/**
 * Drops what nobody has read for so long: a container that was replaced has another name and never comes back. Its rows
 * go, its pending removals end as unknown, and its line in the table of sources says so. Where it does come back, it
 * begins anew, and its rows have the ids that they had.
 *
 * @param afterMs ms without a sign of life
 * @param report told of each source that was dropped
 */
export async function dropSilent(
  database: Database,
  records: RemovalRecords,
  afterMs: number,
  report: (message: string) => void,
): Promise<void> {
  const statuses = await database.sourceStatuses.findBy({ state: Not('dropped' as const) })
  for (const status of statuses) {
    const since = lastSign(status)
    if (since !== null && Date.now() - since.getTime() <= afterMs) continue
    const { id, host, kind, name, seenAt } = status
    const message = `Nobody has read ${name} on ${host} since ${since?.toISOString() ?? 'it was set up'}`
    // In one statement with the condition: it may just have come back.
    const { affected } = await database.sourceStatuses.update(
      { id, seenAt: seenAt ?? IsNull() },
      { state: 'dropped', error: `${message}, so its rows were dropped.`, warning: null },
    )
    if (affected === 0) continue
    const whose = { host, kind, source: name }
    const fence = await takeAway(database, whose)
    if (fence === null) continue
    const sessions = await rowsOfSource(database, whose)
      .dropAll(status.lastGoodAt ?? since ?? new Date(), fence)
      .catch(async (error: unknown) => {
        if (await isHeldAt(database, whose, fence)) throw error
        // It is alive, and writes its rows again.
        return null
      })
    if (sessions === null) continue
    await records.giveUp(whose, [{ key: 'hostSilent', values: { host, source: name } }])
    report(`${message}: its ${sessions} rows were dropped (option forgetHostsAfter).`)
  }
}

function lastSign({ seenAt, lastGoodAt, failingSince }: SessionSourceStatusRow): Date | null {
  return seenAt ?? lastGoodAt ?? failingSince
}
