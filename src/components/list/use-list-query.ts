import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'

/** What AdminJS puts into a list's address that is no question to the list: `refresh` asks it to look anew, `recordIds` are a drawer's. */
const NO_QUESTION = ['refresh', 'recordIds']

/** The list's question (page, sort, filters) out of the page's address, and the ids of a drawer's that is open over it. */
export function useListQuery(): { query: string; recordIds: string[] } {
  const { pathname, search } = useLocation()
  const navigate = useNavigate()
  const params = new URLSearchParams(search)
  const recordIds = params.get('recordIds')?.split(',').filter(Boolean) ?? []
  const asksAnew = params.has('refresh')
  for (const name of NO_QUESTION) params.delete(name)

  useEffect(() => {
    if (!asksAnew) return
    const rest = new URLSearchParams(search)
    rest.delete('refresh')
    navigate({ pathname, search: rest.toString() }, { replace: true })
  }, [asksAnew, pathname, search])

  return { query: params.toString(), recordIds }
}
