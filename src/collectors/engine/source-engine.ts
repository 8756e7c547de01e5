import type { Database } from '../../database/open-database.js'
import { ReturnWatch } from './return-watch.js'
import { Collector, type CollectorParts } from './collector.js'
import type { Holds } from '../../database/holds.js'
import { Ends } from './ends.js'
import { HoldEnforcer } from './hold-enforcer.js'
import { notesOf } from '../../database/source-notes.js'
import type { RemovalRecords } from '../../database/removal-records.js'
import { RemovalQueue } from './removal-queue.js'
import type { ListedSession, PersonOption, SessionSource } from '../../session-source.js'
import { rowsOfSource } from '../../database/session-rows.js'
import { SourceStatus } from '../../database/source-status.js'

export interface SourceParts {
  database: Database
  records: RemovalRecords
  holds: Holds
  host: string
  lease: CollectorParts['lease']
  pollEvery: number
  person?: PersonOption
  timeout: number
  endsWithin: number
  report(message: string): void
}

/** A source's collector and the removals beside it, over its rows in the database; neither is started. */
export function sourceEngine(
  source: SessionSource<ListedSession>,
  parts: SourceParts,
): { collector: Collector; removals: RemovalQueue } {
  const { database, holds } = parts
  const host = source.host ?? parts.host
  const { name, kind, evidence } = source
  const table = rowsOfSource(database, { kind, host, source: name })
  const ends = new Ends(source, parts.timeout)
  const enforcer = new HoldEnforcer(source, holds, ends)
  const returnWatch = new ReturnWatch(parts.records, { host, kind, source: name }, (logins) => table.arrivalsOf(logins))
  const collector: Collector = new Collector(source, {
    ...parts,
    host,
    table,
    enforcer,
    returnWatch,
    status: new SourceStatus(
      database.sourceStatuses,
      {
        host,
        name,
        kind,
        evidence,
        keepOut: enforcer.by.join(),
        byForce: source.byForce?.leaves ?? null,
      },
      (now, before) => {
        // Its list shows its state as well.
        for (const table of [kind, 'sources'] as const) database.changes.changed(table)
        if (now.state === before) return
        if (now.state === 'failing') database.events.tell('source-failing', now)
        if (now.state === 'ok') database.events.tell('source-ok', now)
      },
    ),
    notes: notesOf(database.notes, host, name),
    clock: database.clock,
    afterPoll: (poll) => {
      void removals.settle()
      database.events.tell('polled', { kind, host, name, ...poll })
    },
  })
  const removals = new RemovalQueue(collector, { ...parts, host, table, ends, enforcer, returnWatch })
  return { collector, removals }
}
