import { useLocation, useNavigate } from 'react-router'

/** The list's filters, as its address has them, and how to change them: on the first page, with nothing else changed. */
export function useFilters(): { of(name: string): string; set(changes: Record<string, string>): void } {
  const { pathname, search } = useLocation()
  const navigate = useNavigate()
  return {
    of: (name) => new URLSearchParams(search).get(`filters.${name}`) ?? '',
    set(changes) {
      const params = new URLSearchParams(search)
      params.delete('page')
      for (const [name, value] of Object.entries(changes)) {
        if (value === '') params.delete(`filters.${name}`)
        else params.set(`filters.${name}`, value)
      }
      navigate({ pathname, search: params.toString() })
    },
  }
}

/** Whether a list's query narrows it at all. */
export function hasFilters(query: string): boolean {
  return [...new URLSearchParams(query).keys()].some((key) => key.startsWith('filters.'))
}

/** What can be asked for at a click, by kind of session: the filters that each sets. */
export const chips: Record<string, { name: string; filters: Record<string, string> }[]> = {
  PanelSession: [
    { name: 'mine', filters: { mine: 'yes' } },
    { name: 'idle15', filters: { idleFor: '15' } },
    { name: 'idle60', filters: { idleFor: '60' } },
  ],
  FtpSession: [
    { name: 'uploading', filters: { status: 'uploading' } },
    { name: 'downloading', filters: { status: 'downloading' } },
    { name: 'notLoggedIn', filters: { status: 'authenticating' } },
    { name: 'idle15', filters: { idleFor: '15' } },
    { name: 'idle60', filters: { idleFor: '60' } },
  ],
}
