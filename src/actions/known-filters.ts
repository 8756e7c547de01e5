import type { ActionContext, ActionRequest } from 'adminjs'

/** Filters beside those of the columns: a search over several, minutes of idleness, and one's own sessions. */
const besideColumns = ['search', 'idleFor', 'mine']

/**
 * A `before` hook of lists: filters of what no row has are left aside. AdminJS looks their names up in an object, and
 * answers 500 for one that every object has (`constructor`).
 */
export function knownFilters<Request extends ActionRequest>(request: Request, { resource }: ActionContext): Request {
  const known = new Set([...besideColumns, ...resource.properties().map((property) => property.path())])
  const isKnown = (name: string) => known.has(name.split(/[.~]/)[1] ?? '')
  const query = Object.entries(request.query ?? {}).filter(([name]) => !name.startsWith('filters.') || isKnown(name))
  return { ...request, query: Object.fromEntries(query) }
}
