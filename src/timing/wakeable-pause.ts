/** The time between two looks: shorter where a source has news. */
export class News {
  private arrived = false
  private wake: () => void = () => undefined

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.wake(), { once: true })
  }

  /** Something may have changed. */
  arrive(): void {
    this.arrived = true
    this.wake()
  }

  /**
   * Waits for news, or for the signal, but not too short and not too long.
   *
   * @param shortest ms
   * @param longest ms
   */
  async wait(shortest: number, longest: number): Promise<void> {
    await this.asleep(shortest, () => false)
    await this.asleep(longest - shortest, () => this.arrived)
    this.arrived = false
  }

  private asleep(ms: number, enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(awake, ms)
      this.wake = () => {
        if (this.signal.aborted || enough()) awake()
      }
      this.wake()
    })
  }
}
