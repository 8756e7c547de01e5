import { ForbiddenError, type ActionContext, type ActionRequest } from 'adminjs'
import type { Changes, Shown } from '../database/changes.js'
import type { Holds } from '../database/holds.js'
import type { OwnKeys } from './own-sessions.js'

/** How long a page's question waits for a change, in ms: less than any proxy in use gives up after by itself (nginx: 60 s). */
const longest = 25_000

interface WaitParts {
  changes: Changes
  holds: Holds
  ownKeys: OwnKeys
  /** Names of the panel sources. */
  panels: readonly string[]
  /** ms to wait at most where it is not heard of what other processes write. */
  otherwise: number
}

/**
 * A `before` hook of a list: who has seen it at a revision (`since` in his question) is answered when it is at another
 * one, or after 25 s. Only where the store of the asker's own session is guarded: express-session may write back at the
 * end what it has read at the beginning, and nobody else would keep it from that.
 *
 * @throws ForbiddenError where the asker's own session was ended meanwhile
 */
export function waitForChange(tables: readonly Shown[], { changes, holds, ownKeys, panels, otherwise }: WaitParts) {
  return async <Request extends ActionRequest>(request: Request, _context: ActionContext): Promise<Request> => {
    const since: unknown = request.query?.since
    const own = ownKeys(request)
    if (typeof since !== 'string' || own.size === 0) return request
    await changes.since(tables, since, longest, otherwise)
    if ([...own].some((key) => panels.some((source) => holds.remembers(source, 'session', key))))
      throw new ForbiddenError('forbiddenError')
    return request
  }
}
