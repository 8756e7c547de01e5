import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Engine } from './entities.js'

/** How often the clocks are compared, in ms. */
const compareEvery = 30_000
/** Less than this, in ms, is no difference: a time must not be another one whenever an answer takes longer. */
const least = 1_000
/** From so many ms on it is told. */
const told = 30_000

/**
 * How far the database's clock is ahead of this process's. What several machines compare is written by the database's, as
 * that is the same for all of them. A file of SQLite has this machine's.
 */
export class DatabaseClock {
  private ahead = 0
  /** Where this machine's clock stood on one that is never set. */
  private originMs = origin()
  private timer: NodeJS.Timeout | undefined
  private comparing: Promise<void> | undefined

  constructor(
    private readonly engine: Engine,
    private readonly query: (sql: string) => Promise<unknown>,
  ) {}

  async start(): Promise<void> {
    if (this.engine !== 'postgres') return
    await this.compare()
    this.timer = setInterval(() => {
      // Where it can't be asked, it goes on as it did; while it does not answer, one question waits and not a pool of them.
      this.comparing ??= this.compare()
        .catch(() => {})
        .finally(() => (this.comparing = undefined))
    }, compareEvery).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** ms that the database is ahead of `Date.now()`. This one's clock may be set between two comparisons. */
  get aheadMs(): number {
    if (this.engine !== 'postgres') return 0
    const set = origin() - this.originMs
    return this.ahead - (Math.abs(set) < least ? 0 : Math.round(set / least) * least)
  }

  /** For whoever looks at what this machine lists. */
  warnings(): string[] {
    const { aheadMs } = this
    if (Math.abs(aheadMs) < told) return []
    const seconds = Math.round(Math.abs(aheadMs) / 1000)
    return [
      `The clock of ${hostname()} is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the database's, so the times of ` +
        'these sessions are wrong by as much. Have both set by NTP.',
    ]
  }

  private async compare(): Promise<void> {
    const askedMs = performance.now()
    const [{ now }] = (await this.query(`SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8 AS now`)) as [
      { now: number },
    ]
    const tookMs = performance.now() - askedMs
    const ahead = Math.round(now + tookMs / 2 - Date.now())
    if (Math.abs(ahead - this.aheadMs) < Math.max(least, tookMs)) return
    this.ahead = Math.abs(ahead) < Math.max(least, tookMs) ? 0 : ahead
    this.originMs = origin()
  }
}

function origin(): number {
  return Date.now() - performance.now()
}
