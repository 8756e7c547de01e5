import type { ActionContext, ActionRequest } from 'adminjs'

/** The keys of the sessions that the one who asks is in, by his request. */
export type OwnKeys = (request: object) => ReadonlySet<string>

/** In the context of a list: which sessions are the asker's own. */
export const owning = Symbol('adminjs-sessions.owning')

/** A `before` hook of lists that can be narrowed to one's own sessions. */
export function withOwn(ownKeys: OwnKeys) {
  return <Request extends ActionRequest>(request: Request, context: ActionContext): Request => {
    ;(context as ActionContext & { [owning]?: ReadonlySet<string> })[owning] = ownKeys(request)
    return request
  }
}
