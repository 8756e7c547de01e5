import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RemovalOutcome } from '../../database/removal-states.js'
import type { PanelSessionRow, SessionRemovalRow } from '../../database/rows.js'
import type { ReturnWatch } from './return-watch.js'
import type { Collector } from './collector.js'
import type { Ends } from './ends.js'
import type { Holds } from '../../database/holds.js'
import type { HoldEnforcer } from './hold-enforcer.js'
import { changedHands } from '../changed-hands.js'
import { Refusal } from '../refusal.js'
import { inGroups } from '../../timing/event-loop.js'
import { messageOf } from '../../text/error-message.js'
import type { Said, Saying } from '../../text/said.js'
import { rowValue } from '../../text/stored-value.js'
import type { RemovalRecords } from '../../database/removal-records.js'
import { KeepOutFailed, RemovalRefused, type ListedFtpSession, type ListedSession } from '../../session-source.js'
import { TimeLimitReached } from '../../timing/time-limit.js'

/** How many sessions are asked to end at the same time. */
const atOnce = 16
/** For so long each poll and the pause before it count at most, in ms: a machine that was stopped meanwhile has not waited. */
const countsAtMost = 2_000

export interface RunParts {
  host: string
  records: RemovalRecords
  holds: Holds
  ends: Ends
  enforcer: HoldEnforcer
  returnWatch: ReturnWatch
  /** ms that a session may take to be gone. */
  endsWithin: number
  report(message: string): void
}

/** A removal that is being carried out. */
export interface Open {
  removal: SessionRemovalRow
  /** Taken over from a process that ended in the middle of it. */
  takenOver: boolean
  /** It was there after it had been asked for: in a list, or when its hold ended it. */
  seen?: boolean
  /** Said with the outcome, whatever that is. */
  remark?: Said
}

/**
 * Ends one batch of removals: polls, checks, holds, asks, polls again, and writes the outcome of each.
 *
 * Every panel session that was asked for is held, also one that seems to have gone: a request that still runs may save it
 * back. What was there, is held and has gone was ended by this removal, whoever made the call: the guard of some process,
 * the collector, or this.
 */
export class RemovalRun {
  private readonly panel: boolean

  constructor(
    private readonly collector: Collector,
    private readonly parts: RunParts,
    private readonly stopping: AbortSignal,
  ) {
    this.panel = collector.source.kind === 'panel'
  }

  async end(all: Open[]): Promise<void> {
    await this.keepOutOnly(all.filter(({ removal }) => removal.key === null))
    const taken = all.filter(({ removal }) => removal.key !== null)
    if (taken.length === 0) return
    const off = this.parts.ends.listen((key) => {
      for (const open of taken) if (open.removal.key === key) open.seen = true
    })
    try {
      await this.endSessions(taken)
    } finally {
      off()
    }
  }

  private async endSessions(taken: Open[]): Promise<void> {
    const { name, kind } = this.collector.source
    let sessions = new Map<string, ListedSession>()
    try {
      sessions = await this.find(taken.map(({ removal }) => removal.key!))
    } catch (error) {
      if (this.stopping.aborted) throw error
      // A panel session is held all the same, and is out wherever its store can be used at all.
      if (!this.panel) {
        const said: Said = { key: 'unreadable', values: { source: name, problem: messageOf(error) } }
        await this.outcome(taken, 'failed', said)
        return
      }
    }
    const ending: Open[] = []
    for (const open of taken) {
      const session = sessions.get(open.removal.key!)
      const other = session && nowSomebodyElse(kind, open.removal, session)
      open.seen ||= session !== undefined
      if (other !== undefined) await this.outcome([open], 'refused', other)
      // It began to move a file between the asking and the poll: it waits for its turn again.
      else if (session !== undefined && open.removal.whenIdle && movesFile(session))
        await this.parts.records.putBack(open.removal)
      else if (session === undefined && !this.panel) await this.gone([open])
      else ending.push(open)
    }
    if (ending.length === 0) return

    if (this.panel) await this.holdSessions(ending)
    await this.keepOut(ending)
    await this.verify(await this.ask(ending, sessions))
  }

  /** Of those that are about no session: what they name is kept out, and that is all. */
  private async keepOutOnly(open: Open[]): Promise<void> {
    if (open.length === 0) return
    await this.keepOut(open)
    await this.outcome(
      open.filter(({ remark }) => remark === undefined),
      'kept-out',
    )
    await this.outcome(
      open.filter(({ remark }) => remark !== undefined),
      'failed',
    )
  }

  /** A poll; of what it found, the sessions with these keys. */
  private async find(keys: string[]): Promise<Map<string, ListedSession>> {
    const wanted = new Set(keys)
    const listed = await this.collector.poll()
    return new Map(listed.filter(({ key }) => wanted.has(key)).map((session) => [session.key, session]))
  }

  /** What is not in the list any more. */
  private async gone(open: Open[]): Promise<void> {
    await this.outcome(
      open.filter(({ seen }) => seen),
      'ended',
    )
    const unseen = open.filter(({ seen }) => !seen)
    await this.outcome(
      unseen.filter(({ takenOver }) => takenOver),
      'ended',
      { key: 'endedByDead' },
    )
    await this.outcome(
      unseen.filter(({ takenOver }) => !takenOver),
      'already-gone',
    )
  }

  /** Committed before the end: from then on no guard lets them through, whatever a running request saves. */
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

  /**
   * Commits who is to be kept out beside the session's own end, and has the source keep them out. Whom it can't keep out
   * is not held, so that it does not look as if he were; what others have asked for stands.
   */
  private async keepOut(open: Open[]): Promise<void> {
    const { host, holds, enforcer } = this.parts
    const { name } = this.collector.source
    const wanted = open.filter(({ removal: { keepOutBy } }) => keepOutBy !== null)
    if (wanted.length === 0) return
    await holds.add(
      wanted.map(({ removal }) => ({
        host,
        source: name,
        by: removal.keepOutBy!,
        value: removal[removal.keepOutBy!]!,
        until: removal.keepOutUntil,
        removalId: removal.id,
      })),
    )
    try {
      await enforcer.apply(this.stopping)
    } catch (error) {
      const failed = wanted.filter(
        ({ removal: { keepOutBy, login, ip } }) =>
          !(error instanceof KeepOutFailed) ||
          error.failed.some(({ by, value }) => by === keepOutBy && value === (by === 'login' ? login : ip)),
      )
      if (failed.length === 0) return
      await holds.releaseOf(
        failed.map(({ removal }) => removal.id),
        ['login', 'ip'],
      )
      for (const one of failed) one.remark = { key: 'notKeptOut', values: { problem: messageOf(error) } }
      // Whom others have asked to be kept out must not be let in by what failed here.
      await enforcer.apply(this.stopping).catch(() => {})
    }
  }

  /** Asks the source to end the sessions that are there. Gives those whose end is to be verified, by their keys. */
  private async ask(open: Open[], sessions: Map<string, ListedSession>): Promise<Map<string, Open[]>> {
    const left = new Map<string, Open[]>()
    for await (const group of inGroups(open, atOnce)) {
      await Promise.all(
        group.map(async (one) => {
          const session = sessions.get(one.removal.key!)
          if (session !== undefined && !(await this.askOne(one, session))) return
          left.set(one.removal.key!, [...(left.get(one.removal.key!) ?? []), one])
        }),
      )
    }
    return left
  }

  /** Asks the source to end one session. True where its end is to be verified. */
  private async askOne(open: Open, session: ListedSession): Promise<boolean> {
    try {
      const answer = await this.parts.ends.end(session, this.stopping, open.removal.byForce)
      // Whom the hold, or the ban, before it has cut did not go by itself.
      if (answer === 'asked' || this.panel || open.removal.keepOutBy !== null) return true
      await this.outcome([open], 'already-gone')
    } catch (error) {
      // It may have been asked all the same: only a poll can tell.
      if (error instanceof TimeLimitReached) return true
      if (error instanceof RemovalRefused) {
        await this.outcome([open], 'refused', error instanceof Refusal ? error.said : messageOf(error))
        await this.parts.holds.releaseOf([open.removal.id], ['session'])
      } else {
        await this.outcome([open], 'failed', messageOf(error))
      }
    }
    return false
  }

  /**
   * Polls until all are gone or their time is up. A held panel session that is still there, or is there again, perhaps
   * under another id, is ended by each of these polls, as by any.
   */
  private async verify(left: Map<string, Open[]>): Promise<void> {
    const { source } = this.collector
    let leftMs = this.parts.endsWithin
    let sinceMs = performance.now()
    let unread: string | undefined
    for (let wait = 25; left.size > 0; wait = Math.min(1000, wait * 2)) {
      let sessions: Map<string, ListedSession> | undefined
      try {
        sessions = await this.find([...left.keys()])
        unread = undefined
      } catch (error) {
        if (this.stopping.aborted) throw error
        unread = messageOf(error)
      }
      if (sessions !== undefined) left = await this.settle(left, sessions)
      if (left.size === 0) return
      const nowMs = performance.now()
      leftMs -= Math.min(nowMs - sinceMs, countsAtMost)
      sinceMs = nowMs
      if (leftMs <= 0) break
      await sleep(Math.min(wait, Math.max(1, leftMs)), undefined, { signal: this.stopping })
    }
    const seconds = this.parts.endsWithin / 1000
    const open = [...left.values()].flat()
    if (unread !== undefined) {
      const values = { source: source.name, problem: unread }
      await this.outcome(open, 'unknown', { key: this.panel ? 'heldUnread' : 'askedUnread', values })
    } else if (source.evidence === 'log') {
      await this.outcome(open, 'unknown', { key: 'logSilent', values: { seconds } })
    } else {
      await this.outcome(open, 'failed', { key: 'stillThere', values: { seconds } })
    }
  }

  /** Writes what became of those that are gone. Those that are left. */
  private async settle(left: Map<string, Open[]>, sessions: Map<string, ListedSession>): Promise<Map<string, Open[]>> {
    const [gone, there] = [false, true].map((isThere) =>
      [...left.keys()].filter((key) => sessions.has(key) === isThere),
    )
    await this.gone(gone!.flatMap((key) => left.get(key)!))
    const open = there!.flatMap((key) => left.get(key)!)
    for (const one of open) one.seen = true
    return new Map(there!.map((key) => [key, left.get(key)!]))
  }

  /** Writes what became of them, where they are still this engine's. */
  private async outcome(open: Open[], outcome: RemovalOutcome, said?: Saying): Promise<void> {
    if (open.length === 0) return
    const { records, returnWatch } = this.parts
    for (const remark of new Set(open.map((one) => one.remark))) {
      const removals = open.filter((one) => one.remark === remark).map(({ removal }) => removal)
      await records.settle(
        removals,
        outcome,
        [said, remark].filter((one) => one !== undefined),
      )
      if (outcome === 'ended') await returnWatch.ended(removals)
    }
    records.told('settled')
  }
}

/**
 * A session that is not what the admin ticked any more is a stranger's. A panel session keeps its key while its person
 * changes networks, so only its login counts there; an FTP connection has one address for its life.
 */
function nowSomebodyElse(kind: string, removal: SessionRemovalRow, session: ListedSession): Said | undefined {
  const now = (field: 'login' | 'ip') =>
    session[field] === undefined ? removal[field] : (rowValue(session[field]) as string | null)
  return changedHands(removal, { login: now('login'), ip: kind === 'ftp' ? now('ip') : removal.ip })?.said
}

function movesFile(session: ListedSession): boolean {
  const { status } = session as ListedFtpSession
  return status === 'uploading' || status === 'downloading'
}

function expiryOf(removal: SessionRemovalRow): Date | null {
  const expiresAt = (removal.session as PanelSessionRow | null)?.expiresAt
  return expiresAt ? new Date(expiresAt) : null
}
