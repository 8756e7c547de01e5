import { ForbiddenError, NotFoundError, type ActionContext, type ActionRequest } from 'adminjs'
import type { FtpSessionRow, PanelSessionRow } from '../database/rows.js'
import { isSeen, type VisibleFields } from './seen.js'

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
   * array: any of them). Asked about each table (`context.resource`); one that lacks such a field shows nothing then, and
   * of what it holds the other pages tell a count at most.
   *
   * @default everybody who may log in to the back office sees everything
   * @example list: ({ currentAdmin }) => currentAdmin?.role === 'admin' || { login: currentAdmin?.email }
   */
  list?(context: ActionContext): boolean | Record<string, unknown> | Promise<boolean | Record<string, unknown>>
}

/** The context of a list that `access.list` has narrowed. */
export const narrowing = Symbol('adminjs-sessions.narrowing')

/**
 * Asks `access.list` about one table: which of its rows are the asker's to see, or `undefined` where none is. An error
 * is no, and so is a value that is not known: it would be every row's that lacks it.
 */
export async function visibleTo(access: Access, context: ActionContext): Promise<VisibleFields | undefined> {
  try {
    const answer = access.list === undefined ? true : await access.list(context)
    if (answer === true) return {}
    if (typeof answer !== 'object' || answer === null) return undefined
    const known = new Set(context.resource.properties().map((property) => property.path()))
    return Object.entries(answer).every(([field, value]) => known.has(field) && value != null) ? answer : undefined
  } catch {
    return undefined
  }
}

/**
 * A `before` hook for whatever reads a table. AdminJS does not await `isAccessible`, so an async "no" would be a yes
 * there; a hook is awaited. A record that is not the asker's to see is answered as AdminJS answers for one that is not
 * there, so that nobody learns which there are.
 *
 * @throws NotFoundError where this record may not be seen, ForbiddenError where nothing may be
 */
export function onlyVisible(access: Access) {
  return async <Request extends ActionRequest>(request: Request, context: ActionContext): Promise<Request> => {
    const fields = await visibleTo(access, context)
    if (context.record && !isSeen(context.record.params, fields)) throw notThere(request, context)
    if (fields === undefined) throw new ForbiddenError('forbiddenError')
    Object.assign(context, { [narrowing]: fields })
    return request
  }
}

/** The context of a list that shows these rows only. */
export function withVisible(context: ActionContext, fields: VisibleFields): ActionContext {
  return { ...context, [narrowing]: fields } as ActionContext
}

/** What AdminJS says of a record that is not there. */
export function notThere({ params }: ActionRequest, context: ActionContext): NotFoundError {
  // AdminJS would send the record with the error.
  delete context.record
  return new NotFoundError(
    `Record with given id: "${params.recordId}" cannot be found in resource "${params.resourceId}"`,
    'Action#handler',
  )
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
