import { performance } from 'node:perf_hooks'
import { WakeablePause } from '../../timing/wakeable-pause.js'

/** Between two polls that hints ask for, at least this long, in ms; ten times as long as the last poll took where that is more. */
const quietest = 250
/** A failing source is asked less and less often, up to this, in ms. */
const slowest = 30_000

/**
 * When a source is polled: every so often, sooner after a hint, less and less often while it fails; and one poll at a
 * time.
 */
export class PollSchedule<T> {
  private running: Promise<T> | undefined
  private waiting: Promise<T> | undefined
  private readonly between: WakeablePause
  private hinted = false
  private failures = 0
  private tookMs = 0

  constructor(
    /** ms between two polls of a source that gives no hints and does not fail. */
    private readonly every: number,
    private readonly pollNow: () => Promise<T>,
    private readonly stopping: AbortSignal,
    /** Whether it is polled by itself, just now; by whoever wants a poll, it is in any case. */
    private readonly isDue: () => boolean = () => true,
  ) {
    // A back office that has nothing else to do may end.
    this.between = new WakeablePause(stopping, false)
  }

  /** Polls until the signal, and until nothing of it runs any more. */
  async run(): Promise<void> {
    while (!this.stopping.aborted) {
      const { hinted } = this
      this.hinted = false
      if (this.isDue()) await this.poll().catch(() => {})
      await this.pause(hinted)
    }
    await Promise.allSettled([this.running, this.waiting])
  }

  /** Something may have changed: poll soon. */
  hint(): void {
    this.hinted = true
    this.between.wake()
  }

  /** A poll that begins after this call: one that is running already may have read too early. */
  poll(): Promise<T> {
    // One that waits is about to begin, though the one before it is over: two at once would delete each other's rows.
    if (this.waiting !== undefined) return this.waiting
    if (this.running === undefined) return this.begin()
    this.waiting = this.running.then(
      () => this.begin(),
      () => this.begin(),
    )
    return this.waiting
  }

  private begin(): Promise<T> {
    this.waiting = undefined
    const startedMs = performance.now()
    const poll = this.pollNow().then(
      (polled) => {
        this.failures = 0
        return polled
      },
      (error: unknown) => {
        this.failures++
        throw error
      },
    )
    const over = poll.finally(() => {
      this.tookMs = performance.now() - startedMs
      if (this.running === over) this.running = undefined
    })
    this.running = over
    return over
  }

  /**
   * Waits for the next poll: its time, or less after a hint. A hint is answered at once where it has been quiet, and by
   * one more poll after it is quiet again, because a watcher may drop the last change of a burst.
   */
  private async pause(hinted: boolean): Promise<void> {
    const delay = this.delay()
    const quiet = Math.min(delay, this.failures > 0 ? delay : Math.max(quietest, 10 * this.tookMs))
    await this.between.asleep(quiet, () => false)
    if (hinted || this.hinted) return
    await this.between.asleep(delay - quiet, () => this.hinted)
  }

  private delay(): number {
    if (this.failures === 0) return this.every
    return Math.min(slowest, Math.max(this.every, this.every * 2 ** (this.failures - 1)))
  }
}
