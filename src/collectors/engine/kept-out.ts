import type { Holds } from './holds.js'
import { withTimeLimit } from './time-limit.js'
import type { Hold, ListedSession, SessionSource } from './session-source.js'

/** A source forgets its bans when its server is restarted: they are put in force again this often, in ms. */
const againEvery = 60_000
/** ms that it may take: ProFTPD answers its controls every few seconds only, and is asked several times. */
const within = 45_000

/**
 * Brings the logins and addresses that are held out into force at one source: exactly those, at the start, whenever the
 * set changes (one is added, released, or has run out), and again once a minute.
 */
export class KeptOut {
  private inForce: string | undefined
  private appliedAt = 0
  private last: Promise<void> = Promise.resolve()

  constructor(
    private readonly source: Pick<SessionSource<ListedSession>, 'name' | 'keepOut'>,
    private readonly holds: Holds,
  ) {}

  /** By what this source can keep people out. */
  get by(): readonly ('login' | 'ip')[] {
    return this.source.keepOut?.by ?? []
  }

  /**
   * One after the other: a set that is put in force late must not be an old one.
   *
   * @throws what the source says where it could not keep them out, or TimeLimitReached
   */
  apply(stopping: AbortSignal): Promise<void> {
    const turn = this.last
      .catch(() => {})
      .then(() =>
        withTimeLimit(within, `Keeping out of ${this.source.name}`, stopping, (signal) => this.applyNow(signal)),
      )
    this.last = turn
    return turn
  }

  private async applyNow(signal: AbortSignal): Promise<void> {
    const { keepOut, name } = this.source
    if (keepOut === undefined) return
    const all: Hold[] = (await this.holds.of(name)).flatMap(({ by, value, until }) =>
      by === 'login' || by === 'ip' ? [{ by, value, until }] : [],
    )
    const wanted = JSON.stringify(all.map(({ by, value }) => [by, value]).sort())
    if (wanted === this.inForce && (all.length === 0 || Date.now() - this.appliedAt < againEvery)) return
    this.inForce = undefined
    await keepOut.apply(all, signal)
    this.inForce = wanted
    this.appliedAt = Date.now()
  }
}
