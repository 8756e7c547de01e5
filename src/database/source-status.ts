import type { Repository } from 'typeorm'
import type { Fence } from './fence.js'
import { rowValue } from '../text/stored-value.js'
import type { SessionSourceStatusRow } from './rows.js'

/** How often a row says again that its collector lives, in ms: in between, an unchanged poll writes nothing. */
const sayAgainEvery = 60_000
/** A collector says once a minute that it lives; a source without one for so long, in ms, is collected by nobody. */
export const silentAfter = 3 * 60_000

/** The state of one source, in memory and in its row. */
export class SourceStatus {
  private row: Omit<SessionSourceStatusRow, 'id'>
  private writtenAt = 0

  constructor(
    private readonly repository: Repository<SessionSourceStatusRow>,
    source: Pick<SessionSourceStatusRow, 'host' | 'name' | 'kind' | 'evidence' | 'keepOut' | 'byForce'>,
    private readonly changed: (
      now: Omit<SessionSourceStatusRow, 'id'>,
      before: SessionSourceStatusRow['state'],
    ) => void = () => undefined,
  ) {
    this.row = {
      ...source,
      state: 'starting',
      sessions: 0,
      lastGoodAt: null,
      failingSince: null,
      error: null,
      warning: null,
      seenAt: null,
    }
  }

  /** Takes over what the last process knew: rows from before are as old as its last good poll. */
  async starting(fence?: Fence): Promise<void> {
    const last = await this.last()
    await this.say(fence, {
      state: 'starting',
      sessions: last?.sessions ?? 0,
      lastGoodAt: last?.lastGoodAt ?? null,
      failingSince: last?.failingSince ?? null,
    })
  }

  /** What its row says, whoever wrote it. */
  last(): Promise<SessionSourceStatusRow | null> {
    const { host, name } = this.row
    return this.repository.findOneBy({ host, name })
  }

  /** @param warnings what the list had to leave out, or doubts */
  async good(sessions: number, warnings: string[] = [], fence?: Fence): Promise<void> {
    const now = new Date()
    const warning = warnings.length === 0 ? null : String(rowValue(warnings.join(' ')))
    const { row } = this
    if (row.state === 'ok' && row.sessions === sessions && row.warning === warning && !this.isDue(now)) {
      this.row.lastGoodAt = now
      return
    }
    await this.say(fence, { state: 'ok', sessions, lastGoodAt: now, failingSince: null, error: null, warning })
  }

  async failing(error: string, fence?: Fence): Promise<void> {
    if (this.row.state === 'failing' && this.row.error === error && !this.isDue(new Date())) return
    // A warning is of a list, and there is none.
    await this.say(fence, { state: 'failing', failingSince: this.row.failingSince ?? new Date(), error, warning: null })
  }

  /** Also where the clock was set back: who waits for it to catch up looks dead for as long. */
  private isDue(now: Date): boolean {
    return Math.abs(now.getTime() - this.writtenAt) >= sayAgainEvery
  }

  private async say(fence: Fence | undefined, change: Partial<SessionSourceStatusRow>): Promise<void> {
    const row = { ...this.row, ...change, seenAt: new Date() }
    await this.repository
      .createQueryBuilder()
      .insert()
      .values(fence === undefined ? row : { ...row, host: fence.host })
      .setParameters(fence?.parameters ?? {})
      .orUpdate(
        [
          ...['kind', 'evidence', 'keepOut', 'byForce'],
          ...['state', 'sessions', 'lastGoodAt', 'failingSince', 'error', 'warning', 'seenAt'],
        ],
        ['host', 'name'],
      )
      .updateEntity(false)
      .execute()
    const before = this.row as Record<string, unknown>
    // Not where it merely lives on.
    if (Object.entries(change).some(([field, value]) => field !== 'lastGoodAt' && value !== before[field]))
      this.changed(row, this.row.state)
    this.row = row
    this.writtenAt = Date.now()
  }
}

/** By what a source can keep people out. */
export function keepOutOf({ keepOut }: Pick<SessionSourceStatusRow, 'keepOut'>): ('login' | 'ip')[] {
  return (['login', 'ip'] as const).filter((by) => keepOut.split(',').includes(by))
}

/** When a source that nobody reads any more was read last: its process has ended, or it is no longer among the sources. */
export function abandonedSince({
  seenAt,
  lastGoodAt,
}: Pick<SessionSourceStatusRow, 'seenAt' | 'lastGoodAt'>): Date | null {
  const lives = seenAt ?? lastGoodAt
  return lives !== null && Date.now() - lives.getTime() > silentAfter ? (lastGoodAt ?? lives) : null
}
