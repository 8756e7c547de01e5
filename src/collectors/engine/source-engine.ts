import type { Database } from '../../database/open-database.js'
import { CameBack } from './return-watch.js'
import { Collector } from './collector.js'
import type { Holds } from '../../database/holds.js'
import { Ends } from './ends.js'
import { KeptOut } from './hold-enforcer.js'
import { notesOf } from '../../database/source-notes.js'
import type { RemovalRecords } from '../../database/removal-records.js'
import { Removals } from './removal-queue.js'
import type { ListedSession, SessionSource } from '../../session-source.js'
import { SessionTable } from '../../database/session-rows.js'
import { SourceStatus } from '../../database/source-status.js'

export interface SourceParts {
  database: Database
  records: RemovalRecords
  holds: Holds
  host: string
  pollEvery: number
  timeout: number
  endsWithin: number
  report(message: string): void
}

/** A source's collector and the removals beside it, over its rows in the database; neither is started. */
export function wireSource(
  source: SessionSource<ListedSession>,
  parts: SourceParts,
): { collector: Collector; removals: Removals } {
  const { database, host, holds } = parts
  const { name, kind, evidence } = source
  const rows = kind === 'panel' ? database.panelSessions : database.ftpSessions
  const table = new SessionTable(rows, database.gone, { kind, host, source: name })
  const ends = new Ends(source, parts.timeout)
  const keptOut = new KeptOut(source, holds, ends)
  const cameBack = new CameBack(parts.records, { host, kind, source: name }, (logins) => table.arrivalsOf(logins))
  const collector: Collector = new Collector(source, {
    ...parts,
    table,
    keptOut,
    cameBack,
    status: new SourceStatus(database.sourceStatuses, {
      host,
      name,
      kind,
      evidence,
      keepOut: keptOut.by.join(),
      byForce: source.byForce?.leaves ?? null,
    }),
    notes: notesOf(database.notes, host, name),
    afterLook: () => void removals.settle(),
  })
  const removals = new Removals(collector, { ...parts, table, ends, keptOut, cameBack })
  return { collector, removals }
}
