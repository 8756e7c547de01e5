import { In } from 'typeorm'
import { inGroups } from '../timing/event-loop.js'
import type { Database } from './open-database.js'
import type { FtpSessionRow, GoneRow, HistoryRow, PanelSessionRow } from './rows.js'

const linesPerInsert = 100
const keysPerQuestion = 500

type Row = PanelSessionRow | FtpSessionRow

/** How a session ended and when, as far as its source and the clock tell. */
type Ending = Pick<HistoryRow, 'how' | 'endedAt'>

/** Of whose person was seen to log out, when that was, by keys. */
export type LoggedOut = ReadonlyMap<string, Date>

/**
 * The history of one source's sessions, and the only place that writes it. Several processes may find one session gone:
 * there is one line of each, and what any of them knows of its end stands.
 */
export class SessionHistory {
  constructor(
    private readonly database: Pick<Database, 'history' | 'removals'>,
    private readonly whose: Pick<GoneRow, 'kind' | 'host' | 'source'>,
  ) {}

  /**
   * These rows are about to be deleted.
   *
   * @param keys of these, and of those whose rows another process has deleted before
   */
  async ended(rows: readonly Row[], keys: readonly string[], loggedOut: LoggedOut): Promise<void> {
    const now = new Date()
    const out = (row: Row) => endingOf((row as Partial<PanelSessionRow>).expiresAt ?? null, loggedOut.get(row.key), now)
    await this.write(rows.map((row) => ({ ...this.lineOf(row), ...out(row) })))
    if (loggedOut.size > 0) {
      // Another process may have been the first, and have known nothing of it.
      await this.say(
        'logged-out',
        keys.filter((key) => loggedOut.has(key)),
      )
    }
    await this.nameRemoved(keys)
  }

  /** Nobody could read their source since then. */
  async dropped(rows: readonly Row[], lastSeenAt: Date): Promise<void> {
    await this.write(rows.map((row) => ({ ...this.lineOf(row), how: 'dropped', endedAt: lastSeenAt })))
  }

  /**
   * Of these sessions, those that a removal has ended were removed. Asked after a line was written and after an outcome
   * was: whichever of the two comes last finds the other.
   */
  async nameRemoved(keys: readonly string[]): Promise<void> {
    for await (const some of inGroups([...keys], keysPerQuestion)) {
      // The outcome is asked for afterwards: SQLite would look all of those that have it up, and not these few keys.
      const asked = await this.database.removals.find({
        select: { id: true, key: true, outcome: true },
        where: { ...this.whose, key: In(some) },
      })
      const removed = asked.flatMap(({ key, outcome }) => (outcome === 'ended' && key !== null ? [key] : []))
      if (removed.length > 0)
        await this.database.history.update({ ...this.whose, key: In(removed) }, { how: 'removed' })
    }
  }

  /** These sessions are there: any that had been taken for ended could not be seen for a while. */
  async notEnded(keys: readonly string[]): Promise<void> {
    await this.database.history.delete({ ...this.whose, key: In([...keys]) })
  }

  private async say(how: HistoryRow['how'], keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.database.history.update({ ...this.whose, key: In([...keys]), how: 'unknown' }, { how })
  }

  private async write(lines: readonly Omit<HistoryRow, 'id'>[]): Promise<void> {
    for await (const group of inGroups([...lines], linesPerInsert)) {
      await this.database.history.createQueryBuilder().insert().values(group).orIgnore().updateEntity(false).execute()
    }
  }

  private lineOf(row: Row): Omit<HistoryRow, 'id' | keyof Ending> {
    const { id, key, login, person, type, ip, lastActiveAt } = row
    const { logonIp = null, userAgent = null, loggedInAt } = row as Partial<PanelSessionRow>
    const { domain = null, protocol = null, movedBytes = null, connectedAt } = row as Partial<FtpSessionRow>
    return {
      ...{ ...this.whose, rowId: id, key, login, person, type, ip, lastActiveAt },
      ...{ logonIp, userAgent, domain, protocol, movedBytes, startedAt: loggedInAt ?? connectedAt ?? null },
    }
  }
}

/** Whoever logs out does so before his time is over; what was taken out of the store after that is no logout. */
function endingOf(expiresAt: Date | null, loggedOutAt: Date | undefined, now: Date): Ending {
  if (expiresAt !== null && expiresAt <= (loggedOutAt ?? now)) return { how: 'expired', endedAt: expiresAt }
  return loggedOutAt ? { how: 'logged-out', endedAt: loggedOutAt } : { how: 'unknown', endedAt: now }
}
