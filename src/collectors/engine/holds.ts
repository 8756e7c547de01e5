import { LessThan, MoreThan, type Repository } from 'typeorm'
import type { HoldRow } from '../../resources/rows.js'
import type { Hold } from './session-source.js'

/** How long an ended session that has no end of its own is kept out: 30 days, in ms. */
const withoutEnd = 30 * 24 * 3600_000
/** How often all holds are read again, in ms: some may have been released by another process. */
const readAllEvery = 30_000

export type NewHold = Pick<HoldRow, 'host' | 'source' | 'by' | 'value' | 'removalId'> & { until: Date | null }

/**
 * Who is kept out. The rows are the truth; what this process knows of them is kept in memory, so that a hold goes on
 * holding while the database is away.
 */
export class Holds {
  private known = new Map<string, HoldRow>()
  private lastId = 0
  private readAllAt = 0

  constructor(private readonly repository: Repository<HoldRow>) {}

  /** Commits holds. Only when this has resolved may what they hold out be ended. */
  async add(holds: NewHold[]): Promise<void> {
    const createdAt = new Date()
    const rows = holds.map((hold) => ({
      ...hold,
      createdAt,
      // A session that is about to end by itself may be saved once more by a running request: a day's grace.
      until: new Date(Math.max(hold.until?.getTime() ?? createdAt.getTime() + withoutEnd, createdAt.getTime() + 24 * 3600_000)),
    }))
    for (let i = 0; i < rows.length; i += 100) {
      await this.repository
        .createQueryBuilder()
        .insert()
        .values(rows.slice(i, i + 100))
        .orUpdate(['until', 'removalId', 'createdAt'], ['by', 'value', 'source', 'host'])
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
   * process may have committed the hold a moment ago; answers from memory while the database is away.
   */
  async isHeld(source: string, by: Hold['by'], value: string): Promise<boolean> {
    const now = new Date()
    const known = this.known.get(nameOf({ source, by, value }))
    if (known !== undefined && known.until > now) return true
    try {
      const row = await this.repository.findOneBy({ by, value, source, until: MoreThan(now) })
      if (row === null) return false
      this.known.set(nameOf(row), row)
      return true
    } catch {
      return false
    }
  }

  /** The holds on one source, after a look at what other processes have added. */
  async of(source: string): Promise<HoldRow[]> {
    await this.refresh()
    const now = new Date()
    return [...this.known.values()].filter((hold) => hold.source === source && hold.until > now)
  }

  private async refresh(): Promise<void> {
    const now = Date.now()
    if (now - this.readAllAt > readAllEvery) {
      await this.repository.delete({ until: LessThan(new Date(now)) })
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
}

function nameOf({ source, by, value }: Pick<HoldRow, 'source' | 'by' | 'value'>): string {
  return `${by}\n${source}\n${value}`
}
