import { z } from 'zod'
import { aFunction, numberFrom, text } from '../collectors/check-options.js'
import type { Row, SessionRows } from '../actions/cut.js'
import type { SessionKind } from '../session-fields.js'

/** What every policy takes beside what it is about. */
export interface PolicyOptions {
  /** Which sessions it is about. */
  kind: 'panel' | 'ftp'
  /**
   * The source's name, where it is about one alone.
   *
   * @default every source of its kind
   */
  source?: string
  /**
   * Sessions that it leaves alone. What throws, or takes its time, leaves all alone: it answers out of memory.
   *
   * @default none
   * @example except: ({ login, ip }) => login === 'root' || ip === '192.0.2.1'
   */
  except?: (session: Row) => boolean
  /**
   * Hours for which it only says what it would have ended, from when it is first run with these options; 0: it ends at once.
   *
   * @default 24
   */
  tryFor?: number
  /**
   * Its name: who is on record as having removed what it ends.
   *
   * @default what it does: `'idle (ftp)'`
   */
  name?: string
  /** Why, on the records. */
  reason?: string
  /**
   * Tell the reason to the person whose session is ended (`sessions.tellEnded`).
   *
   * @default false
   */
  tellReason?: boolean
}

/** A rule by which sessions are ended without anybody's asking, as its factory makes it. */
export interface Policy extends Required<Pick<PolicyOptions, 'kind' | 'name' | 'tryFor' | 'tellReason' | 'except'>> {
  readonly source?: string
  readonly reason?: string
  /** FTP: it waits until no file is moved. */
  readonly whenIdle: boolean
  /**
   * ms for which the clock must not have jumped: by one that was just set forward, everybody has been idle for as long.
   */
  readonly clockSteadyFor: number
  /** By which it is known whether it still is the policy that was tried. */
  readonly identity: string
  /** The rows that it would end now, `except` aside; in pieces. */
  chosen(sessions: SessionRows, now: Date): AsyncGenerator<Row[]>
}

export const policyShape = {
  kind: z.enum(['panel', 'ftp'], { error: '"panel" or "ftp"' }) as z.ZodType<SessionKind>,
  source: text('the name of a source').optional(),
  except: aFunction<(session: Row) => boolean>('a function (session) => boolean').default(() => () => false),
  tryFor: numberFrom(0, 'a number of hours, 0 to end at once').default(24),
  name: text('a name of at most 100 characters', ({ length }) => length <= 100).optional(),
  reason: text('a text of at most 500 characters', ({ length }) => length <= 500).optional(),
  tellReason: z.boolean({ error: 'true or false' }).default(false),
}

/** All that is said of a policy but its functions. */
export function identityOf(what: string, options: object): string {
  return JSON.stringify([what, options])
}
