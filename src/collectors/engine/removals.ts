import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { In, IsNull, LessThan, type FindOptionsWhere } from 'typeorm'
import type { PanelSessionRow, SessionRemovalRow } from '../../resources/rows.js'
import type { Collector } from './collector.js'
import type { Holds } from './holds.js'
import { inGroups } from './letting-go.js'
import { rowValue } from './reconcile.js'
import type { RemovalRequests } from './removal-requests.js'
import { RemovalRefused, type ListedSession } from './session-source.js'
import { TimeLimitReached, withTimeLimit } from './time-limit.js'

/** How many sessions are asked to end at the same time. */
const atOnce = 16
/** A removal that was taken and has no outcome so long after its time, in ms, was left behind by a process that ended. */
const leftBehindAfter = 30_000

export interface RemovalParts {
  host: string
  requests: RemovalRequests
  holds: Holds
  /** ms that a session may take to end, and that one call of `end` may take. */
  endsWithin: number
  timeout: number
  report(message: string): void
}

/** A removal with what was done about it so far. */
interface Open {
  removal: SessionRemovalRow
  /** Taken over from a process that ended in the middle of it. */
  takenOver: boolean
}

/**
 * Ends what was asked for in one source: takes the pending records, looks, checks, ends, looks again, writes the
 * outcome. In that order: a record before an act, an outcome only after a look.
 */
export class Removals {
  private readonly stopping = new AbortController()
  private readonly batches = new Set<Promise<void>>()
  private readonly asked = () => void this.settle()
  private taking = false
  private again = false
  private started = false

  constructor(
    private readonly collector: Collector,
    private readonly parts: RemovalParts,
  ) {}

  /** Takes over what the last process left, and from now on whatever is asked for. */
  start(): void {
    // As many as there are calls under way.
    setMaxListeners(0, this.stopping.signal)
    this.parts.requests.events.on('asked', this.asked)
    void this.settle()
  }

  async stop(): Promise<void> {
    this.parts.requests.events.off('asked', this.asked)
    this.stopping.abort(new Error('The removals engine was stopped.'))
    await Promise.allSettled(this.batches)
  }

  /** Takes whatever is pending. Called when somebody asked and after each look; cheap where there is nothing. */
  async settle(): Promise<void> {
    if (this.taking) {
      this.again = true
      return
    }
    this.taking = true
    try {
      do {
        this.again = false
        const taken = await this.take()
        if (taken.length > 0) this.track(this.end(taken))
      } while (this.again && !this.stopping.signal.aborted)
    } catch (error) {
      // The rows stay pending and are taken at the next look.
      if (!this.stopping.signal.aborted) this.parts.report(`${this.collector.source.name}: pending removals could not be taken: ${messageOf(error)}`)
    } finally {
      this.taking = false
    }
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) this.parts.report(`${this.collector.source.name}: a removal broke off: ${messageOf(error)}`)
      })
      .finally(() => this.batches.delete(tracked))
    this.batches.add(tracked)
  }

  /** Marks pending rows as taken by this call, in one statement, so that nobody else takes them as well. */
  private async take(): Promise<Open[]> {
    const { repository } = this.parts.requests
    const pending = { host: this.parts.host, source: this.collector.source.name, kind: this.collector.source.kind, outcome: 'pending' as const }
    const now = new Date()
    const leftBehind: FindOptionsWhere<SessionRemovalRow> = this.started
      ? { ...pending, startedAt: LessThan(new Date(now.getTime() - this.parts.endsWithin - leftBehindAfter)) }
      : pending
    const found = await repository.find({ where: [{ ...pending, takenBy: IsNull() }, leftBehind], take: 500, order: { id: 'ASC' } })
    this.started = true
    if (found.length === 0) return []
    if (found.length === 500) this.again = true
    const takenBy = randomUUID()
    const taken: Open[] = []
    for (const takenOver of [false, true]) {
      const ids = found.filter((row) => (row.takenBy !== null) === takenOver).map((row) => row.id)
      if (ids.length === 0) continue
      const still = takenOver ? {} : { takenBy: IsNull() }
      await repository.update({ id: In(ids), outcome: 'pending', ...still }, { takenBy, startedAt: now })
      const mine = await repository.findBy({ id: In(ids), takenBy })
      taken.push(...mine.map((removal) => ({ removal, takenOver })))
    }
    return taken
  }

  private async end(taken: Open[]): Promise<void> {
    const { source } = this.collector
    let before: Map<string, ListedSession>
    try {
      before = await this.collector.look()
    } catch (error) {
      await this.outcome(taken, 'failed', `${source.name} could not be read, so nothing was ended: ${messageOf(error)}`)
      return
    }
    const asked: { open: Open; session: ListedSession }[] = []
    const gone: Open[] = []
    for (const open of taken) {
      const session = open.removal.key === null ? undefined : before.get(open.removal.key)
      const other = session && nowSomebodyElse(source.kind, open.removal, session)
      if (session === undefined) gone.push(open)
      else if (other) await this.outcome([open], 'refused', other)
      else asked.push({ open, session })
    }
    await this.outcome(gone.filter((open) => !open.takenOver), 'already-gone', null)
    await this.outcome(
      gone.filter((open) => open.takenOver),
      'ended',
      'The back office was restarted while this session was being ended; it was gone at the first look afterwards.',
    )
    if (asked.length === 0) return

    if (source.kind === 'panel') {
      // Committed before the end: from here on the guard lets none of them through, whatever a running request saves.
      await this.parts.holds.add(
        asked.map(({ open: { removal } }) => ({
          host: this.parts.host,
          source: source.name,
          by: 'session' as const,
          value: removal.key!,
          until: expiryOf(removal),
          removalId: removal.id,
        })),
      )
    }
    const verify = new Map<string, Open[]>()
    for await (const group of inGroups(asked, atOnce)) {
      await Promise.all(
        group.map(async ({ open, session }) => {
          if (await this.ask(open, session)) verify.set(session.key, [...(verify.get(session.key) ?? []), open])
        }),
      )
    }
    await this.lookAgain(verify)
  }

  /** Asks the source to end one session. True where its end is to be verified. */
  private async ask(open: Open, session: ListedSession): Promise<boolean> {
    const { source } = this.collector
    try {
      const answer = await withTimeLimit(this.parts.timeout, `The answer of ${source.name}`, this.stopping.signal, (signal) =>
        source.end(session, signal),
      )
      if (answer === 'asked') return true
      await this.outcome([open], 'already-gone', null)
    } catch (error) {
      // It may have been asked all the same: only a look can tell.
      if (error instanceof TimeLimitReached) return true
      if (error instanceof RemovalRefused) {
        await this.outcome([open], 'refused', error.message)
        await this.parts.holds.release([{ host: this.parts.host, source: source.name, by: 'session', value: session.key }])
      } else {
        await this.outcome([open], 'failed', messageOf(error))
      }
    }
    return false
  }

  /** Looks until all are gone or their time is up. */
  private async lookAgain(left: Map<string, Open[]>): Promise<void> {
    const { source } = this.collector
    const deadline = Date.now() + this.parts.endsWithin
    let unread: string | undefined
    for (let wait = 25; left.size > 0; wait = Math.min(1000, wait * 2)) {
      try {
        const sessions = await this.collector.look()
        unread = undefined
        const gone = [...left.keys()].filter((key) => !sessions.has(key))
        await this.outcome(gone.flatMap((key) => left.get(key)!), 'ended', null)
        for (const key of gone) left.delete(key)
      } catch (error) {
        unread = messageOf(error)
      }
      if (left.size === 0) return
      if (Date.now() >= deadline) break
      await sleep(Math.min(wait, Math.max(1, deadline - Date.now())), undefined, { signal: this.stopping.signal })
    }
    const seconds = this.parts.endsWithin / 1000
    const open = [...left.values()].flat()
    if (unread !== undefined) await this.outcome(open, 'unknown', `Asked to end, but ${source.name} could not be read afterwards: ${unread}`)
    else if (source.evidence === 'log') await this.outcome(open, 'unknown', `Asked to end, but its log has not shown the end within ${seconds} s.`)
    else await this.outcome(open, 'failed', `Asked to end, but still there after ${seconds} s.`)
  }

  private async outcome(open: Open[], outcome: SessionRemovalRow['outcome'], message: string | null): Promise<void> {
    if (open.length === 0) return
    await this.parts.requests.repository.update(
      { id: In(open.map(({ removal }) => removal.id)), outcome: 'pending' },
      { outcome, message, finishedAt: new Date() },
    )
    this.parts.requests.events.emit('settled')
  }
}

/**
 * A session that is not what the admin ticked any more is a stranger's. A panel session keeps its key while its person
 * changes networks, so only its login counts there; an FTP connection has one address for its life.
 */
function nowSomebodyElse(kind: string, removal: SessionRemovalRow, session: ListedSession): string | undefined {
  const login = session.login === undefined ? removal.login : rowValue(session.login)
  if (login !== removal.login) return `It was ${who(removal.login)} when its end was asked for, and is ${who(login)} now.`
  const ip = session.ip === undefined ? removal.ip : rowValue(session.ip)
  if (kind === 'ftp' && ip !== removal.ip) {
    return `It came from ${removal.ip ?? 'an unknown address'} when its end was asked for, and from ${String(ip ?? 'an unknown address')} now.`
  }
  return undefined
}

function who(login: ReturnType<typeof rowValue>): string {
  return login === null ? 'not logged in' : String(login)
}

function expiryOf(removal: SessionRemovalRow): Date | null {
  const expiresAt = (removal.session as PanelSessionRow | null)?.expiresAt
  return expiresAt ? new Date(expiresAt) : null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
