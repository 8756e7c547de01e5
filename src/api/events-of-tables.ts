import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { In, IsNull, Not } from 'typeorm'
import { sessionsOf, type Row } from '../actions/cut.js'
import { stateOf } from '../actions/source-state.js'
import { idsPerQuestion, NewRows } from '../database/new-rows.js'
import type { Database } from '../database/open-database.js'
import type { HistoryRow } from '../database/rows.js'
import type { SessionEventMap } from '../database/session-events.js'
import { inGroups } from '../timing/event-loop.js'
import { eventAnswers } from './answers.js'

/** What is waited for. */
const tables = ['panel', 'ftp', 'history', 'removals', 'sources'] as const
const kinds = ['panel', 'ftp'] as const
/** Between two looks it takes so many ms at least, and at most. */
const [quietest, longest] = [250, 5_000]
/** The same where it is not heard of what other processes write. */
const unheard = 1_000
/** For so long a removal is looked at again after its outcome, in ms: longer than anybody counts as having come back. */
const comesBackWithin = 15 * 60_000

/** What happened, by the name of its event, as it is answered. */
export interface Told {
  event: keyof typeof eventAnswers
  data: object
}

/**
 * What happens, as it happens, for a process that reads no source: whoever does tells it to its own listeners alone, but
 * writes it to the tables. It is told as over HTTP, of all processes that share them.
 */
export async function* eventsOfTables(database: Database, signal: AbortSignal): AsyncGenerator<Told> {
  const happened = new WhatHappened(database)
  await happened.look()
  // What waits for tables keeps no process alive.
  const awake = setInterval(() => undefined, 60_000)
  try {
    while (!signal.aborted) {
      const seen = database.changes.revisionOf(tables)
      yield* await happened.look()
      await sleep(quietest, undefined, { signal }).catch(() => {})
      await database.changes.since(tables, seen, longest, unheard, signal)
    }
  } finally {
    clearInterval(awake)
  }
}

/** The tables as they were at the last look, as far as it takes to tell what has happened since. */
class WhatHappened {
  private readonly sessions
  private readonly lines
  private readonly removals
  /** Lines of the history whose sessions' rows are not deleted yet: until then it is not said how they ended. */
  private ending = new Set<number>()
  private pending: Set<number> | undefined
  /** When the removals that have ended something were seen to have, by a clock that never jumps. */
  private readonly mayComeBack = new Map<number, number>()
  private states: Map<number, string> | undefined
  private told: Told[] = []

  constructor(private readonly database: Database) {
    this.sessions = kinds.map((kind) => ({ kind, rows: new NewRows<Row>(sessionsOf(database, kind)) }))
    this.lines = new NewRows(database.history)
    this.removals = new NewRows(database.removals)
  }

  /** What is new since the last look. */
  async look(): Promise<Told[]> {
    for (const { kind, rows } of this.sessions) {
      for (const session of await rows.look()) this.tell('session-opened', { kind, session })
    }
    await this.lookAtRemovals()
    await this.lookAtHistory()
    await this.lookAtSources()
    return this.told.splice(0)
  }

  private tell<Name extends Told['event']>(event: Name, what: SessionEventMap[Name]): void {
    const answer = eventAnswers[event] as (what: SessionEventMap[Name]) => object
    this.told.push({ event, data: answer(what) })
  }

  private async lookAtRemovals(): Promise<void> {
    const { removals } = this.database
    for (const { id } of await this.removals.look()) this.pending!.add(id)
    this.pending ??= new Set(
      (await removals.find({ select: { id: true }, where: { outcome: 'pending' } })).map(({ id }) => id),
    )
    for await (const some of inGroups([...this.pending], idsPerQuestion)) {
      for (const removal of await removals.findBy({ id: In(some), outcome: Not('pending' as const) })) {
        this.pending.delete(removal.id)
        // Nobody has carried it out: it was refused or stopped, or its host was given up.
        if (removal.takenBy !== null) this.tell('removed', removal)
        if (removal.outcome === 'ended') this.mayComeBack.set(removal.id, performance.now())
      }
    }
    for await (const some of inGroups([...this.mayComeBack.keys()], idsPerQuestion)) {
      const back = await removals.findBy({ id: In(some), cameBackAt: Not(IsNull()) })
      for (const removal of back) {
        this.mayComeBack.delete(removal.id)
        this.tell('came-back', removal)
      }
    }
    for (const [id, sinceMs] of this.mayComeBack) {
      if (performance.now() - sinceMs > comesBackWithin) this.mayComeBack.delete(id)
    }
  }

  private async lookAtHistory(): Promise<void> {
    for (const { id } of await this.lines.look()) this.ending.add(id)
    const waiting = new Set<number>()
    for await (const some of inGroups([...this.ending], idsPerQuestion)) {
      // A line that is gone was of a session that is there again.
      const lines = await this.database.history.findBy({ id: In(some) })
      for (const kind of kinds) {
        const ofKind = lines.filter((line) => line.kind === kind)
        const rowId = In(ofKind.map((line) => line.rowId))
        const there = await sessionsOf(this.database, kind).findBy({ id: rowId })
        const gone = await this.database.gone.findBy({ kind, rowId })
        for (const line of ofKind) {
          if (there.some(({ id }) => id === line.rowId)) waiting.add(line.id)
          else this.tellEnded(line, gone.find((one) => one.rowId === line.rowId)?.session)
        }
      }
    }
    this.ending = waiting
  }

  private tellEnded(line: HistoryRow, session: Row | undefined): void {
    const { kind, how, rowId } = line
    this.tell('session-ended', { kind, how, session: session ?? ({ ...line, id: rowId } as never) })
  }

  private async lookAtSources(): Promise<void> {
    const statuses = await this.database.sourceStatuses.find()
    const states = new Map(statuses.map((status) => [status.id, stateOf(status).state]))
    for (const status of this.states === undefined ? [] : statuses) {
      const state = states.get(status.id)
      if (state === this.states!.get(status.id)) continue
      if (state === 'ok') this.tell('source-ok', status)
      else if (state !== 'starting') this.tell('source-failing', status)
    }
    this.states = states
  }
}
