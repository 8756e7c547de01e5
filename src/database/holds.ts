import { performance } from 'node:perf_hooks'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { In, MoreThan, type FindOptionsWhere } from 'typeorm'
import type { Database } from './open-database.js'
import type { HoldRow } from './rows.js'
import type { Hold } from '../session-source.js'
import { never, rowValue } from '../text/stored-value.js'

const hour = 3600_000
/** How long an ended session that has no end of its own is kept out: 30 days, in ms. */
const withoutEnd = 30 * 24 * hour
/**
 * Every process answers out of memory that was compared with the table at most so long ago, in ms; and whoever commits a
 * hold waits for so long before anything is ended. So every process knows of the hold by then, whatever it is doing, and
 * what a request has written without knowing was there to be ended.
 */
export const knownWithin = 200
/** How long a request of the host's waits for the database's word, in ms in which this process was awake; the next ones do not. */
const patience = 1_000
/** How long a process may take between two statements of one commit, in ms. */
const stoppedAfter = 5_000
/** How many rows are read at a time, so that the event loop is let go in between. */
const rowsPerRead = 500
const rowsPerInsert = 100

/** A hold to commit. `until: null` is for a session that has no end of its own. */
export type NewHold = Pick<HoldRow, 'host' | 'source' | 'value' | 'removalId'> & { by: Hold['by']; until: Date | null }

/** Who is kept out: a row that is no release. */
export type StandingHold = HoldRow & { by: Hold['by'] }

/**
 * Who is kept out. The rows are the truth, and only ever added to: a hold is in force from its own row on, a release
 * names the row that it takes back. So whatever is new is read by its id alone, which costs next to nothing where nothing
 * is new, and an answer comes out of memory.
 */
export class Holds {
  private readonly standing = new Map<string, StandingHold>()
  private readonly named = new Map<string, Set<StandingHold>>()
  private readonly identities = new Map<number, string>()
  private lastId = 0
  private newest: string | undefined
  private readonly knownAt = { monotonicMs: -Infinity, wallMs: -Infinity }
  private asking: Promise<void> | undefined
  private askedAtMs = -Infinity
  /** Whether the last question had no answer. */
  private away = false

  constructor(private readonly database: Pick<Database, 'holds' | 'connection' | 'engine' | 'changes'>) {}

  /**
   * Reads what is new.
   *
   * @throws whatever keeps the database from answering
   */
  async read(): Promise<void> {
    const asOf = { monotonicMs: performance.now(), wallMs: Date.now() }
    let isMore = (await this.newestId()) > this.lastId
    while (isMore) {
      const rows = await this.database.holds.find({
        where: { id: MoreThan(this.lastId) },
        order: { id: 'ASC' },
        take: rowsPerRead,
      })
      for (const row of rows) this.learn(row)
      isMore = rows.length === rowsPerRead
      if (isMore) await setImmediate()
    }
    Object.assign(this.knownAt, asOf)
    this.away = false
  }

  /** Asked for many times a second while there are requests, in words that are the same each time. */
  private async newestId(): Promise<number> {
    const { holds } = this.database
    this.newest ??= holds.createQueryBuilder('hold').select('MAX(hold.id)', 'id').getQuery()
    const [{ id }] = (await holds.query(this.newest)) as [{ id: number | null }]
    return id ?? 0
  }

  /**
   * Commits holds. Only when this has resolved may what they hold out be ended: by then every process that shares the
   * database and is reached by it keeps them out.
   */
  async add(holds: NewHold[]): Promise<void> {
    if (holds.length === 0) return
    const createdAt = new Date()
    const rows = holds.map((hold) => ({ ...hold, createdAt, until: endOf(hold, createdAt) }))
    for (let i = 0; i < rows.length; i += rowsPerInsert) await this.insert(rows.slice(i, i + rowsPerInsert))
    // With their ids, by which whoever releases them names them.
    this.database.changes.changed('holds')
    await this.read()
    await sleep(knownWithin + 1, undefined, { ref: false })
  }

  /** Takes back the hold with this id. */
  release(id: number): Promise<HoldRow[]> {
    return this.takeBack({ id })
  }

  /**
   * Takes back what these removals hold in these ways, and nothing of anybody else's.
   *
   * @returns the rows that were taken back
   */
  releaseOf(removalIds: readonly number[], by: readonly Hold['by'][] = ['session', 'login', 'ip']): Promise<HoldRow[]> {
    return this.takeBack({ removalId: In(removalIds), by: In(by) })
  }

  private async takeBack(criteria: FindOptionsWhere<HoldRow>): Promise<HoldRow[]> {
    const { holds } = this.database
    const released = (await holds.findBy(criteria)).filter(isStanding)
    for (let i = 0; i < released.length; i += rowsPerInsert) {
      const group = released.slice(i, i + rowsPerInsert)
      const createdAt = new Date()
      await this.insert(
        // It is remembered for as long as what it takes back would have stood.
        group.map(({ id, host, source, until, removalId }) => ({
          ...{ host, source, until, removalId, createdAt },
          ...{ by: 'release' as const, value: String(id) },
        })),
      )
      await holds.delete(group.map(({ id }) => id))
    }
    for (const row of released) this.forget(identityOf(row))
    if (released.length > 0) this.database.changes.changed('holds')
    return released
  }

  /**
   * Is this held out of the named source, on whatever host? At once where memory is known to be current. Where the
   * database does not answer, out of what memory has: the host's requests must go on, and what is let through then is
   * ended by the poll that comes after.
   *
   * @param login asked for in the same look
   */
  isHeld(source: string, by: Hold['by'], value: string, login?: string | null): boolean | Promise<boolean> {
    const age = this.age()
    if (age > knownWithin / 2) void this.ask()
    if (age <= knownWithin || this.away) return this.remembers(source, by, value, login)
    return this.isHeldNow(source, by, value, login)
  }

  private async isHeldNow(...asked: [source: string, by: Hold['by'], value: string, login?: string | null]) {
    await this.current()
    return this.remembers(...asked)
  }

  /** The holds on one source, after reading what other processes have added or released. */
  async of(source: string): Promise<StandingHold[]> {
    await this.read()
    const now = Date.now()
    const found: StandingHold[] = []
    for (const [identity, hold] of this.standing) {
      if (hold.until.getTime() > now) {
        if (hold.source === source) found.push(hold)
      } else if (hold.until.getTime() < now - 24 * hour) {
        // Not at once: a clock that was set forward may be set back.
        this.forget(identity)
      }
    }
    return found
  }

  /** Is this held, as far as memory knows? */
  remembers(source: string, by: Hold['by'], value: string, login?: string | null): boolean {
    if (this.named.size === 0) return false
    return this.has(source, by, value) || (login != null && this.has(source, 'login', login))
  }

  private has(source: string, by: Hold['by'], value: string): boolean {
    // What is held is in the form that rows have.
    const holds = this.named.get(nameOf({ source, by, value: String(rowValue(value)) }))
    if (holds === undefined) return false
    const now = Date.now()
    for (const { until } of holds) if (until.getTime() > now) return true
    return false
  }

  /** How long ago memory was known to be current, by whichever clock says more: one stands still while the machine sleeps. */
  private age(): number {
    return Math.max(performance.now() - this.knownAt.monotonicMs, Date.now() - this.knownAt.wallMs)
  }

  /** Until memory is as the table was at some time after this call, or within the time that is always good enough. */
  private async current(): Promise<void> {
    const since = performance.now()
    while (this.knownAt.monotonicMs < since && this.age() > knownWithin && !this.away) {
      await Promise.race([this.ask(), this.outOfPatience()])
    }
  }

  /** One question at a time; a database that is away is asked every now and then, not by each request. */
  private ask(): Promise<void> {
    if (this.asking !== undefined) return this.asking
    const nowMs = performance.now()
    if (this.away && nowMs - this.askedAtMs < knownWithin) return Promise.resolve()
    this.askedAtMs = nowMs
    this.asking = this.read()
      // A connection that breaks says nothing of the next one.
      .catch((error: unknown) => (this.away ? Promise.reject(error as Error) : this.read()))
      .catch(() => {
        this.away = true
      })
      .finally(() => (this.asking = undefined))
    return this.asking
  }

  /**
   * Waits in many small steps, each of which lets the answers in that have arrived: a process that stalls must not take
   * its own stall for the database's.
   */
  private async outOfPatience(): Promise<void> {
    const { asking } = this
    const steps = 10
    for (let step = 0; step < steps; step++) {
      await sleep(patience / steps, undefined, { ref: false })
      await setImmediate()
      if (this.asking !== asking) return
    }
    this.away = true
  }

  private async insert(rows: Omit<HoldRow, 'id'>[]): Promise<void> {
    const { connection, engine, holds } = this.database
    const statement = (manager = holds.manager) =>
      manager.createQueryBuilder().insert().into(holds.target).values(rows).orIgnore().updateEntity(false).execute()
    if (engine === 'sqlite') {
      await statement()
      return
    }
    // What is new is found by its id, so ids must be committed in their order. SQLite has one writer at a time.
    await connection.transaction(async (manager) => {
      // A process that is stopped in here must not keep all others from ending anything: its connection is closed.
      await manager.query(
        `SET LOCAL idle_in_transaction_session_timeout = ${stoppedAfter}; ` +
          `SELECT pg_advisory_xact_lock(hashtext('adminjs_sessions_hold'))`,
      )
      await statement(manager)
    })
  }

  private learn(row: HoldRow): void {
    // An answer that came late: what has happened to its rows since is known already.
    if (row.id <= this.lastId) return
    this.lastId = row.id
    if (isStanding(row)) {
      this.keep(row)
    } else {
      const released = this.identities.get(Number(row.value))
      if (released !== undefined) this.forget(released)
    }
  }

  private keep(row: StandingHold): void {
    const identity = identityOf(row)
    this.forget(identity)
    this.standing.set(identity, row)
    if (row.id !== undefined) this.identities.set(row.id, identity)
    const name = nameOf(row)
    const same = this.named.get(name)
    if (same) same.add(row)
    else this.named.set(name, new Set([row]))
  }

  private forget(identity: string): void {
    const row = this.standing.get(identity)
    if (row === undefined) return
    this.standing.delete(identity)
    if (row.id !== undefined) this.identities.delete(row.id)
    const same = this.named.get(nameOf(row))
    same?.delete(row)
    if (same?.size === 0) this.named.delete(nameOf(row))
  }
}

/** An ended session may be saved once more by a request that is still running: it is kept out a day longer than it lives. */
function endOf({ by, until }: NewHold, createdAt: Date): Date {
  if (by !== 'session' && until !== null) return until
  const end = Math.max(until?.getTime() ?? createdAt.getTime() + withoutEnd, createdAt.getTime()) + 24 * hour
  return new Date(Math.min(end, never))
}

function isStanding(row: HoldRow): row is StandingHold {
  return row.by !== 'release'
}

function nameOf({ source, by, value }: Pick<HoldRow, 'source' | 'by' | 'value'>): string {
  return `${by}\n${source}\n${value}`
}

/** What the table has once: the hold of one asker. */
function identityOf({ host, removalId, ...name }: Omit<HoldRow, 'id' | 'until' | 'createdAt'>): string {
  return `${removalId}\n${host}\n${nameOf(name)}`
}
