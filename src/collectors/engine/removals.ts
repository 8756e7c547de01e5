import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { In, IsNull, LessThan, type FindOptionsWhere } from 'typeorm'
import type { SessionRemovalRow } from '../../resources/rows.js'
import type { Collector } from './collector.js'
import { Ending, type EndingParts, type Open } from './ending.js'
import { messageOf } from './message-of.js'
import type { SessionTable } from './session-table.js'

/** A removal that was taken and has no outcome so long after its time, in ms, was left behind by a process that ended. */
const leftBehindAfter = 30_000

export interface RemovalParts extends EndingParts {
  table: SessionTable
}

/**
 * Ends what was asked for in one source: takes the pending records and has each batch of them ended. A record comes
 * before an act, and an outcome only after a look.
 */
export class Removals {
  private readonly stopping = new AbortController()
  private readonly batches = new Set<Promise<void>>()
  private readonly asked = () => void this.settle()
  private taking = false
  private again = false
  private tookOver = false

  constructor(
    private readonly collector: Collector,
    private readonly parts: RemovalParts,
  ) {}

  /** Takes over what the last process left, and from now on whatever is asked for. */
  start(): void {
    // As many listeners as there are calls under way.
    setMaxListeners(0, this.stopping.signal)
    this.parts.requests.events.on('asked', this.asked)
    void this.settle()
  }

  async stop(): Promise<void> {
    this.parts.requests.events.off('asked', this.asked)
    this.stopping.abort(new Error('The removals engine was stopped.'))
    await Promise.allSettled(this.batches)
  }

  /** Takes whatever is pending. Called when somebody asked and after each look; cheap where there is nothing. */
  async settle(): Promise<void> {
    if (this.taking) {
      this.again = true
      return
    }
    this.taking = true
    try {
      do {
        this.again = false
        const taken = await this.take()
        // Not awaited: a session that is slow to go must not hold up the next batch.
        if (taken.length > 0) this.track(new Ending(this.collector, this.parts, this.stopping.signal).end(taken))
      } while (this.again && !this.stopping.signal.aborted)
    } catch (error) {
      // The rows stay pending and are taken at the next look.
      this.complain('pending removals could not be taken', error)
    } finally {
      this.taking = false
    }
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.complain('a removal broke off', error))
      .finally(() => this.batches.delete(tracked))
    this.batches.add(tracked)
  }

  private complain(what: string, error: unknown): void {
    if (this.stopping.signal.aborted) return
    this.parts.report(`${this.collector.source.name}: ${what}: ${messageOf(error)}`)
  }

  /** Marks pending rows as taken by this call, in one statement, so that nobody else takes them as well. */
  private async take(): Promise<Open[]> {
    const { repository } = this.parts.requests
    const { name, kind } = this.collector.source
    const now = new Date()
    const pending: FindOptionsWhere<SessionRemovalRow> = {
      host: this.parts.host,
      source: name,
      kind,
      outcome: 'pending',
    }
    // At the start everything that has no outcome was left by a process that is no more.
    const leftBehind = this.tookOver
      ? { ...pending, startedAt: LessThan(new Date(now.getTime() - this.parts.endsWithin - leftBehindAfter)) }
      : pending
    const open = await repository.find({
      where: [{ ...pending, takenBy: IsNull() }, leftBehind],
      take: 500,
      order: { id: 'ASC' },
    })
    this.tookOver = true
    const due = await this.due(open)
    if (due.length === 0) return []
    if (open.length === 500) this.again = true

    const takenBy = randomUUID()
    const taken: Open[] = []
    for (const takenOver of [false, true]) {
      const ids = due.filter((removal) => (removal.takenBy !== null) === takenOver).map(({ id }) => id)
      if (ids.length === 0) continue
      const untaken = takenOver ? {} : { takenBy: IsNull() }
      await repository.update({ id: In(ids), outcome: 'pending', ...untaken }, { takenBy, startedAt: now })
      const mine = await repository.findBy({ id: In(ids), takenBy })
      taken.push(...mine.map((removal) => ({ removal, takenOver })))
    }
    return taken
  }

  /** Those whose time has come: who is to be ended when idle waits while a file is being moved. */
  private async due(open: SessionRemovalRow[]): Promise<SessionRemovalRow[]> {
    const waiting = open.filter(({ whenIdle }) => whenIdle)
    const moving = await this.parts.table.movingFiles(waiting.map(({ key }) => key!))
    return open.filter(({ whenIdle, key }) => !(whenIdle && moving.has(key!)))
  }
}
