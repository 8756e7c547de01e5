import type { SessionRows } from '../../database/session-rows.js'
import type { ListedSession } from '../../session-source.js'
import type { KeptRows } from './kept-rows.js'

interface FollowerParts {
  table: Pick<SessionRows, 'known' | 'seen' | 'loggedOut'>
  rows: KeptRows
  /** Whose logout nobody has been told of who writes rows. */
  loggedOut: Set<string>
  /** Resolves when the process that writes the rows has looked. */
  haveHolderLook(): Promise<void>
  complain(what: string, error: unknown): void
}

/**
 * What a process does whose own requests tell of sessions while another one writes the rows: it adds what nobody else
 * knows of them, and has the other one look whenever it finds what the rows do not have.
 */
export class Follower {
  private asking: Promise<void> | undefined

  constructor(private readonly parts: FollowerParts) {}

  /** @param loggedOut whose logout was seen since the last list was begun */
  async follow(listed: readonly ListedSession[], loggedOut: ReadonlySet<string>): Promise<void> {
    for (const key of loggedOut) this.parts.loggedOut.add(key)
    try {
      if (await this.addsNews(listed)) this.asking ??= this.haveLooked()
    } catch (error) {
      this.parts.rows.forget()
      this.parts.complain('what was seen here of its sessions could not be added', error)
    }
  }

  /** Resolves when nothing of it runs any more. */
  async settled(): Promise<void> {
    await this.asking
  }

  /** @returns whether there is what the rows do not have */
  private async addsNews(listed: readonly ListedSession[]): Promise<boolean> {
    const { table, rows, loggedOut } = this.parts
    const { written, gone } = await rows.compare(listed, (keys) => table.known(keys))
    await table.seen(written.values())
    const inRows = [...written].filter(([, { id }]) => id !== undefined)
    await rows.wrote({ written: inRows, gone })
    if (loggedOut.size > 0 || inRows.length < written.size) return true
    return gone.length > 0 && (await table.known(gone)).size > 0
  }

  private async haveLooked(): Promise<void> {
    const { table, loggedOut, haveHolderLook, complain } = this.parts
    // What is seen from now on is told of with the next question.
    const told = new Set(loggedOut)
    try {
      await haveHolderLook()
      await table.loggedOut(told)
      for (const key of told) loggedOut.delete(key)
    } catch (error) {
      complain('the process that reads it', error)
    } finally {
      this.asking = undefined
    }
  }
}
