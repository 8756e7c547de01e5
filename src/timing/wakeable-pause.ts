/** Sleeps that can be cut short, and that a signal ends. */
export class WakeablePause {
  private wakeUp: () => void = () => undefined

  /** @param keepsAlive whether a process that has nothing else to do waits for it */
  constructor(
    private readonly signal: AbortSignal,
    private readonly keepsAlive: boolean,
  ) {
    signal.addEventListener('abort', () => this.wakeUp(), { once: true })
  }

  /** Has whoever sleeps look whether that was enough. */
  wake(): void {
    this.wakeUp()
  }

  /** Until it is enough, or the signal, and for at most `ms`. */
  asleep(ms: number, enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(awake, ms)
      if (!this.keepsAlive) timer.unref()
      this.wakeUp = () => {
        if (this.signal.aborted || enough()) awake()
      }
      this.wakeUp()
    })
  }
}

/** The time between two looks: shorter where a source has news. */
export class News {
  private arrived = false
  private readonly pause: WakeablePause

  constructor(signal: AbortSignal) {
    this.pause = new WakeablePause(signal, true)
  }

  /** Something may have changed. */
  arrive(): void {
    this.arrived = true
    this.pause.wake()
  }

  /**
   * Waits for news, or for the signal, but not too short and not too long.
   *
   * @param shortest ms
   * @param longest ms
   */
  async wait(shortest: number, longest: number): Promise<void> {
    await this.pause.asleep(shortest, () => false)
    await this.pause.asleep(longest - shortest, () => this.arrived)
    this.arrived = false
  }
}
