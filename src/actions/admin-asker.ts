import type { ActionContext, ActionRequest } from 'adminjs'
import type { Request } from 'express'
import { rowValue } from '../text/stored-value.js'
import { mayRemove, visibleTo, type Access } from './access.js'
import type { Asker } from './asker.js'
import type { OwnKeys } from './own-sessions.js'
import { foreignOrigin } from './same-origin.js'

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

/** Who asked, as far as the host's account object says. */
export function nameOf(currentAdmin: unknown): string | null {
  const { email, login, username, name, id } = (currentAdmin ?? {}) as Record<string, unknown>
  const found = [email, login, username, name, id].find(
    (value) => typeof value === 'string' || typeof value === 'number',
  )
  return found === undefined ? null : String(rowValue(String(found)))
}
