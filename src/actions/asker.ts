import type { ActionContext, ActionRequest } from 'adminjs'
import type { Request } from 'express'
import type { Said } from '../text/said.js'
import { rowValue } from '../text/stored-value.js'
import { mayRemove, visibleTo, type Access, type VisibleFields } from './access.js'
import type { Row } from './cut.js'
import type { OwnKeys } from './own-sessions.js'
import { foreignOrigin } from './same-origin.js'

/** Whoever asks for removals: an admin in a browser, the host's own code, a policy, a program with a token. */
export interface Asker {
  /** Why nothing that he asks for may be done; undefined where it may. */
  refused?: Said
  /** The keys of the sessions that he is in himself: they never end by his removals. */
  own: ReadonlySet<string>
  /** Which rows are his to see: `{}` where every row is, undefined where none is. */
  visible(): Promise<VisibleFields | undefined>
  /** May he end this session? */
  may(row: Row): Promise<boolean>
}

/** An admin in a browser, by his request. */
export function adminAsking(
  { access, ownKeys, origins }: { access: Access; ownKeys: OwnKeys; origins: readonly string[] },
  request: ActionRequest,
  http: Request | undefined,
  context: ActionContext,
): Asker {
  return {
    refused: foreignOrigin(http, origins),
    own: ownKeys(request),
    visible: () => visibleTo(access, context),
    may: (row) => mayRemove(access, context, row),
  }
}

/** Whoever the host trusts with every session: its own code. */
export function trustedAsking(own: ReadonlySet<string> = new Set()): Asker {
  return { own, visible: () => Promise.resolve({}), may: () => Promise.resolve(true) }
}

/** Who asked, as far as the host's account object says. */
export function nameOf(currentAdmin: unknown): string | null {
  const { email, login, username, name, id } = (currentAdmin ?? {}) as Record<string, unknown>
  const found = [email, login, username, name, id].find(
    (value) => typeof value === 'string' || typeof value === 'number',
  )
  return found === undefined ? null : String(rowValue(String(found)))
}
