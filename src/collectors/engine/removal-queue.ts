import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { performance } from 'node:perf_hooks'
import { left } from '../../database/removal-records.js'
import type { SessionRemovalRow } from '../../database/rows.js'
import type { Collector } from './collector.js'
import { RemovalRun, type RunParts, type Open } from './removal-run.js'
import { messageOf } from '../../text/error-message.js'
import type { SessionRows } from '../../database/session-rows.js'

/** Who is at work on removals says so this often, in ms. */
const beatEvery = 1_000
/**
 * Who has not said so for this long, in ms by the clock of whoever waits, is dead: nobody compares the clocks of two
 * machines, nor one clock before and after it was set.
 */
export const deadAfter = 6_000
/** How many are ended in one run, which polls for all of them at once, and takes as long as the slowest of them. */
const rowsPerRun = 100
/**
 * How many one source is at work on at a time. What is asked for beyond that is in nobody's hands yet: whoever asked can
 * stop it, and a process that is killed leaves little behind.
 */
const mostAtWork = 500
const rowsPerRead = 500

export interface QueueParts extends RunParts {
  table: SessionRows
}

/** Another engine's hand on a removal, as it was seen and since when. */
interface OthersHand {
  takenBy: string
  beat: number
  sinceMs: number
}

/**
 * Ends what was asked for in one source: takes the pending records and has each batch of them ended. A record comes
 * before an act, and an outcome only after a poll. While it is at work on removals it counts up their beat; those whose
 * beat stands still were left by an engine that is no more, and are taken over.
 */
export class RemovalQueue {
  private readonly stopping = new AbortController()
  private readonly batches = new Set<Promise<void>>()
  private readonly asked = () => void this.settle()
  /** Of all engines that ever were, the one. */
  private readonly me = randomUUID()
  private readonly atWork = new Set<number>()
  private readonly others = new Map<number, OthersHand>()
  private beating: NodeJS.Timeout | undefined
  private watching: NodeJS.Timeout | undefined
  private taking: Promise<void> | undefined
  private again = false
  /** More is asked for than is being worked at. */
  private crowded = false

  constructor(
    private readonly collector: Collector,
    private readonly parts: QueueParts,
  ) {
    // As many as there are calls under way.
    setMaxListeners(0, this.stopping.signal)
  }

  /** Takes over what the last process left, and from now on whatever is asked for. */
  start(): void {
    this.parts.records.events.on('asked', this.asked)
    void this.settle()
  }

  async stop(): Promise<void> {
    this.parts.records.events.off('asked', this.asked)
    this.stopping.abort(new Error('The removals engine was stopped.'))
    clearTimeout(this.watching)
    await this.taking
    await Promise.allSettled(this.batches)
    await this.parts.records
      .leave(this.me)
      .catch((error: unknown) => this.parts.report(`${this.collector.source.name}: ${messageOf(error)}`))
  }

  /** Takes whatever is pending. Called when somebody asked and after each poll; cheap where there is nothing. */
  async settle(): Promise<void> {
    this.again = true
    this.taking ??= this.takeWhileAsked()
    await this.taking
  }

  private async takeWhileAsked(): Promise<void> {
    try {
      while (this.again && !this.stopping.signal.aborted) {
        this.again = false
        const taken = await this.take()
        // Not awaited: a session that is slow to go must not hold up the next batch.
        if (taken.length > 0) this.track(taken)
      }
    } catch (error) {
      // The rows stay pending and are taken at the next poll.
      this.complain('pending removals could not be taken', error)
    } finally {
      // At once: whoever asks from now on must not rely on this one.
      this.taking = undefined
    }
  }

  private track(taken: Open[]): void {
    for (const { removal } of taken) this.atWork.add(removal.id)
    this.beating ??= setInterval(() => void this.beat(), beatEvery).unref()
    const tracked = new RemovalRun(this.collector, this.parts, this.stopping.signal)
      .end(taken)
      .catch((error: unknown) => this.complain('a removal broke off', error))
      .finally(() => {
        this.batches.delete(tracked)
        for (const { removal } of taken) this.atWork.delete(removal.id)
        if (this.crowded) void this.settle()
        if (this.atWork.size > 0) return
        clearInterval(this.beating)
        this.beating = undefined
      })
    this.batches.add(tracked)
  }

  private async beat(): Promise<void> {
    try {
      await this.parts.records.beat([...this.atWork], this.me)
    } catch (error) {
      this.complain('it could not be said that removals are being carried out', error)
    }
  }

  private complain(what: string, error: unknown): void {
    if (this.stopping.signal.aborted) return
    this.parts.report(`${this.collector.source.name}: ${what}: ${messageOf(error)}`)
  }

  /** Takes what is due, and what others have left. */
  private async take(): Promise<Open[]> {
    const { host, records } = this.parts
    const { name, kind } = this.collector.source
    const of = { host, kind, source: name }
    const taken: Open[] = []
    if (!(await records.anyPending(of))) return taken
    for (const group of this.leftBehind(await records.pending(of, 'taken', mostAtWork + rowsPerRead))) {
      for (const removal of await records.take(group, this.me, group[0]!)) taken.push({ removal, takenOver: true })
    }
    const room = Math.max(0, Math.min(rowsPerRun, mostAtWork - this.atWork.size - taken.length))
    const due = room === 0 ? [] : await records.pending(of, 'due', room)
    this.crowded = room === 0
    if (room > 0 && due.length === room) this.again = true
    else if (room > 0) due.push(...(await this.idle(await records.pending(of, 'when-idle', rowsPerRead))))
    for (const removal of await records.take(due, this.me, null)) taken.push({ removal, takenOver: false })
    return taken
  }

  /** Those whose taker is no more, in groups of the same taker and beat. */
  private leftBehind(inOtherHands: SessionRemovalRow[]): SessionRemovalRow[][] {
    const nowMs = performance.now()
    const orphans = new Map<string, SessionRemovalRow[]>()
    const before = new Map(this.others)
    this.others.clear()
    for (const removal of inOtherHands) {
      const { id, beat } = removal
      const takenBy = removal.takenBy!
      // What broke off here, without an outcome, is nobody's.
      const known = before.get(id)
      const same = known?.takenBy === takenBy && known.beat === beat
      const dead =
        takenBy === this.me ? !this.atWork.has(id) : beat === left || (same && nowMs - known.sinceMs > deadAfter)
      if (dead) {
        orphans.set(`${takenBy} ${beat}`, [...(orphans.get(`${takenBy} ${beat}`) ?? []), removal])
      } else if (takenBy !== this.me) {
        this.others.set(id, same ? known : { takenBy, beat, sinceMs: nowMs })
      }
    }
    clearTimeout(this.watching)
    // A collector that fails polls rarely: whoever waits for another's death polls by himself.
    if (this.others.size > 0 && !this.stopping.signal.aborted) {
      this.watching = setTimeout(() => void this.settle(), beatEvery).unref()
    }
    return [...orphans.values()]
  }

  /** Those whose sessions are moving no file: whoever waits for that waits on. */
  private async idle(waiting: SessionRemovalRow[]): Promise<SessionRemovalRow[]> {
    const moving = await this.parts.table.movingFiles(waiting.map(({ key }) => key!))
    return waiting.filter(({ key }) => !moving.has(key!))
  }
}
