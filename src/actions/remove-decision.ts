import { In } from 'typeorm'
import type { RemovalRecords, RemovalRequest } from '../database/removal-records.js'
import type { SessionKind } from '../session-source.js'
import type { Database } from '../database/open-database.js'
import type { SessionSourceStatusRow } from '../database/rows.js'
import type { Said, SaidKey, Saying } from '../text/said.js'
import { never } from '../text/stored-value.js'
import type { LeftOut, RemovalQuestion } from './page-answers.js'
import { asItWas, asRecorded } from './as-it-was.js'
import type { Asker } from './asker.js'
import { cutWith, type Cut, type Row, type SessionRows } from './cut.js'
import { isSeen, type VisibleFields } from './seen.js'
import { keepOutOf } from '../database/source-status.js'

/** What a hold's row can hold. */
const longestHeld = 191
/** How long ago an end may have failed for another one by force, in ms. */
const day = 24 * 3600_000

/** The same words for a session that is not there, not to be seen and not to be ended: they tell nobody which it is. */
const notAllowed: Said = { key: 'notAllowed' }

/** Why nobody can be kept out by a login or an address. */
const cannot = {
  login: {
    ...{ at: 'cannotKeepOutByLogin', unknown: 'loginUnknown', tooLong: 'loginTooLong' },
    ...{ cutsOwn: 'loginCutsOwn', cutsOthers: 'loginCutsOthers' },
  },
  ip: {
    ...{ at: 'cannotKeepOutByIp', unknown: 'ipUnknown', tooLong: 'ipTooLong' },
    ...{ cutsOwn: 'ipCutsOwn', cutsOthers: 'ipCutsOthers' },
  },
} as const satisfies Record<'login' | 'ip', Record<string, SaidKey>>

export interface DecisionParts {
  kind: SessionKind
  sessions: SessionRows
  statuses: SessionSourceStatusRow[]
  database: Pick<Database, 'gone'>
  records: RemovalRecords
}

/** What becomes of one id. */
export type Decision = { recordId: number } & Fate

type Fate =
  | { is: 'recorded'; record: Partial<RemovalRequest> }
  /** The asker has no right to ask for it; `row`, where he may see it. */
  | { is: 'denied'; said: Said; row?: Row }
  /** Nothing is known of it any more, to somebody who may see everything. */
  | { is: 'unknown' }

/** A row that is, or that was there a short while ago. */
interface Found {
  row: Row
  gone: boolean
}

/** Decides what becomes of each session: pending, or refused and why. On the server, for each session by itself. */
export class RemovalDecision {
  private readonly ticked: Map<number, NonNullable<RemovalQuestion['sessions']>[number]>
  private seen: VisibleFields | undefined
  private failed: ReadonlySet<string> = new Set()
  private cut: Cut = () => new Map()
  private readonly cutRefusals = new Map<ReadonlyMap<number, Row>, Promise<Said | undefined>>()
  private readonly allowed = new Map<number, Promise<boolean>>()

  constructor(
    private readonly parts: DecisionParts,
    private readonly asker: Asker,
    private readonly question: RemovalQuestion,
  ) {
    this.ticked = new Map(question.sessions?.map((session) => [session.id, session]))
  }

  async all(ids: number[]): Promise<Decision[]> {
    if (ids.length === 0) return []
    const found = await this.find(ids)
    await this.prepare([...found.values()].map(({ row }) => row))
    return Promise.all(ids.map(async (id) => ({ recordId: id, ...(await this.of(found.get(id))) })))
  }

  /**
   * Of rows that a filter has found, what becomes of those that the asker may end; the others are left out: nobody has
   * asked for them by name.
   */
  async amongRows(rows: Row[]): Promise<{ decided: Decision[]; leftOut: LeftOut }> {
    await this.prepare(rows)
    const others = rows.filter((row) => !this.asker.own.has(row.key))
    const allowed = await Promise.all(others.map(async (row) => isSeen(row, this.seen) && (await this.may(row))))
    const asked = others.filter((_, i) => allowed[i])
    const fate = async (row: Row) => ({ recordId: row.id, ...(await this.of({ row, gone: false })) })
    const leftOut = { own: rows.length - others.length, notAllowed: others.length - asked.length }
    return { decided: await Promise.all(asked.map(fate)), leftOut }
  }

  /**
   * What becomes of keeping out a name at a source, whether anything of it is open there or not: the host is asked about a
   * session of which nothing else is known.
   */
  async ofName(name: Row): Promise<Decision> {
    await this.prepare([name])
    return { recordId: name.id, ...(await this.of({ row: name, gone: false })) }
  }

  private async prepare(rows: Row[]): Promise<void> {
    this.seen = await this.asker.visible()
    const { keepOut, force } = this.question
    if (force) this.failed = await this.failedOf(rows)
    if (keepOut) this.cut = await cutWith(this.parts.sessions, rows, () => [keepOut.by])
  }

  /** A page shows a session a little longer than its row is there. */
  private async find(ids: number[]): Promise<Map<number, Found>> {
    const living = await this.parts.sessions.findBy({ id: In(ids) })
    const found = new Map(living.map((row) => [row.id, { row, gone: false }]))
    const left = ids.filter((id) => !found.has(id))
    if (left.length === 0) return found
    const { kind, database } = this.parts
    for (const { rowId, session } of await database.gone.findBy({ kind, rowId: In(left) })) {
      found.set(rowId, { row: { ...asItWas(session), id: rowId }, gone: true })
    }
    return found
  }

  private async of(found: Found | undefined): Promise<Fate> {
    const seen = found !== undefined && isSeen(found.row, this.seen)
    const row = seen && !found.gone ? found.row : undefined
    if (this.asker.refused !== undefined) return { is: 'denied', said: this.asker.refused, row }
    // An old page of somebody who may know what there is; to all others an end and a secret look the same.
    if (found === undefined && this.seen !== undefined && Object.keys(this.seen).length === 0) return { is: 'unknown' }
    if (!seen || !(await this.may(found.row))) {
      return { is: 'denied', said: notAllowed, row }
    }
    return { is: 'recorded', record: await this.recordOf(found) }
  }

  private async recordOf({ row, gone }: Found): Promise<Partial<RemovalRequest>> {
    const session = asRecorded(row)
    const refusal = this.refusal(row) ?? this.forceRefusal(row) ?? (await this.keepOutRefusal(row))
    if (refusal !== undefined) return { ...session, outcome: 'refused', said: [refusal] }
    const { whenIdle = false, keepOut, force = false } = this.question
    // A connection that has gone is gone. A panel session may have a new name, or a request that saves it again.
    if (gone && this.parts.kind === 'ftp') {
      const said: Saying[] = keepOut ? [{ key: 'goneNobodyKeptOut' }] : []
      return { ...session, outcome: 'already-gone', said }
    }
    return {
      ...session,
      whenIdle,
      byForce: force,
      keepOutBy: keepOut?.by ?? null,
      keepOutUntil: keepOut ? endOfKeepOut(keepOut.minutes) : null,
    }
  }

  private refusal(row: Row): Said | undefined {
    if (this.asker.own.has(row.key)) return { key: 'own' }
    const ticked = this.ticked.get(row.id)
    if (ticked !== undefined && (ticked.key !== row.key || (ticked.login ?? null) !== row.login)) {
      return { key: 'notTicked' }
    }
    return undefined
  }

  private forceRefusal(row: Row): Said | undefined {
    if (!this.question.force) return undefined
    if ((this.statusOf(row)?.byForce ?? null) === null) return { key: 'noForce', values: { source: row.source } }
    return this.failed.has(nameOf(row)) ? undefined : { key: 'forceTooEarly' }
  }

  /** A ban cuts every session of its login or address: all of them must be the asker's to end, and none his own. */
  private async keepOutRefusal(row: Row): Promise<Said | undefined> {
    const by = this.question.keepOut?.by
    if (by === undefined) return undefined
    const status = this.statusOf(row)
    if (status === undefined || !keepOutOf(status).includes(by))
      return { key: cannot[by].at, values: { source: row.source } }
    if (row[by] === null) return { key: cannot[by].unknown }
    if (row[by].length > longestHeld) return { key: cannot[by].tooLong, values: { length: row[by].length } }
    const cut = this.cut(row, by)
    if (!this.cutRefusals.has(cut)) this.cutRefusals.set(cut, this.cutRefusal(cut, by))
    return this.cutRefusals.get(cut)
  }

  private async cutRefusal(cut: ReadonlyMap<number, Row>, by: 'login' | 'ip'): Promise<Said | undefined> {
    for (const row of cut.values()) {
      if (this.asker.own.has(row.key)) return { key: cannot[by].cutsOwn }
      if (!isSeen(row, this.seen) || !(await this.may(row))) {
        return { key: cannot[by].cutsOthers }
      }
    }
    return undefined
  }

  /** Asks the host once about each session, however many bans would cut it. */
  private may(row: Row): Promise<boolean> {
    if (!this.allowed.has(row.id)) this.allowed.set(row.id, this.asker.may(row))
    return this.allowed.get(row.id)!
  }

  /** Which of these sessions an end has been asked for in vain. */
  private async failedOf(rows: Row[]): Promise<Set<string>> {
    const failed = await this.parts.records.failedSince(this.parts.kind, rows, new Date(Date.now() - day))
    return new Set(failed.map(nameOf))
  }

  private statusOf({ host, source }: Row): SessionSourceStatusRow | undefined {
    return this.parts.statuses.find((status) => status.host === host && status.name === source)
  }
}

/** Until he is released where no time is set. */
function endOfKeepOut(minutes: number | null): Date {
  return new Date(minutes === null ? never : Date.now() + minutes * 60_000)
}

function nameOf({ host, source, key }: { host: string | null; source: string | null; key: string | null }): string {
  return JSON.stringify([host, source, key])
}
