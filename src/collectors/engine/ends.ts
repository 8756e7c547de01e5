import { performance } from 'node:perf_hooks'
import type { ListedSession, SessionSource } from '../../session-source.js'
import { withTimeLimit } from '../../timing/time-limit.js'

/** For how long those that are ended at about the same time share one list, in ms. */
const sharedFor = 500

type Answer = 'asked' | 'already-gone'

/** The one place that asks a source to end sessions, whoever wants it. A session whose end is under way is not asked for again. */
export class Ends {
  private readonly underWay = new Map<string, Promise<Answer>>()
  private shared: { begunMs: number; list: Promise<ListedSession[]> } | undefined
  private readonly told = new Set<(key: string) => void>()

  constructor(
    private readonly source: SessionSource<ListedSession>,
    /** ms that one answer may take. */
    private readonly timeout: number,
  ) {}

  /** @throws RemovalRefused, TimeLimitReached, or what the source says */
  end(session: ListedSession, stopping: AbortSignal, byForce = false): Promise<Answer> {
    const which = `${byForce}\n${session.key}`
    const running = this.underWay.get(which)
    if (running !== undefined) return running
    const { name, byForce: force } = this.source
    const source = byForce && force !== undefined ? force : this.source
    const end = withTimeLimit(this.timeout, `The answer of ${name}`, stopping, (signal) =>
      source.end(session, signal, () => this.fresh(stopping, signal)),
    )
      .then((answer) => {
        if (answer === 'asked') for (const tell of this.told) tell(session.key)
        return answer
      })
      .finally(() => this.underWay.delete(which))
    this.underWay.set(which, end)
    return end
  }

  /**
   * @param tell hears the key of each session that was there and was asked to end, whoever wanted it
   * @returns ends that
   */
  listen(tell: (key: string) => void): () => void {
    this.told.add(tell)
    return () => void this.told.delete(tell)
  }

  /** The list is shared, so it goes on until `stopping`; whoever waits for it stops waiting at a signal of his own. */
  private fresh(stopping: AbortSignal, waiting: AbortSignal): Promise<ListedSession[]> {
    const what = `The list of ${this.source.name}`
    const nowMs = performance.now()
    if (this.shared === undefined || nowMs - this.shared.begunMs > sharedFor) {
      const list = withTimeLimit(this.timeout, what, stopping, (signal) => this.source.list(signal))
      // Whoever asked hears of it.
      list.catch(() => {})
      this.shared = { begunMs: nowMs, list }
    }
    const { list } = this.shared
    return withTimeLimit(this.timeout, what, waiting, () => list)
  }
}
