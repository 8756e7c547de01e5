import { performance } from 'node:perf_hooks'
import type { FindOptionsWhere, Repository } from 'typeorm'
import { Fence } from './fence.js'
import type { Database } from './open-database.js'
import type { LeaseRow } from './rows.js'
import { isGone } from './this-machine.js'

/** A holder is asked this often whether it lives, in ms, by whoever waits for its lease. */
const challengeEvery = 2_000
/** One that has not answered for so long, in ms by the clock of whoever asks, is dead, or hangs. */
export const answersWithin = 5_000

/** A source's rows, which one process writes at a time. */
export interface Place {
  host: string
  source: string
  /** Whether only this machine has these sessions: another one of its name has other ones. */
  ofThisMachine: boolean
}

/** Who wants to know of it: the collector of its source. */
export interface LeaseHolder {
  /** It is this process's from now on: another one has written the rows until now. */
  taken(): void
  /** Another process wants the source to be looked at; resolves when the rows are written, or it is known why not. */
  asked(): Promise<void>
}

type Me = Pick<LeaseRow, 'machine' | 'pid'> & { holder: string }

/** Which process writes a source's rows, as this process sees it. */
export class Lease {
  private held: Fence | undefined
  private holder: LeaseHolder | undefined
  private seen: LeaseRow | undefined
  private challengedMs = -Infinity
  /** A question that was seen without its answer, and since when. */
  private unanswered: { epoch: number; challenge: number; sinceMs: number } | undefined
  /** The holder at this epoch has answered. */
  private livesAt: number | undefined
  private looking: Promise<void> | undefined

  constructor(
    private readonly database: Pick<Database, 'leases' | 'changes' | 'engine'>,
    readonly place: Place,
    private readonly me: Me,
  ) {}

  /** What a write of this process is fenced by; undefined where the lease is not this process's. */
  get fence(): Fence | undefined {
    return this.held
  }

  /** Whether it is not known yet if another machine that has it lives. */
  get isUndecided(): boolean {
    return this.held === undefined && this.isAnothers && this.livesAt !== this.seen!.epoch
  }

  private get isAnothers(): boolean {
    return this.place.ofThisMachine && this.seen?.holder != null && this.seen.machine !== this.me.machine
  }

  /** What is wrong where a living machine of the same name has it; null where none is known of. */
  twin(): string | null {
    if (this.held !== undefined || !this.isAnothers || this.livesAt !== this.seen!.epoch) return null
    const { host, source } = this.place
    return (
      `another machine (its process ${this.seen!.pid}) reads ${source} as the host ${JSON.stringify(host)} and is alive. ` +
      'Each machine has sessions of its own, so two of one name would take each other’s rows for gone: give each its ' +
      'own name (option host), or stop the other one.'
    )
  }

  /** Has the collector hear of it, from now on and of what it has already. */
  tell(holder: LeaseHolder): void {
    this.holder = holder
    if (this.held !== undefined) holder.taken()
  }

  /** Of whoever could not be heard it is not known how long they have not answered. */
  forgive(): void {
    this.unanswered = undefined
  }

  /**
   * @param row the lease as it is; null where there is none yet
   * @param atMs when it was asked for, by a clock that never jumps
   */
  async look(row: LeaseRow | null, atMs: number): Promise<void> {
    this.seen = row ?? (await rowOf(this.database.leases, this.place))
    const { epoch, holder, challenge, answer, wanted, done, machine, pid } = this.seen
    if (this.held !== undefined && epoch !== this.held.epoch) this.held = undefined
    if (this.held !== undefined) {
      if (challenge !== answer) await this.update({ answer: challenge }, { epoch })
      if (wanted !== done) this.looking ??= this.lookForOthers(epoch, wanted)
    } else if (holder === null || holder === this.me.holder || (machine === this.me.machine && isGone(pid!))) {
      // Its own where the answer to its taking it was lost.
      await this.take(this.seen)
    } else if (challenge === answer) {
      if (this.unanswered?.epoch === epoch) this.livesAt = epoch
      this.unanswered = undefined
      if (atMs - this.challengedMs < challengeEvery) return
      if (!(await this.update({ challenge: challenge + 1 }, { epoch, challenge }))) return
      this.challengedMs = performance.now()
      this.unanswered = { epoch, challenge: challenge + 1, sinceMs: this.challengedMs }
    } else if (this.unanswered?.epoch !== epoch || this.unanswered.challenge !== challenge) {
      this.unanswered = { epoch, challenge, sinceMs: atMs }
    } else if (atMs - this.unanswered.sinceMs > answersWithin) {
      await this.take(this.seen)
    }
  }

  /** Whether this fence still stands; known for sure, and remembered. */
  async stands(fence: Fence): Promise<boolean> {
    const isHeld = await isHeldAt(this.database, this.place, fence)
    if (!isHeld && this.held === fence) this.held = undefined
    return isHeld
  }

  /**
   * Has the process that holds it look at the source; resolves when that is done.
   *
   * @param ms how long that may take
   * @throws Error where it has not been done by then
   */
  async ask(ms: number, signal: AbortSignal): Promise<void> {
    const { leases, changes } = this.database
    const { host, source } = this.place
    await leases.increment({ host, source }, 'wanted', 1)
    const { wanted } = await leases.findOneByOrFail({ host, source })
    changes.changed('leases')
    for (const untilMs = performance.now() + ms; ;) {
      signal.throwIfAborted()
      const seen = changes.revisionOf(['leases'])
      const { done } = await leases.findOneByOrFail({ host, source })
      if (done >= wanted) return
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) break
      await changes.since(['leases'], seen, Math.min(leftMs, 500), Math.min(leftMs, 500), signal)
    }
    throw new Error(
      `The process that reads ${source} on ${host} has not looked at it within ${ms / 1000} s, though it was asked to.`,
    )
  }

  /** Gives it back. */
  async release(): Promise<void> {
    const { held } = this
    this.held = undefined
    await this.looking
    if (held !== undefined) await this.update({ holder: null }, { epoch: held.epoch })
  }

  private async lookForOthers(epoch: number, wanted: number): Promise<void> {
    try {
      await this.holder?.asked()
      await this.update({ done: wanted }, { epoch })
    } catch {
      // The next look finds it asked for still.
    } finally {
      this.looking = undefined
    }
  }

  private async take({ epoch, challenge, answer }: LeaseRow): Promise<void> {
    const mine = { ...this.me, epoch: epoch + 1, answer: challenge }
    if (!(await this.update(mine, { epoch, challenge, answer }))) return
    this.held = new Fence(this.database, this.place, epoch + 1)
    this.unanswered = undefined
    this.holder?.taken()
  }

  /** @returns false where it was not as it had been seen any more */
  private async update(change: Partial<LeaseRow>, where: FindOptionsWhere<LeaseRow>): Promise<boolean> {
    const { host, source } = this.place
    const { affected } = await this.database.leases.update({ host, source, ...where }, change)
    if (affected !== 0) this.database.changes.changed('leases')
    return affected !== 0
  }
}

/**
 * Takes a lease from whoever had it, however alive, for one who is about to drop its rows: a collector that is back after
 * all finds it gone, and begins anew.
 *
 * @returns null where somebody has just taken it
 */
export async function takeAway(
  database: Pick<Database, 'leases' | 'engine'>,
  { host, source }: Pick<Place, 'host' | 'source'>,
): Promise<Fence | null> {
  const { leases } = database
  const { epoch } = await rowOf(leases, { host, source })
  const { affected } = await leases.update({ host, source, epoch }, { holder: null, epoch: epoch + 1 })
  return affected === 0 ? null : new Fence(database, { host, source }, epoch + 1)
}

/** Whether nobody has taken it since. */
export function isHeldAt(
  { leases }: Pick<Database, 'leases'>,
  { host, source }: Pick<Place, 'host' | 'source'>,
  { epoch }: Fence,
): Promise<boolean> {
  return leases.existsBy({ host, source, epoch })
}

/** The row of a lease, which is made where there is none yet. */
async function rowOf(
  leases: Repository<LeaseRow>,
  { host, source }: Pick<Place, 'host' | 'source'>,
): Promise<LeaseRow> {
  await leases.createQueryBuilder().insert().values({ host, source }).orIgnore().updateEntity(false).execute()
  return leases.findOneByOrFail({ host, source })
}
