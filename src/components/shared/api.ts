import { ViewHelpers } from 'adminjs'

/** `{root}/api/resources/{resourceId}/…`, wherever the back office is mounted. */
export function apiUrl(resourceId: string, path: string[], search?: URLSearchParams): string {
  return new ViewHelpers().urlBuilder(['api', 'resources', resourceId, ...path], search ? `?${search}` : '')
}

/** The bulk action `remove`: by GET it shows what would end, by POST it ends. */
export function removeUrl(resourceId: string, recordIds: string[]): string {
  return apiUrl(resourceId, ['bulk', 'remove'], new URLSearchParams({ recordIds: recordIds.join(',') }))
}

/** Which of these records are gone, and nothing else: for what is asked again and again. */
export function goneUrl(resourceId: string, recordIds: string[]): string {
  return apiUrl(resourceId, ['bulk', 'remove'], new URLSearchParams({ recordIds: recordIds.join(','), only: 'gone' }))
}

export function loginUrl(): string {
  return new ViewHelpers().loginUrl()
}
