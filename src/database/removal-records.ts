import { EventEmitter, once } from 'node:events'
import { performance } from 'node:perf_hooks'
import type { Repository } from 'typeorm'
import type { Database } from './open-database.js'
import type { SessionRemovalRow } from './rows.js'

/** A removal that is asked for; what is left out is filled in. */
export type RemovalRequest = Pick<SessionRemovalRow, 'batch' | 'recordId' | 'kind' | 'removedVia'> &
  Partial<Omit<SessionRemovalRow, 'id'>>

/** Where askers and engines meet: the rows. The events only make those of the same process look sooner. */
export class RemovalRequests {
  /** `'asked'` and `'settled'`. */
  readonly events = new EventEmitter().setMaxListeners(0)

  readonly repository: Repository<SessionRemovalRow>

  constructor(private readonly database: Pick<Database, 'removals' | 'checkInPlace'>) {
    this.repository = database.removals
  }

  /**
   * Commits the records, before anything is ended. One that the batch already has stays as it is, so a batch that is
   * sent twice ends nothing twice.
   */
  async ask(requests: RemovalRequest[]): Promise<void> {
    await this.database.checkInPlace()
    const requestedAt = new Date()
    const nothing = {
      removedBy: null, removedFromIp: null, host: null, source: null, key: null, login: null, ip: null, reason: null,
      message: null, whenIdle: false, byForce: false, releasedBy: null, releasedAt: null, beat: 0, keepOutBy: null, keepOutUntil: null, takenBy: null, startedAt: null, cameBackAt: null, session: null,
    } // prettier-ignore
    const rows = requests.map((request) => ({
      ...nothing,
      requestedAt,
      outcome: 'pending' as const,
      finishedAt: request.outcome === undefined || request.outcome === 'pending' ? null : requestedAt,
      ...request,
    }))
    for (let i = 0; i < rows.length; i += 100) {
      await this.repository
        .createQueryBuilder()
        .insert()
        .values(rows.slice(i, i + 100))
        .orIgnore()
        .updateEntity(false)
        .execute()
    }
    this.events.emit('asked')
  }

  /** The records of a batch, as they are after at most `ms` milliseconds of waiting for their outcome. */
  async outcomes(batch: string, kind: SessionRemovalRow['kind'], ms: number): Promise<SessionRemovalRow[]> {
    const deadlineMs = performance.now() + ms
    for (;;) {
      // Listen before looking: what settles in between must not be missed.
      const waiting = new AbortController()
      const settled = once(this.events, 'settled', { signal: waiting.signal }).catch(() => {})
      const rows = await this.repository
        .find({ where: { batch, kind }, order: { id: 'ASC' } })
        .catch((error: unknown) => {
          waiting.abort()
          throw error
        })
      const left = deadlineMs - performance.now()
      if (left <= 0 || rows.every((row) => row.outcome !== 'pending')) {
        waiting.abort()
        return rows
      }
      // Another process may settle them: look every now and then in any case.
      const timer = setTimeout(() => waiting.abort(), Math.min(left, 300))
      await settled
      clearTimeout(timer)
      waiting.abort()
    }
  }
}
