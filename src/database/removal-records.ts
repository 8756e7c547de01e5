import { EventEmitter, once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { In, IsNull, MoreThan, MoreThanOrEqual, Not, type FindOptionsWhere, type Repository } from 'typeorm'
import { inGroups } from '../timing/event-loop.js'
import type { Database } from './open-database.js'
import { inEnglish, type Saying } from '../text/said.js'
import { nameRemoved } from './session-history.js'
import { isSettled, movesFrom, type RemovalOutcome } from './removal-states.js'
import type { PanelSessionRow, SessionRemovalRow } from './rows.js'

/** A removal that is asked for; what is left out is filled in. */
export type RemovalRequest = Pick<SessionRemovalRow, 'batch' | 'recordId' | 'kind' | 'removedVia'> &
  Partial<Omit<SessionRemovalRow, 'id' | 'message'>>

/** The source that removals are of. */
export type SourceOfRemovals = { host: string; kind: SessionRemovalRow['kind']; source: string }

const rowsPerInsert = 100
const rowsPerUpdate = 500
/** The beat of what an engine left when it was stopped: it need not be waited for. */
export const left = -1

/**
 * The records of removals, and the only place that writes them. Askers and engines meet here: the rows are the truth,
 * the events only make those of the same process look sooner.
 */
export class RemovalRecords {
  /** `'asked'` and `'settled'`. */
  readonly events = new EventEmitter().setMaxListeners(0)
  private readonly repository: Repository<SessionRemovalRow>

  constructor(
    private readonly database: Pick<
      Database,
      'engine' | 'removals' | 'history' | 'checkInPlace' | 'changes' | 'events'
    >,
  ) {
    this.repository = database.removals
  }

  /**
   * Commits the records, before anything is ended. One that the batch already has stays as it is, so a batch that is
   * sent twice ends nothing twice.
   *
   * @throws Error where one has an outcome that no asker may give it, or the database does not take them
   */
  async ask(requests: RemovalRequest[]): Promise<void> {
    await this.database.checkInPlace()
    const requestedAt = new Date()
    const nothing = {
      removedBy: null, removedFromIp: null, host: null, source: null, key: null, login: null, person: null, ip: null, reason: null,
      message: null, said: null, whenIdle: false, byForce: false, releasedBy: null, releasedAt: null, beat: 0, keepOutBy: null,
      keepOutUntil: null, takenBy: null, startedAt: null, cameBackAt: null, session: null,
    } // prettier-ignore
    const rows = requests.map(({ outcome = 'pending', ...request }) => {
      if (!movesFrom(null, 'asker').includes(outcome)) throw new Error(`No removal is asked for as ${outcome}.`)
      const finishedAt = isSettled(outcome) ? requestedAt : null
      return { ...nothing, requestedAt, outcome, finishedAt, ...request, ...worded(request.said ?? []) }
    })
    for (let i = 0; i < rows.length; i += rowsPerInsert) {
      await this.repository
        .createQueryBuilder()
        .insert()
        .values(rows.slice(i, i + rowsPerInsert))
        .orIgnore()
        .updateEntity(false)
        .execute()
    }
    this.told('asked')
  }

  /** The records of a batch, as they are after at most `ms` milliseconds of waiting for their outcome. */
  outcomes(batch: string, kind: SessionRemovalRow['kind'], ms: number): Promise<SessionRemovalRow[]> {
    return this.after(
      ms,
      () => this.repository.find({ where: { batch, kind }, order: { id: 'ASC' } }),
      (rows) => rows.every((row) => isSettled(row.outcome)),
    )
  }

  /** How many of a batch have which outcome, after at most `ms` milliseconds of waiting for all of them. */
  settled(batch: string, ms: number): Promise<Partial<Record<RemovalOutcome, number>>> {
    return this.after(
      ms,
      () => this.counts(batch),
      (counts) => Object.keys(counts).every((outcome) => isSettled(outcome as RemovalOutcome)),
    )
  }

  /** What is found once it is as it is waited for, or else after so many ms. */
  private async after<Found>(ms: number, look: () => Promise<Found>, isSo: (found: Found) => boolean): Promise<Found> {
    const deadlineMs = performance.now() + ms
    for (;;) {
      // Listen before looking: what settles in between must not be missed.
      const waiting = new AbortController()
      const settled = once(this.events, 'settled', { signal: waiting.signal }).catch(() => {})
      const found = await look().catch((error: unknown) => {
        waiting.abort()
        throw error
      })
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0 || isSo(found)) {
        waiting.abort()
        return found
      }
      // Another process may settle them: look every now and then in any case.
      const timer = setTimeout(() => waiting.abort(), Math.min(leftMs, 300))
      await settled
      clearTimeout(timer)
      waiting.abort()
    }
  }

  /** Tells this process's engines and askers, and the pages. */
  told(what: 'asked' | 'settled'): void {
    this.events.emit(what)
    this.database.changes.changed('removals')
  }

  /** How many of a batch have which outcome. */
  async counts(batch: string): Promise<Partial<Record<RemovalOutcome, number>>> {
    const found: { outcome: RemovalOutcome; count: string | number }[] = await this.repository
      .createQueryBuilder('removal')
      .select('removal.outcome', 'outcome')
      .addSelect('COUNT(*)', 'count')
      .where({ batch })
      .groupBy('removal.outcome')
      .getRawMany()
    return Object.fromEntries(found.map(({ outcome, count }) => [outcome, Number(count)]))
  }

  /** The first of a batch that neither ended nor were gone, and the first whom somebody else asked for. */
  async notEnded(batch: string, most: number): Promise<SessionRemovalRow[]> {
    return this.repository.find({
      where: { batch, outcome: In(['refused', 'failed', 'unknown']) },
      order: { id: 'ASC' },
      take: most,
    })
  }

  /** Who asked for a batch; undefined where there is none. */
  async askerOf(batch: string): Promise<string | null | undefined> {
    return (await this.repository.findOne({ select: { id: true, removedBy: true }, where: { batch } }))?.removedBy
  }

  /**
   * Those of these sessions' rows, by their ids, that this remover has asked for in a batch, or else has asked to end since
   * then.
   */
  async askedBy(
    removedBy: string,
    sessions: readonly Pick<PanelSessionRow, 'id' | 'key'>[],
    when: { batch: string } | { since: Date },
  ): Promise<Set<number>> {
    const asked = new Set<number>()
    for await (const some of inGroups([...sessions], rowsPerUpdate)) {
      const keys = new Map(some.map(({ id, key }) => [id, key]))
      const found = await this.repository.find({
        select: { id: true, recordId: true, key: true, outcome: true, requestedAt: true, batch: true },
        where: { key: In([...keys.values()]), removedVia: 'policy', removedBy },
      })
      for (const { recordId, key, outcome, requestedAt, batch } of found) {
        const counts =
          'batch' in when
            ? batch === when.batch
            : outcome === 'pending' || (outcome !== 'tried' && requestedAt > when.since)
        if (counts && keys.get(recordId) === key) asked.add(recordId)
      }
    }
    return asked
  }

  /** Stops what no engine has begun with. */
  async stop(batch: string, said: readonly Saying[]): Promise<void> {
    const [outcome] = movesFrom('pending', 'stopper')
    await this.repository.update(
      { batch, outcome: 'pending', takenBy: IsNull() },
      { outcome, ...worded(said), finishedAt: new Date() },
    )
    this.told('settled')
  }

  /** Whether any of a source is pending, in whosever hands. */
  anyPending(of: SourceOfRemovals): Promise<boolean> {
    return this.repository.existsBy({ ...of, outcome: 'pending' })
  }

  /**
   * The oldest ones of a source that are pending: in an engine's hands, or in nobody's; of those, apart from each other, so
   * that none stands in the others' way, those to be ended at once and those that wait until no file is moved.
   */
  pending(of: SourceOfRemovals, which: 'taken' | 'due' | 'when-idle', most: number): Promise<SessionRemovalRow[]> {
    const hands =
      which === 'taken' ? { takenBy: Not(IsNull()) } : { takenBy: IsNull(), whenIdle: which === 'when-idle' }
    return this.repository.find({ where: { ...of, outcome: 'pending', ...hands }, take: most, order: { id: 'ASC' } })
  }

  /**
   * Puts pending ones into an engine's hands, in one statement, so that no other takes them as well. What somebody else is
   * writing to at this moment is left out and not waited for.
   *
   * @param by that engine
   * @param from whose hands they were in when they were read, and with which beat; null where in nobody's
   * @returns those that it has now
   */
  async take(
    removals: readonly SessionRemovalRow[],
    by: string,
    from: Pick<SessionRemovalRow, 'takenBy' | 'beat'> | null,
  ): Promise<SessionRemovalRow[]> {
    if (removals.length === 0) return []
    const id = In(removals.map((removal) => removal.id))
    const as = from === null ? { takenBy: IsNull() } : { takenBy: from.takenBy!, beat: from.beat }
    const free = this.repository
      .createQueryBuilder('free')
      .select('free.id')
      .where({ id, outcome: 'pending', ...as })
    // SQLite has one writer, and no such lock.
    if (this.database.engine === 'postgres') free.setLock('pessimistic_write').setOnLocked('skip_locked')
    await this.repository
      .createQueryBuilder()
      .update({ takenBy: by, startedAt: new Date(), beat: 0 })
      .where(`id IN (${free.getQuery()})`, free.getParameters())
      .execute()
    return this.repository.findBy({ id, outcome: 'pending', takenBy: by })
  }

  /** Gives one back that its time has not come for. */
  async putBack(removal: SessionRemovalRow): Promise<void> {
    await this.repository.update(heldBy(removal), { takenBy: null, startedAt: null })
  }

  /** Says that their engine is at work on them. */
  async beat(ids: readonly number[], by: string): Promise<void> {
    for await (const some of inGroups([...ids], rowsPerUpdate)) {
      const mine = { id: In(some), takenBy: by, outcome: 'pending' as const, beat: Not(left) }
      await this.repository.increment(mine, 'beat', 1)
    }
  }

  /** Says that an engine has stopped: what it had may be taken over at once. */
  async leave(by: string): Promise<void> {
    await this.repository.update({ takenBy: by, outcome: 'pending' }, { beat: left })
  }

  /** Writes what became of removals, where they are still in the hands of the engine that they were taken by. */
  async settle(
    removals: readonly SessionRemovalRow[],
    outcome: RemovalOutcome,
    said: readonly Saying[],
  ): Promise<void> {
    if (!movesFrom('pending', 'taker').includes(outcome)) throw new Error(`No removal ends as ${outcome}.`)
    if (removals.length === 0) return
    await this.repository.update(
      { ...heldBy(removals[0]!), id: In(removals.map(({ id }) => id)) },
      { outcome, ...worded(said), finishedAt: new Date() },
    )
    await this.tellRemoved(removals)
    if (outcome !== 'ended') return
    const { kind, host, source } = removals[0]!
    if (host === null || source === null) return
    await nameRemoved(
      this.database,
      { kind, host, source },
      removals.flatMap(({ key }) => key ?? []),
    )
  }

  /** What was settled just now, as it is on record: another engine may have taken some of it over. */
  private async tellRemoved(removals: readonly SessionRemovalRow[]): Promise<void> {
    const { events } = this.database
    if (!events.isHeard('removed')) return
    for await (const some of inGroups([...removals], rowsPerUpdate)) {
      const mine = { id: In(some.map(({ id }) => id)), takenBy: some[0]!.takenBy!, outcome: Not('pending' as const) }
      for (const removal of await this.repository.findBy(mine)) events.tell('removed', { ...removal })
    }
  }

  /** Settles what is pending of a source that nobody reads any more. */
  async giveUp(of: SourceOfRemovals, said: readonly Saying[]): Promise<void> {
    const [outcome] = movesFrom('pending', 'pruner')
    await this.repository.update({ ...of, outcome: 'pending' }, { outcome, ...worded(said), finishedAt: new Date() })
    this.told('settled')
  }

  /** Those that were ended since then and whose person has not been seen again. */
  endedSince(of: SourceOfRemovals, since: Date): Promise<SessionRemovalRow[]> {
    return this.repository.findBy(notBackSince(of, since))
  }

  /** Writes when a login was seen again from its address, on what of his was ended since then. */
  async cameBack(of: SourceOfRemovals, who: { login: string; ip: string }, since: Date, at: Date): Promise<void> {
    const back = { ...notBackSince(of, since), ...who }
    const { events, changes } = this.database
    const told = events.isHeard('came-back') ? await this.repository.findBy(back) : []
    await this.repository.update(back, { cameBackAt: at })
    changes.changed('removals')
    for (const removal of told) events.tell('came-back', { ...removal, cameBackAt: at })
  }

  /** One of them, by its id. */
  byId(id: number): Promise<SessionRemovalRow | null> {
    return this.repository.findOneBy({ id })
  }

  /** Writes who let in again whom a removal kept out; the first to do so stands there. */
  async released(id: number, by: string | null): Promise<void> {
    await this.repository.update({ id, releasedAt: IsNull() }, { releasedBy: by, releasedAt: new Date() })
    this.database.changes.changed('removals')
  }

  /** Which of these sessions' ends have failed since then. */
  failedSince(
    kind: SessionRemovalRow['kind'],
    sessions: readonly Record<'host' | 'source' | 'key', string>[],
    since: Date,
  ): Promise<Pick<SessionRemovalRow, 'host' | 'source' | 'key'>[]> {
    const any = (field: 'host' | 'source' | 'key') => In([...new Set(sessions.map((session) => session[field]))])
    return this.repository.find({
      select: ['id', 'host', 'source', 'key'],
      where: {
        ...{ kind, outcome: 'failed', finishedAt: MoreThan(since) },
        ...{ host: any('host'), source: any('source'), key: any('key') },
      },
    })
  }
}

/** What is said, as a record has it. */
function worded(said: readonly Saying[]): Pick<SessionRemovalRow, 'message' | 'said'> {
  return said.length === 0 ? { message: null, said: null } : { message: inEnglish(said), said: [...said] }
}

/** What is still in the hands of the engine that had it when it was read. */
function heldBy({ id, takenBy }: SessionRemovalRow): FindOptionsWhere<SessionRemovalRow> {
  return { id, outcome: 'pending', takenBy: takenBy! }
}

function notBackSince(of: SourceOfRemovals, since: Date): FindOptionsWhere<SessionRemovalRow> {
  return { ...of, outcome: 'ended', cameBackAt: IsNull(), finishedAt: MoreThanOrEqual(since) }
}
