import { setMaxListeners } from 'node:events'
import { performance } from 'node:perf_hooks'
import type { PersonOf } from './reconcile.js'
import type { Fence } from '../../database/fence.js'
import { answersWithin, type Lease } from '../../database/lease.js'
import type { ReturnWatch } from './return-watch.js'
import type { Holds } from '../../database/holds.js'
import type { HoldEnforcer } from './hold-enforcer.js'
import { messageOf } from '../../text/error-message.js'
import type { ListedSession, Notes, PersonOption, SessionSource, Site } from '../../session-source.js'
import type { LoggedOut } from '../../database/session-history.js'
import type { SessionRows } from '../../database/session-rows.js'
import type { SourceStatus } from '../../database/source-status.js'
import { Follower } from './follower.js'
import { BrokenList, KeptRows } from './kept-rows.js'
import { PollSchedule } from './poll-schedule.js'
import { warningsOf } from './warnings.js'
import { withTimeLimit } from '../../timing/time-limit.js'

export interface CollectorParts {
  /** The machine that its rows name. */
  host: string
  table: SessionRows
  status: SourceStatus
  /** Whether it is this process that writes the rows. */
  lease: Pick<Lease, 'fence' | 'tell' | 'stands' | 'ask'>
  holds: Holds
  enforcer: HoldEnforcer
  returnWatch: ReturnWatch
  notes: Notes
  /** Says where the times of this machine can't be believed. */
  clock: { warnings(): string[] }
  /** The host's word on who a session is of; without it, that is its login. */
  person?: PersonOption
  /** ms between two polls of a source that gives no hints. */
  pollEvery: number
  /** ms that a list may take. */
  timeout: number
  /** Told what the host's operator should know; once for each change. */
  report(message: string): void
  /** Called after each poll, good or not, with how long it took. */
  afterPoll?(poll: { ms: number; error: string | null }): void
}

/**
 * Keeps the rows of one source true. A list that came in full is the truth; a hint only makes the collector poll
 * sooner. Where the list can't be had, the rows stay and the source is shown as failing.
 *
 * Of several processes that have the source, the one with its lease writes the rows. Another one whose own requests tell
 * of sessions adds what those alone tell, ends again what was ended, and has the first look whenever it finds what the rows
 * do not have.
 */
export class Collector<Session extends ListedSession = ListedSession> {
  private readonly stopping = new AbortController()
  private readonly rows: KeptRows
  private readonly follower: Follower
  private readonly schedule: PollSchedule<Session[]>
  private running: Promise<void> = Promise.resolve()
  private failing = false
  /** That another machine lists the same sessions. */
  private sharing: string[] = []
  private reported = ''
  /** Whose person was seen to log out since the last list was begun. */
  private readonly loggedOut = new Set<string>()

  constructor(
    readonly source: SessionSource<Session>,
    private readonly parts: CollectorParts,
  ) {
    // As many as there are calls under way.
    setMaxListeners(0, this.stopping.signal)
    this.rows = new KeptRows(parts.table, source.kind, this.personOf)
    this.follower = new Follower({
      table: parts.table,
      rows: this.rows,
      loggedOut: this.loggedOut,
      haveHolderLook: () => this.haveHolderLook(),
      complain: (what, error) => this.complain(what, error),
    })
    this.schedule = new PollSchedule(
      parts.pollEvery,
      () => this.pollNow(),
      this.stopping.signal,
      () => this.writes || this.seesRequests,
    )
  }

  /** Whether it is this process that writes the rows. */
  get writes(): boolean {
    return this.parts.lease.fence !== undefined
  }

  /** Whether requests of this process tell of sessions what nobody else knows. */
  private get seesRequests(): boolean {
    return this.source.kind === 'panel' && 'keyOfRequest' in this.source
  }

  /** Does it keep this row true? */
  isOf({ host, source }: { host: string; source: string }): boolean {
    return host === this.parts.host && source === this.source.name
  }

  start(): void {
    const { signal } = this.stopping
    const site: Site = {
      changed: () => this.changed(),
      loggedOut: (key) => {
        this.loggedOut.add(key)
        this.changed()
      },
      isHeld: (by, value, login) => this.parts.holds.isHeld(this.source.name, by, value, login),
      notes: this.parts.notes,
    }
    // Called now, so that a guarded store can be used as soon as createSessions has resolved. Not awaited: it may run for
    // as long as its signal. Polling goes on without its hints.
    new Promise<void>((resolve) => resolve(this.source.start?.(site, signal))).catch((error: unknown) =>
      this.complain('its watcher stopped', error),
    )
    let starting: Promise<void> = Promise.resolve()
    this.parts.lease.tell({
      taken: () => {
        starting = this.starting()
        this.changed()
      },
      asked: () =>
        this.poll().then(
          () => undefined,
          () => undefined,
        ),
    })
    this.running = starting.then(() => this.schedule.run())
  }

  private async starting(): Promise<void> {
    this.rows.forget()
    try {
      await this.parts.status.starting(this.parts.lease.fence)
    } catch (error) {
      this.complain('its state could not be written', error)
    }
  }

  /** Ends the polling and whatever the source runs. Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The collector was stopped.'))
    await this.running
    await this.follower.settled()
    await this.parts.enforcer.settled()
  }

  /** Something may have changed: poll soon. */
  changed(): void {
    this.schedule.hint()
  }

  /**
   * A poll begun after this call: the sessions. Their rows are written, if it is this process that writes them.
   *
   * @throws whatever kept the list from being had, or the rows from being written
   */
  poll(): Promise<Session[]> {
    return this.schedule.poll()
  }

  /**
   * Resolves when the rows are as new as this call, whoever writes them.
   *
   * @throws Error that says why they are not
   */
  async renew(): Promise<void> {
    if (this.writes) {
      await this.poll()
      return
    }
    await this.haveHolderLook()
    const status = await this.parts.status.last()
    if (status?.state === 'failing') throw new Error(status.error ?? 'It could not be read.')
  }

  private async pollNow(): Promise<Session[]> {
    const beganMs = performance.now()
    let error: string | null = null
    try {
      return await this.listAndWrite()
    } catch (thrown) {
      error = messageOf(thrown)
      throw thrown
    } finally {
      this.parts.afterPoll?.({ ms: performance.now() - beganMs, error })
    }
  }

  private async listAndWrite(): Promise<Session[]> {
    const loggedOut = new Set(this.loggedOut)
    this.loggedOut.clear()
    // By that under which the list was begun: it may have been lost, and had again, before the list was there.
    const { fence } = this.parts.lease
    try {
      return await (fence === undefined ? this.follow(loggedOut) : this.listAndWriteWith(loggedOut, fence))
    } catch (error) {
      for (const key of loggedOut) this.loggedOut.add(key)
      throw error
    }
  }

  /** @param loggedOut whose person had logged out before: in the list they are there again */
  private async listAndWriteWith(loggedOut: LoggedOut, fence: Fence): Promise<Session[]> {
    let listed: Session[]
    try {
      listed = await this.list()
      if (this.lostTooMuch(listed)) listed = await this.list()
    } catch (error) {
      await this.failed(messageOf(error), fence)
      throw error
    }
    try {
      await this.write(listed, loggedOut, fence)
    } catch (error) {
      // Another process writes the rows by now, and better ones.
      if (!(await this.parts.lease.stands(fence).catch(() => true))) {
        this.rows.forget()
        return listed
      }
      if (error instanceof BrokenList) {
        await this.failed(error.message, fence)
      } else {
        // What the rows hold is not known now: read them again before the next comparison.
        this.rows.forget()
        this.failing = true
        this.complain('its rows could not be written', error)
        await this.parts.status.failing(`Its rows could not be written: ${messageOf(error)}`, fence).catch(() => {})
      }
      throw error
    }
    if (this.failing) this.reported = ''
    this.failing = false
    this.enforce(listed)
    return listed
  }

  /** Another process writes the rows. */
  private async follow(loggedOut: LoggedOut): Promise<Session[]> {
    const listed = await this.list()
    if (!this.seesRequests) return listed
    this.enforce(listed)
    await this.follower.follow(listed, loggedOut)
    return listed
  }

  /** Resolves when the process that writes the rows has looked. */
  private haveHolderLook(): Promise<void> {
    return this.parts.lease.ask(this.parts.timeout + answersWithin, this.stopping.signal)
  }

  private enforce(listed: Session[]): void {
    this.parts.enforcer.enforce(listed, {
      stopping: this.stopping.signal,
      changed: () => this.changed(),
      complain: (what, error) => this.complain(what, error),
    })
  }

  private async list(): Promise<Session[]> {
    const { name } = this.source
    const listed = await withTimeLimit(this.parts.timeout, `The list of ${name}`, this.stopping.signal, (signal) =>
      this.source.list(signal),
    )
    if (!Array.isArray(listed))
      throw new Error(
        `The list of ${name} is ${listed === null ? 'null' : typeof listed}; expected an array of sessions.`,
      )
    return listed
  }

  /** A read that lost more than half of the sessions at once is read again before it is believed. */
  private lostTooMuch(listed: Session[]): boolean {
    const { size } = this.rows
    return size > 1 && listed.length < size / 2
  }

  private async write(listed: Session[], loggedOut: LoggedOut, fence: Fence): Promise<void> {
    const found = await this.rows.compare(
      listed,
      (keys) => this.parts.table.meet(keys, fence),
      () => this.lookForSharing(listed),
    )
    // Of whoever is gone a logout may have been told only while the list was made.
    const told = new Set([...loggedOut, ...this.loggedOut])
    await this.parts.table.write({ ...found, gone: withThose(found.gone, loggedOut, listed) }, listed, told, fence)
    await this.rows.wrote(found)
    await this.parts.returnWatch.seen(this.parts.table.arrivals(found.written.values()))
    await this.parts.status.good(
      listed.length,
      [...warningsOf(this.source), ...this.sharing, ...this.parts.clock.warnings()],
      fence,
    )
  }

  private readonly personOf: PersonOf = (session) => {
    const { person } = this.parts
    if (person === undefined || typeof session.login !== 'string') return session.login
    try {
      return person(session, this.source)
    } catch (error) {
      this.complain(
        `the option person failed on ${JSON.stringify(session.login)}, so it is taken for the person`,
        error,
      )
      return session.login
    }
  }

  /** A panel session's key is the hash of a secret: who else has it reads the same store. */
  private async lookForSharing(listed: Session[]): Promise<void> {
    this.sharing = []
    if (this.source.kind !== 'panel' || listed.length === 0) return
    const host = await this.parts.table.alsoOn(listed.slice(0, 20).map(({ key }) => key))
    if (host === undefined) return
    const { name } = this.source
    this.sharing = [
      `${host} lists the same sessions under the name ${name}, so each is shown more than once. Several machines that use ` +
        "one store give it a place that is the same on all of them: expressSessions({ store, host: 'panel' }). If " +
        `${host} is a machine that is no more, its rows go by themselves (option forgetHostsAfter).`,
    ]
  }

  private async failed(message: string, fence: Fence): Promise<void> {
    if (this.stopping.signal.aborted) return
    this.failing = true
    try {
      await this.parts.status.failing(message, fence)
    } catch (error) {
      if (!(await this.parts.lease.stands(fence).catch(() => true))) return
      this.complain('its state could not be written', error)
    }
  }

  private complain(what: string, error: unknown): void {
    const message = `${this.source.name}: ${what}: ${messageOf(error)}`
    if (message === this.reported || this.stopping.signal.aborted) return
    this.reported = message
    this.parts.report(message)
  }
}

/** What is gone, and those that have logged out and memory knows nothing of: another process may have seen them. */
function withThose(gone: string[], loggedOut: LoggedOut, listed: readonly ListedSession[]): string[] {
  if (loggedOut.size === 0) return gone
  const others = new Set(loggedOut)
  for (const { key } of listed) others.delete(key)
  for (const key of gone) others.delete(key)
  return [...gone, ...others]
}
