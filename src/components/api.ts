import { ViewHelpers } from 'adminjs'

/** `{root}/api/resources/{resourceId}/…`, wherever the back office is mounted. */
export function apiUrl(resourceId: string, path: string[], search?: URLSearchParams): string {
  return new ViewHelpers().urlBuilder(['api', 'resources', resourceId, ...path], search ? `?${search}` : '')
}

/** The bulk action `remove`: by GET it shows what would end, by POST it ends. */
export function removeUrl(resourceId: string, recordIds: string[]): string {
  return apiUrl(resourceId, ['bulk', 'remove'], new URLSearchParams({ recordIds: recordIds.join(',') }))
}

export function loginUrl(): string {
  return new ViewHelpers().loginUrl()
}
