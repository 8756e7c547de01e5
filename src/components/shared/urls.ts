import { ViewHelpers } from 'adminjs'

/** In the address of the drawer that asks whether to end one session: by what to keep out. */
export const keepOutParam = 'keepOut'

/** The page of everything that one person has open, or that comes from one address. */
export function everythingUrl(resourceId: string, by: 'person' | 'ip', who: string): string {
  const search = `?${new URLSearchParams({ [by]: who })}`
  return new ViewHelpers().resourceActionUrl({ resourceId, actionName: 'everything', search })
}

/** A list with nothing but what has this value. */
export function filteredUrl(resourceId: string, field: string, value: string): string {
  const search = `?${new URLSearchParams({ [`filters.${field}`]: `=${value}` })}`
  return new ViewHelpers().resourceUrl({ resourceId, search })
}

/**
 * The drawer that asks whether to end one session.
 *
 * @param keepOut what is chosen there at first
 */
export function removeOneUrl(resourceId: string, recordId: string, search = '', keepOut?: 'login' | 'ip'): string {
  const query = new URLSearchParams(search)
  if (keepOut !== undefined) query.set(keepOutParam, keepOut)
  return new ViewHelpers().bulkActionUrl({
    resourceId,
    actionName: 'remove',
    recordIds: [recordId],
    search: query.size > 0 ? `?${query}` : '',
  })
}

/** The drawer that asks whether to end all that match the list's filters. */
export function removeAllPageUrl(resourceId: string, search: string): string {
  return new ViewHelpers().resourceActionUrl({ resourceId, actionName: 'removeAll', search })
}

/** The drawer that keeps a login or an address out, whether anything of it is open or not. */
export function keepOutUrl(by: 'login' | 'ip', who: string): string {
  const search = `?${new URLSearchParams({ [by]: who })}`
  return new ViewHelpers().resourceActionUrl({ resourceId: 'SessionHold', actionName: 'keepOut', search })
}

/** Of a list's address, what says which rows it has. */
export function filtersOf(search: string): string {
  const filters = [...new URLSearchParams(search)].filter(([name]) => name.startsWith('filters.'))
  return new URLSearchParams(filters).toString()
}

/** The page of one record. */
export function recordUrl(resourceId: string, { id }: { id: string }): string {
  return new ViewHelpers().recordActionUrl({ resourceId, recordId: id, actionName: 'show' })
}
