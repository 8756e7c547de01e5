import type { Collector } from '../collectors/engine/collector.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { HoldRow } from '../database/rows.js'

/**
 * Lets in again whom a removal keeps out. On record first, as with every act; the first to release it stands there.
 *
 * @param takeBack takes back the holds
 */
export async function letIn(
  { records, collectors }: { records: RemovalRecords; collectors: readonly Collector[] },
  removalId: number,
  by: string | null,
  takeBack: () => Promise<HoldRow[]>,
): Promise<void> {
  await records.released(removalId, by)
  await takeBack()
  for (const collector of collectors) collector.changed()
}
