import type { RemovalRecords, SourceOfRemovals } from '../../database/removal-records.js'
import type { SessionRemovalRow } from '../../database/rows.js'
import type { Arrival } from '../../database/session-rows.js'
import { inGroups } from '../../timing/event-loop.js'

/** Whoever is back within ten minutes came back, in ms. */
const within = 10 * 60_000
/** A source of 100,000 sessions may be new: of so many the event loop takes no notice. */
const arrivalsAtOnce = 1000

/** Notes on a removal that the same login came back from the same address. */
export class ReturnWatch {
  /**
   * When the latest removal of each login and address began to end it, and not when its outcome was written: whoever is
   * back by then is back. Read from the records at the first arrival.
   */
  private recent: Map<string, number> | undefined

  constructor(
    private readonly records: RemovalRecords,
    private readonly whose: SourceOfRemovals,
    /** The sessions of these logins, as their rows are. */
    private readonly arrivalsOf: (logins: string[]) => Promise<Iterable<Arrival>>,
  ) {}

  /** Told of what has just been ended. Whoever was back before that was written is among the rows already. */
  async ended(removals: SessionRemovalRow[]): Promise<void> {
    for (const removal of removals) this.recent?.set(nameOf(removal), beganAt(removal))
    const logins = removals.map(({ login }) => login).filter((login) => login !== null)
    if (logins.length > 0) await this.seen(await this.arrivalsOf([...new Set(logins)]))
  }

  /** Told of every session that is new or has changed. Writes only where one of them was ended a short while ago. */
  async seen(arrivals: Iterable<Arrival>): Promise<void> {
    const now = Date.now()
    const since = new Date(now - within)
    if (this.recent === undefined) {
      const done = await this.records.endedSince(this.whose, since)
      this.recent = new Map(done.map((removal) => [nameOf(removal), beganAt(removal)]))
    }
    for (const [name, beganMs] of this.recent) if (now - beganMs > within) this.recent.delete(name)
    if (this.recent.size === 0) return
    for await (const some of inGroups(arrivals, arrivalsAtOnce)) {
      for (const { login, ip, startedAt } of some) {
        const beganMs = login === null || ip === null ? undefined : this.recent.get(nameOf({ login, ip }))
        // Times of sessions are whole seconds: one that began in the second of the removal counts as after it.
        if (beganMs === undefined || startedAt === null || startedAt.getTime() < Math.floor(beganMs / 1000) * 1000)
          continue
        await this.records.cameBack(this.whose, { login: login!, ip: ip! }, since, startedAt)
        this.recent.delete(nameOf({ login, ip }))
      }
    }
  }
}

function beganAt({ startedAt, finishedAt }: SessionRemovalRow): number {
  return (startedAt ?? finishedAt ?? new Date()).getTime()
}

function nameOf({ login, ip }: Pick<Arrival, 'login' | 'ip'>): string {
  return `${login ?? ''}\n${ip ?? ''}`
}
