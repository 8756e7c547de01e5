import type { ActionContext, ActionRequest } from 'adminjs'
import type { Request } from 'express'
import { In, type Repository } from 'typeorm'
import { rowValue } from '../collectors/engine/reconcile.js'
import type { RemovalRequest } from '../collectors/engine/removal-requests.js'
import type { FtpSessionRow, PanelSessionRow, SessionSourceStatusRow } from '../resources/rows.js'
import { matches, mayRemove, visibleTo, type Access } from './access.js'
import type { RemovalQuestion } from './answers.js'
import { ownKey } from './list.action.js'
import { foreignOrigin } from './same-origin.js'
import { keepOutOf } from './source-answer.js'

export type SessionRows = Repository<PanelSessionRow | FtpSessionRow>
type Row = PanelSessionRow | FtpSessionRow
type Decision = Partial<RemovalRequest>

/** What a hold's row can hold. */
const longestHeld = 191

export interface DecisionParts {
  access: Access
  sessions: SessionRows
  statuses: SessionSourceStatusRow[]
}

/** Decides what becomes of each session: pending, or refused and why. On the server, for each session by itself. */
export class RemovalDecision {
  private readonly foreign: string | undefined
  private readonly own: string | undefined

  constructor(
    private readonly parts: DecisionParts,
    request: ActionRequest,
    http: Request,
    private readonly context: ActionContext,
    private readonly question: RemovalQuestion,
  ) {
    this.foreign = foreignOrigin(http)
    this.own = ownKey(request)
  }

  async all(ids: number[]): Promise<(Decision & { recordId: number })[]> {
    const rows = await this.parts.sessions.findBy({ id: In(ids) })
    const byId = new Map(rows.map((row) => [row.id, row]))
    const visible = this.foreign === undefined ? await visibleTo(this.parts.access, this.context) : undefined
    return Promise.all(
      ids.map(async (id) => {
        const row = byId.get(id)
        return { recordId: id, ...(row === undefined ? this.ofGone(id) : await this.of(row, visible)) }
      }),
    )
  }

  private ofGone(id: number): Decision {
    const seen = this.seen(id)
    const stored = (value: string | null = null) => rowValue(value) as string | null
    const about = { key: stored(seen?.key.slice(0, 191)), login: stored(seen?.login) }
    if (this.foreign !== undefined) return { ...about, outcome: 'refused', message: this.foreign }
    return { ...about, outcome: 'already-gone' }
  }

  private async of(row: Row, visible: Record<string, unknown> | undefined): Promise<Decision> {
    const { host, source, key, login, ip } = row
    const session = { host, source, key, login, ip, session: row }
    const refusal = this.foreign ?? (await this.refusal(row, visible)) ?? (await this.keepOutRefusal(row))
    if (refusal !== undefined) return { ...session, outcome: 'refused', message: refusal }
    const { whenIdle = false, keepOut } = this.question
    return {
      ...session,
      whenIdle,
      keepOutBy: keepOut?.by ?? null,
      keepOutUntil: keepOut ? new Date(Date.now() + keepOut.minutes * 60_000) : null,
    }
  }

  private async refusal(row: Row, visible: Record<string, unknown> | undefined): Promise<string | undefined> {
    if (visible === undefined || !matches(row, visible) || !(await mayRemove(this.parts.access, this.context, row))) {
      return 'You are not allowed to end this session.'
    }
    if (row.key === this.own) return 'This is your own session; log out to end it.'
    const seen = this.seen(row.id)
    if (seen !== undefined && (seen.key !== row.key || (seen.login ?? null) !== row.login)) {
      return 'This is no longer the session that you ticked: look at the list again.'
    }
    return undefined
  }

  /** A ban cuts every session of its login or address: all of them must be the asker's to end, and none his own. */
  private async keepOutRefusal(row: Row): Promise<string | undefined> {
    const by = this.question.keepOut?.by
    if (by === undefined) return undefined
    const status = this.parts.statuses.find(({ host, name }) => host === row.host && name === row.source)
    if (status === undefined || !keepOutOf(status).includes(by))
      return `${row.source} cannot keep anybody out by ${by}.`
    if (row[by] === null) return `Its ${by} is not known, so nobody can be kept out by it.`
    if (row[by].length > longestHeld) return `Its ${by} is too long to be kept out by it: ${row[by].length} characters.`
    for (const other of await cutBy(this.parts.sessions, row, by)) {
      if (other.key === this.own) return `Keeping this ${by} out would end your own session as well.`
      if (!(await mayRemove(this.parts.access, this.context, other))) {
        return `Keeping this ${by} out would end sessions as well that you are not allowed to end.`
      }
    }
    return undefined
  }

  private seen(id: number) {
    return this.question.sessions?.find((session) => session.id === id)
  }
}

/** The other sessions of a source that keeping this one's login or address out would cut as well. */
export function cutBy(sessions: SessionRows, row: Row, by: 'login' | 'ip'): Promise<Row[]> {
  const { host, source } = row
  return sessions.findBy({ host, source, [by]: row[by] }).then((found) => found.filter(({ id }) => id !== row.id))
}
