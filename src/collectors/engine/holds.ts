import { LessThan, MoreThan, type Repository } from 'typeorm'
import type { HoldRow } from '../../resources/rows.js'
import type { Hold } from './session-source.js'

const hour = 3600_000
/** How long an ended session that has no end of its own is kept out: 30 days, in ms. */
const withoutEnd = 30 * 24 * hour
/** How often all holds are read again, in ms: some may have been released by another process. */
const readAllEvery = 30_000
/** How long a request of the host's may wait for the database's word, in ms. */
const patience = 250

/** A hold to commit. `until: null` is for a session that has no end of its own. */
export type NewHold = Pick<HoldRow, 'host' | 'source' | 'by' | 'value' | 'removalId'> & { until: Date | null }

/**
 * Who is kept out. The rows are the truth; what this process knows of them is kept in memory, so that a hold goes on
 * holding while the database is away.
 */
export class Holds {
  private known = new Map<string, HoldRow>()
  private lastId = 0
  private readAllAt = 0
  /** Set while a question to the database has been waiting for longer than anybody should. */
  private away = false

  constructor(private readonly repository: Repository<HoldRow>) {}

  /** Commits holds. Only when this has resolved may what they hold out be ended. */
  async add(holds: NewHold[]): Promise<void> {
    const createdAt = new Date()
    const rows = holds.map((hold) => ({ ...hold, createdAt, until: endOf(hold, createdAt) }))
    for (let i = 0; i < rows.length; i += 100) {
      await this.repository
        .createQueryBuilder()
        .insert()
        .values(rows.slice(i, i + 100))
        .orIgnore()
        .updateEntity(false)
        .execute()
    }
    for (const row of rows) this.known.set(nameOf(row), row as HoldRow)
  }

  async release(holds: Pick<HoldRow, 'host' | 'source' | 'by' | 'value'>[]): Promise<void> {
    for (const { host, source, by, value } of holds) {
      await this.repository.delete({ host, source, by, value })
      this.known.delete(nameOf({ source, by, value }))
    }
  }

  /**
   * Is this held out of the named source, on whatever host? Asks the database where memory does not know, because another
   * process may have committed the hold a moment ago. Answers from memory while the database is away, and does not queue
   * up behind it: the host's requests go on. What was let through then is ended by the look that comes after.
   */
  async isHeld(source: string, by: Hold['by'], value: string): Promise<boolean> {
    const now = new Date()
    const known = this.known.get(nameOf({ source, by, value }))
    if (known !== undefined && known.until > now) return true
    if (this.away) return false
    const asked = this.repository.findOneBy({ by, value, source, until: MoreThan(now) }).then(
      (row) => {
        if (row !== null) this.known.set(nameOf(row), row)
        return row !== null
      },
      () => false,
    )
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        this.away = true
        void asked.then(() => (this.away = false))
        resolve(false)
      }, patience).unref()
    })
    const held = await Promise.race([asked, late])
    clearTimeout(timer)
    return held
  }

  /** The holds on one source, after a look at what other processes have added or released. */
  async of(source: string): Promise<HoldRow[]> {
    await this.refresh()
    const now = new Date()
    return [...this.known.values()].filter((hold) => hold.source === source && hold.until > now)
  }

  private async refresh(): Promise<void> {
    const now = Date.now()
    if (now - this.readAllAt > readAllEvery) {
      await this.forgetPast(now)
      const rows = await this.repository.find()
      this.known = new Map(rows.map((row) => [nameOf(row), row]))
      this.readAllAt = now
      this.lastId = rows.reduce((last, row) => Math.max(last, row.id), 0)
      return
    }
    const rows = await this.repository.findBy({ id: MoreThan(this.lastId) })
    for (const row of rows) {
      this.known.set(nameOf(row), row)
      this.lastId = Math.max(this.lastId, row.id)
    }
  }

  /** Deletes what has run out; asks first, because a look at nothing new must not write. */
  private async forgetPast(now: number): Promise<void> {
    const past = { until: LessThan(new Date(now)) }
    if (await this.repository.existsBy(past)) await this.repository.delete(past)
  }
}

/** An ended session may be saved once more by a request that is still running: it is kept out a day longer than it lives. */
function endOf({ by, until }: NewHold, createdAt: Date): Date {
  if (by !== 'session' && until !== null) return until
  return new Date(Math.max(until?.getTime() ?? createdAt.getTime() + withoutEnd, createdAt.getTime()) + 24 * hour)
}

function nameOf({ source, by, value }: Pick<HoldRow, 'source' | 'by' | 'value'>): string {
  return `${by}\n${source}\n${value}`
}
