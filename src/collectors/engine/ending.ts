import { setTimeout as sleep } from 'node:timers/promises'
import { In } from 'typeorm'
import type { PanelSessionRow, SessionRemovalRow } from '../../resources/rows.js'
import type { CameBack } from './came-back.js'
import type { Collector } from './collector.js'
import type { Holds } from './holds.js'
import type { KeptOut } from './kept-out.js'
import { inGroups } from './letting-go.js'
import { messageOf } from './message-of.js'
import { rowValue } from './reconcile.js'
import type { RemovalRequests } from './removal-requests.js'
import { RemovalRefused, type ListedFtpSession, type ListedSession } from './session-source.js'
import { TimeLimitReached, withTimeLimit } from './time-limit.js'

/** How many sessions are asked to end at the same time. */
const atOnce = 16

export interface EndingParts {
  host: string
  requests: RemovalRequests
  holds: Holds
  keptOut: KeptOut
  cameBack: CameBack
  /** ms that a session may take to be gone, and that one call of the source may take. */
  endsWithin: number
  timeout: number
  report(message: string): void
}

/** A removal that is being carried out. */
export interface Open {
  removal: SessionRemovalRow
  /** Taken over from a process that ended in the middle of it. */
  takenOver: boolean
  /** Said with the outcome, whatever that is. */
  remark?: string
}

/** Ends one batch of removals: looks, checks, holds, asks, looks again, and writes the outcome of each. */
export class Ending {
  constructor(
    private readonly collector: Collector,
    private readonly parts: EndingParts,
    private readonly stopping: AbortSignal,
  ) {}

  async end(taken: Open[]): Promise<void> {
    const { source } = this.collector
    let sessions: Map<string, ListedSession>
    try {
      sessions = await this.lookFor(taken.map(({ removal }) => removal.key!))
    } catch (error) {
      return this.outcome(
        taken,
        'failed',
        `${source.name} could not be read, so nothing was ended: ${messageOf(error)}`,
      )
    }
    const asked: { open: Open; session: ListedSession }[] = []
    for (const open of taken) {
      const session = sessions.get(open.removal.key!)
      const other = session && nowSomebodyElse(source.kind, open.removal, session)
      if (session === undefined) await this.gone(open)
      else if (other !== undefined) await this.outcome([open], 'refused', other)
      else if (open.removal.whenIdle && movesFile(session)) await this.putBack(open)
      else asked.push({ open, session })
    }
    if (asked.length === 0) return

    const open = asked.map((one) => one.open)
    if (source.kind === 'panel') await this.holdSessions(open)
    await this.keepOut(open)
    const left = new Map<string, Open[]>()
    for await (const group of inGroups(asked, atOnce)) {
      await Promise.all(
        group.map(async ({ open, session }) => {
          if (await this.ask(open, session)) left.set(session.key, [...(left.get(session.key) ?? []), open])
        }),
      )
    }
    await this.lookAgain(left)
  }

  /** A look; of what it found, the sessions with these keys. */
  private async lookFor(keys: string[]): Promise<Map<string, ListedSession>> {
    const wanted = new Set(keys)
    const listed = await this.collector.look()
    return new Map(listed.filter(({ key }) => wanted.has(key)).map((session) => [session.key, session]))
  }

  private gone(open: Open): Promise<void> {
    return open.takenOver
      ? this.outcome(
          [open],
          'ended',
          'The back office was restarted while this session was being ended; it was gone at the first look afterwards.',
        )
      : this.outcome([open], 'already-gone', null)
  }

  /** It began to move a file between the asking and the look: it waits for its turn again. */
  private async putBack({ removal }: Open): Promise<void> {
    await this.parts.requests.repository.update(
      { id: removal.id, outcome: 'pending' },
      { takenBy: null, startedAt: null },
    )
  }

  /** Committed before the end: from then on the guard lets none of them through, whatever a running request saves. */
  private holdSessions(open: Open[]): Promise<void> {
    const { host, holds } = this.parts
    return holds.add(
      open.map(({ removal }) => ({
        host,
        source: this.collector.source.name,
        by: 'session' as const,
        value: removal.key!,
        until: expiryOf(removal),
        removalId: removal.id,
      })),
    )
  }

  /** Commits who is to be kept out beside the session's own end, and has the source keep them out. */
  private async keepOut(open: Open[]): Promise<void> {
    const { host, holds, keptOut } = this.parts
    const { name } = this.collector.source
    const wanted = open.filter(({ removal: { keepOutBy } }) => keepOutBy !== null)
    if (wanted.length === 0) return
    const added = wanted.map(({ removal }) => ({
      host,
      source: name,
      by: removal.keepOutBy!,
      value: removal[removal.keepOutBy!]!,
      until: removal.keepOutUntil,
      removalId: removal.id,
    }))
    await holds.add(added)
    try {
      await keptOut.apply(this.stopping)
    } catch (error) {
      // A hold that is not in force must not look as if it were.
      await holds.release(added)
      for (const one of wanted) one.remark = `Could not be kept out: ${messageOf(error)}`
    }
  }

  /** Asks the source to end one session. True where its end is to be verified. */
  private async ask(open: Open, session: ListedSession): Promise<boolean> {
    const { source } = this.collector
    const way = (open.removal.byForce && source.byForce) || source
    try {
      const answer = await withTimeLimit(this.parts.timeout, `The answer of ${source.name}`, this.stopping, (signal) =>
        way.end(session, signal, () => source.list(signal)),
      )
      // Whom the ban before it has cut did not go by itself.
      if (answer === 'asked' || open.removal.keepOutBy !== null) return true
      await this.outcome([open], 'already-gone', null)
    } catch (error) {
      // It may have been asked all the same: only a look can tell.
      if (error instanceof TimeLimitReached) return true
      if (error instanceof RemovalRefused) {
        await this.outcome([open], 'refused', messageOf(error))
        await this.parts.holds.release([
          { host: this.parts.host, source: source.name, by: 'session', value: session.key },
        ])
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
        const sessions = await this.lookFor([...left.keys()])
        unread = undefined
        const gone = [...left.keys()].filter((key) => !sessions.has(key))
        await this.outcome(
          gone.flatMap((key) => left.get(key)!),
          'ended',
          null,
        )
        for (const key of gone) left.delete(key)
      } catch (error) {
        if (this.stopping.aborted) throw error
        unread = messageOf(error)
      }
      if (left.size === 0) return
      if (Date.now() >= deadline) break
      await sleep(Math.min(wait, Math.max(1, deadline - Date.now())), undefined, { signal: this.stopping })
    }
    const seconds = this.parts.endsWithin / 1000
    const open = [...left.values()].flat()
    if (unread !== undefined) {
      await this.outcome(open, 'unknown', `Asked to end, but ${source.name} could not be read afterwards: ${unread}`)
    } else if (source.evidence === 'log') {
      await this.outcome(open, 'unknown', `Asked to end, but its log has not shown the end within ${seconds} s.`)
    } else {
      await this.outcome(open, 'failed', `Asked to end, but still there after ${seconds} s.`)
    }
  }

  private async outcome(open: Open[], outcome: SessionRemovalRow['outcome'], message: string | null): Promise<void> {
    const { requests, cameBack } = this.parts
    for (const remark of new Set(open.map((one) => one.remark))) {
      const removals = open.filter((one) => one.remark === remark).map(({ removal }) => removal)
      await requests.repository.update(
        { id: In(removals.map(({ id }) => id)), outcome: 'pending' },
        { outcome, message: [message, remark].filter(Boolean).join(' ') || null, finishedAt: new Date() },
      )
      if (outcome === 'ended') await cameBack.ended(removals)
    }
    if (open.length > 0) requests.events.emit('settled')
  }
}

/**
 * A session that is not what the admin ticked any more is a stranger's. A panel session keeps its key while its person
 * changes networks, so only its login counts there; an FTP connection has one address for its life.
 */
function nowSomebodyElse(kind: string, removal: SessionRemovalRow, session: ListedSession): string | undefined {
  const login = session.login === undefined ? removal.login : rowValue(session.login)
  if (login !== removal.login) {
    return `It was ${who(removal.login)} when its end was asked for, and is ${who(login)} now.`
  }
  const ip = session.ip === undefined ? removal.ip : rowValue(session.ip)
  if (kind === 'ftp' && ip !== removal.ip) {
    return `It came from ${where(removal.ip)} when its end was asked for, and from ${where(ip)} now.`
  }
  return undefined
}

function who(login: ReturnType<typeof rowValue>): string {
  return login === null ? 'not logged in' : String(login)
}

function where(ip: ReturnType<typeof rowValue>): string {
  return ip === null ? 'an unknown address' : String(ip)
}

function movesFile(session: ListedSession): boolean {
  const { status } = session as ListedFtpSession
  return status === 'uploading' || status === 'downloading'
}

function expiryOf(removal: SessionRemovalRow): Date | null {
  const expiresAt = (removal.session as PanelSessionRow | null)?.expiresAt
  return expiresAt ? new Date(expiresAt) : null
}
