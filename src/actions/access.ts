import { ForbiddenError, type ActionContext } from 'adminjs'
import type { FtpSessionRow, PanelSessionRow } from '../resources/rows.js'
import { narrowing } from '../resources/session-resource.js'

/** Who may see and end what. Asked on the server, on every request; both may be async. */
export interface Access {
  /**
   * May the one who asks (`context.currentAdmin`) end this session? Only `true` is yes. Required, because no default is
   * right for everyone.
   *
   * @example remove: ({ currentAdmin }) => currentAdmin?.role === 'admin'
   */
  remove(context: ActionContext, session: PanelSessionRow | FtpSessionRow): boolean | Promise<boolean>
  /**
   * What may the one who asks see: everything (`true`), nothing (`false`), or the rows with these field values (an
   * array: any of them). A table that lacks such a field shows nothing then.
   *
   * @default everybody who may log in to the back office sees everything
   * @example list: ({ currentAdmin }) => currentAdmin?.role === 'admin' || { login: currentAdmin?.email }
   */
  list?(context: ActionContext): boolean | Record<string, unknown> | Promise<boolean | Record<string, unknown>>
}

/** Asks `access.list`: the field values that the asker's rows have, `{}` for every row, `undefined` for none. */
export async function visibleTo(access: Access, context: ActionContext): Promise<Record<string, unknown> | undefined> {
  const answer = access.list === undefined ? true : await access.list(context)
  if (answer === true) return {}
  if (typeof answer !== 'object' || answer === null) return undefined
  const known = new Set(context.resource.properties().map((property) => property.path()))
  return Object.keys(answer).every((field) => known.has(field)) ? answer : undefined
}

/**
 * A `before` hook for whatever reads a table. AdminJS does not await `isAccessible`, so an async "no" would be a yes
 * there; a hook is awaited.
 *
 * @throws ForbiddenError where nothing may be seen, or not this record
 */
export function onlyVisible(access: Access) {
  return async <Request>(request: Request, context: ActionContext): Promise<Request> => {
    const fields = await visibleTo(access, context)
    if (fields === undefined) throw new ForbiddenError('forbiddenError')
    if (context.record && !matches(context.record.params, fields)) throw new ForbiddenError('forbiddenError')
    ;(context as ActionContext & { [narrowing]?: object })[narrowing] = fields
    return request
  }
}

/** Does a row have these field values? */
export function matches(row: object, fields: Record<string, unknown>): boolean {
  return Object.entries(fields).every(([field, value]) => {
    const own = (row as Record<string, unknown>)[field]
    return Array.isArray(value) ? value.includes(own) : own === value
  })
}

/** The host's word on one session. Anything but `true` is no, and so is an error. */
export async function mayRemove(
  access: Access,
  context: ActionContext,
  session: PanelSessionRow | FtpSessionRow,
): Promise<boolean> {
  try {
    return (await access.remove(context, session)) === true
  } catch {
    return false
  }
}
