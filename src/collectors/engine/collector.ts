import { setMaxListeners } from 'node:events'
import { performance } from 'node:perf_hooks'
import { difference } from './reconcile.js'
import type { Kept } from '../../database/session-rows.js'
import type { CameBack } from './return-watch.js'
import type { Holds } from '../../database/holds.js'
import type { KeptOut } from './hold-enforcer.js'
import { lettingGo } from '../../timing/event-loop.js'
import { messageOf } from '../../text/error-message.js'
import type { ListedSession, Notes, SessionSource, Site } from '../../session-source.js'
import type { SessionTable } from '../../database/session-rows.js'
import type { SourceStatus } from '../../database/source-status.js'
import { withTimeLimit } from '../../timing/time-limit.js'

/** Between two looks that hints ask for, at least this long, in ms; ten times as long as the last look took where that is more. */
const quietest = 250
/** A failing source is asked less and less often, up to this, in ms. */
const slowest = 30_000
/** How often the rows are compared with memory, in ms: something else may have changed them. */
const reloadEvery = 60_000

export interface CollectorParts {
  table: SessionTable
  status: SourceStatus
  holds: Holds
  keptOut: KeptOut
  cameBack: CameBack
  notes: Notes
  /** ms between two looks at a source that gives no hints. */
  pollEvery: number
  /** ms that a list may take. */
  timeout: number
  /** Told what the host's operator should know; once for each change. */
  report(message: string): void
  /** Called after each look, good or not. */
  afterLook?(): void
}

/**
 * Keeps the rows of one source true. A list that came in full is the truth; a hint only makes the collector look
 * sooner. Where the list can't be had, the rows stay and the source is shown as failing.
 */
export class Collector<Session extends ListedSession = ListedSession> {
  private readonly stopping = new AbortController()
  private kept: Map<string, Kept> | undefined
  private loadedAtMs = 0
  private running: Promise<Session[]> | undefined
  private waiting: Promise<Session[]> | undefined
  private ended: Promise<void> = Promise.resolve()
  private wake: () => void = () => {}
  private hinted = false
  private readonly endings = new Set<Promise<void>>()
  private failures = 0
  private lookTook = 0
  private reported = ''

  constructor(
    readonly source: SessionSource<Session>,
    private readonly parts: CollectorParts,
  ) {
    // As many as there are calls under way.
    setMaxListeners(0, this.stopping.signal)
  }

  start(): void {
    const { signal } = this.stopping
    const site: Site = {
      changed: () => this.changed(),
      isHeld: (by, value) => this.parts.holds.isHeld(this.source.name, by, value),
      notes: this.parts.notes,
    }
    // Called now, so that a guarded store can be used as soon as createSessions has resolved. Not awaited: it may run for
    // as long as its signal. Polling goes on without its hints.
    new Promise<void>((resolve) => resolve(this.source.start?.(site, signal))).catch((error: unknown) =>
      this.complain('its watcher stopped', error),
    )
    this.ended = (async () => {
      try {
        await this.parts.status.starting()
      } catch (error) {
        this.complain('its state could not be written', error)
      }
      while (!signal.aborted) {
        const { hinted } = this
        this.hinted = false
        await this.look().catch(() => {})
        await this.pause(hinted)
      }
    })()
  }

  /** Ends the loop and whatever the source runs. Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The collector was stopped.'))
    this.wake()
    await this.ended
    await Promise.allSettled([this.running, this.waiting, ...this.endings])
  }

  /** Something may have changed: look soon. */
  changed(): void {
    this.hinted = true
    this.wake()
  }

  /**
   * A look begun after this call, with its rows written: the sessions.
   *
   * @throws whatever kept the list from being had, or the rows from being written
   */
  look(): Promise<Session[]> {
    if (this.running === undefined) return this.begin()
    this.waiting ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    )
    return this.waiting
  }

  private begin(): Promise<Session[]> {
    this.waiting = undefined
    const look = this.lookNow().finally(() => {
      if (this.running === look) this.running = undefined
    })
    this.running = look
    return look
  }

  private async lookNow(): Promise<Session[]> {
    const startedMs = performance.now()
    try {
      return await this.listAndWrite()
    } finally {
      this.lookTook = performance.now() - startedMs
      this.parts.afterLook?.()
    }
  }

  private async listAndWrite(): Promise<Session[]> {
    let listed: Session[]
    try {
      listed = await this.list()
      if (this.lostTooMuch(listed)) listed = await this.list()
    } catch (error) {
      await this.failed(messageOf(error))
      throw error
    }
    try {
      await this.write(listed)
    } catch (error) {
      if (error instanceof BrokenList) {
        await this.failed(error.message)
      } else {
        // What the rows hold is not known now: read them again before the next comparison.
        this.kept = undefined
        this.failures++
        this.complain('its rows could not be written', error)
        await this.parts.status.failing(`Its rows could not be written: ${messageOf(error)}`).catch(() => {})
      }
      throw error
    }
    if (this.failures > 0) this.reported = ''
    this.failures = 0
    this.keepOut(listed)
    return listed
  }

  private async list(): Promise<Session[]> {
    const { name } = this.source
    const listed = await withTimeLimit(this.parts.timeout, `The list of ${name}`, this.stopping.signal, (signal) =>
      this.source.list(signal),
    )
    if (!Array.isArray(listed))
      throw new Error(
        `The list of ${name} is ${listed === null ? 'null' : typeof listed}; expected an array of sessions.`,
      )
    return listed
  }

  /** A read that lost more than half of the sessions at once is read again before it is believed. */
  private lostTooMuch(listed: Session[]): boolean {
    const before = this.kept?.size ?? 0
    return before > 1 && listed.length < before / 2
  }

  private async write(listed: Session[]): Promise<void> {
    const nowMs = performance.now()
    if (this.kept === undefined || nowMs - this.loadedAtMs > reloadEvery) {
      this.kept = await this.parts.table.load(this.kept)
      this.loadedAtMs = nowMs
    }
    const kept = this.kept
    const unknown = listed.filter((session) => typeof session?.key === 'string' && !kept.has(session.key))
    for (const [key, row] of await this.parts.table.meet(unknown.map(({ key }) => key))) kept.set(key, row)
    let found
    try {
      found = await lettingGo(difference(kept, listed, this.source.kind, nowMs))
    } catch (error) {
      throw new BrokenList(messageOf(error), { cause: error })
    }
    await this.parts.table.write(found, listed)
    for (const key of found.gone) kept.delete(key)
    for (const [key, row] of found.written) kept.set(key, row)
    await this.parts.cameBack.seen(this.parts.table.arrivals(found.written.values()))
    await this.parts.status.good(listed.length)
  }

  /** Not awaited: a server that is slow to be told must not hold up the rows. */
  private keepOut(listed: Session[]): void {
    const { keptOut } = this.parts
    keptOut
      .apply(this.stopping.signal)
      .catch((error: unknown) => this.complain('somebody could not be kept out', error))
    const again = keptOut.endAgain(listed, this.stopping.signal).then(
      (ended) => {
        if (ended > 0) this.changed()
      },
      (error: unknown) => this.complain('a session that was ended came back and could not be ended again', error),
    )
    this.endings.add(again)
    void again.finally(() => this.endings.delete(again))
  }

  private async failed(message: string): Promise<void> {
    if (this.stopping.signal.aborted) return
    this.failures++
    try {
      await this.parts.status.failing(message)
    } catch (error) {
      this.complain('its state could not be written', error)
    }
  }

  private complain(what: string, error: unknown): void {
    const message = `${this.source.name}: ${what}: ${messageOf(error)}`
    if (message === this.reported || this.stopping.signal.aborted) return
    this.reported = message
    this.parts.report(message)
  }

  /**
   * Waits for the next look: the poll's time, or less after a hint. A hint is answered at once where it has been quiet,
   * and by one more look after it is quiet again, because a watcher may drop the last change of a burst.
   */
  private async pause(hinted: boolean): Promise<void> {
    const delay = this.delay()
    const quiet = Math.min(delay, this.failures > 0 ? delay : Math.max(quietest, 10 * this.lookTook))
    await this.asleep(quiet, () => false)
    if (hinted || this.hinted) return
    await this.asleep(delay - quiet, () => this.hinted)
  }

  private asleep(ms: number, enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer)
        resolve()
      }
      // A back office that has nothing else to do may end.
      const timer = setTimeout(awake, ms).unref()
      this.wake = () => {
        if (this.stopping.signal.aborted || enough()) awake()
      }
      this.wake()
    })
  }

  private delay(): number {
    const { pollEvery } = this.parts
    if (this.failures === 0) return pollEvery
    return Math.min(slowest, Math.max(pollEvery, pollEvery * 2 ** (this.failures - 1)))
  }
}

class BrokenList extends Error {}
