import { ViewHelpers } from 'adminjs'

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

/** The drawer that asks whether to end one session. */
export function removeOneUrl(resourceId: string, recordId: string, search = ''): string {
  return new ViewHelpers().bulkActionUrl({ resourceId, actionName: 'remove', recordIds: [recordId], search })
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
