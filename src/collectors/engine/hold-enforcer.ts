import { performance } from 'node:perf_hooks'
import type { Ends } from './ends.js'
import type { Holds } from '../../database/holds.js'
import { inSlices } from '../../timing/event-loop.js'
import { withTimeLimit } from '../../timing/time-limit.js'
import type { Hold, ListedSession, SessionSource } from '../../session-source.js'

/** A source forgets its bans when its server is restarted: they are put in force again this often, in ms. */
const againEvery = 60_000
/** ms that it may take: ProFTPD answers its controls every few seconds only, and is asked several times. */
const within = 45_000

interface Polled {
  stopping: AbortSignal
  changed(): void
  complain(what: string, error: unknown): void
}

/**
 * Brings what is held into force at one source: the logins and addresses that are kept out, exactly those, at the start,
 * whenever the set changes (one is added, released, or has run out), and again once a minute; and the panel sessions that
 * were ended and are back, which are ended again.
 */
export class HoldEnforcer {
  private readonly running = new Set<Promise<void>>()
  private inForce: string | undefined
  private appliedAtMs = 0
  private last: Promise<void> = Promise.resolve()

  constructor(
    private readonly source: Pick<SessionSource<ListedSession>, 'name' | 'kind' | 'keepOut'>,
    private readonly holds: Holds,
    private readonly ends: Ends,
  ) {}

  /** By what this source can keep people out. */
  get by(): readonly ('login' | 'ip')[] {
    return this.source.keepOut?.by ?? []
  }

  /**
   * After each poll. Not awaited: a server that is slow to be told must not hold up the rows.
   *
   * @param polled hears that something was ended, so that it polls again, and what went wrong
   */
  enforce(listed: readonly ListedSession[], { stopping, changed, complain }: Polled): void {
    this.run(this.apply(stopping).catch((error: unknown) => complain('somebody could not be kept out', error)))
    this.run(
      this.endAgain(listed, stopping).then(
        (ended) => {
          if (ended > 0) changed()
        },
        (error: unknown) => complain('a session that was ended came back and could not be ended again', error),
      ),
    )
  }

  /** Resolves when nothing of it runs any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running)
  }

  private run(work: Promise<void>): void {
    const running = work.finally(() => this.running.delete(running))
    this.running.add(running)
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

  /**
   * Ends again what was ended and is back: a running request saved it, another process wrote it.
   *
   * @returns how many of them there were
   * @throws what the source said of the first that could not be ended
   */
  async endAgain(listed: readonly ListedSession[], stopping: AbortSignal): Promise<number> {
    const { name, kind } = this.source
    if (kind !== 'panel' || (await this.holds.of(name)).length === 0) return 0
    const back: ListedSession[] = []
    await inSlices(listed, stopping, (session) => {
      const { key, login } = session
      const isBack =
        this.holds.remembers(name, 'session', key) ||
        (typeof login === 'string' && this.holds.remembers(name, 'login', login))
      if (isBack) back.push(session)
    })
    const ends = await Promise.allSettled(back.map((session) => this.ends.end(session, stopping)))
    const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    if (failed.length > 0) throw failed[0]
    return back.length
  }

  private async applyNow(signal: AbortSignal): Promise<void> {
    const { keepOut, name } = this.source
    if (keepOut === undefined) return
    const longest = new Map<string, Hold>()
    for (const { by, value, until } of await this.holds.of(name)) {
      if (by === 'session') continue
      const other = longest.get(`${by} ${value}`)
      if (other === undefined || other.until < until) longest.set(`${by} ${value}`, { by, value, until })
    }
    const wanted = JSON.stringify([...longest.keys()].sort())
    const recent = performance.now() - this.appliedAtMs < againEvery
    if (wanted === this.inForce && (longest.size === 0 || recent)) return
    this.inForce = undefined
    await keepOut.apply([...longest.values()], signal)
    this.inForce = wanted
    this.appliedAtMs = performance.now()
  }
}
