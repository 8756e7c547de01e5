import type { RecordJSON } from 'adminjs'
import { useEffect, useState } from 'react'
import { apiUrl, ask, LoggedOut, withTextIds } from '../shared/http.js'

/** How often, in ms. */
const every = 3000

/**
 * The first page of a list, fetched every few seconds; what was fetched stays while the next request fails. Null until it
 * is there, and where the admin may not see it.
 */
export function useRecords(resourceId: string, query: string): { records: RecordJSON[]; total: number } | null {
  const [found, setFound] = useState<{ records: RecordJSON[]; total: number } | null>(null)

  useEffect(() => {
    const life = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const fetchList = async () => {
      clearTimeout(timer)
      if (document.hidden) return
      try {
        const url = apiUrl(resourceId, ['actions', 'list'], new URLSearchParams(query))
        const answer = await ask<{ records?: RecordJSON[]; meta?: { total: number } }>(url, {
          poll: true,
          signal: life.signal,
        })
        if (answer.records && answer.meta) setFound({ records: withTextIds(answer.records), total: answer.meta.total })
      } catch (error) {
        if (error instanceof LoggedOut) return
      }
      if (!life.signal.aborted) timer = setTimeout(() => void fetchList(), every)
    }
    const shown = () => void fetchList()
    document.addEventListener('visibilitychange', shown)
    void fetchList()
    return () => {
      life.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', shown)
    }
  }, [resourceId, query])

  return found
}
