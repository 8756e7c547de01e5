import type { RecordJSON } from 'adminjs'
import { useCallback, useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import type { ListExtras, LiveAnswer } from '../../actions/page-answers.js'
import { apiUrl, ask, Unanswered, type WithNotice, withTextIds } from '../shared/http.js'
import { filtersOf, keepOutParam } from '../shared/urls.js'
import { keep, kept, type Live, useLive } from '../shared/use-live.js'
import { keepPageSize, keptPageSize } from './page-size.js'

/** A list action's answer: AdminJS's own fields, and this package's `sessions`, which has more for lists of sessions. */
export interface ListOf<More = object> extends WithNotice {
  meta: { total: number; perPage: number; page: number; direction: 'asc' | 'desc'; sortBy: string }
  records: RecordJSON[]
  sessions: LiveAnswer & More
}

export type SessionList = ListOf<ListExtras>

/** A page of a table. */
export interface LiveList<List> extends Live<List> {
  /**
   * Whether the answer is of these filters. Until theirs is here the rows of the ones before are shown, but nothing must be
   * said of those, or done with them, as if they were what matches.
   */
  isOfTheseFilters: boolean
}

/**
 * A page of a table, kept up to date.
 *
 * @param query what AdminJS's list takes: page, sortBy, direction, filters
 * @param name of the list, for whoever has two of a resource
 * @param beat see `useLive`
 */
export function useLiveList<More = object>(
  resourceId: string,
  query: string,
  name = resourceId,
  beat?: string,
): LiveList<ListOf<More>> {
  const live = useLive({
    name,
    url: apiUrl(resourceId, ['actions', 'list'], new URLSearchParams(query)),
    read: readList<More>,
    beat,
  })
  const [, answered = ''] = live.answers.split('?')
  return { ...live, isOfTheseFilters: live.answer !== null && filtersOf(answered) === filtersOf(query) }
}

function readList<More>(said: unknown): ListOf<More> {
  const answer = said as ListOf<More>
  if (!answer.records || !answer.sessions) throw new Unanswered(answer, 'noList')
  return { ...answer, records: withTextIds(answer.records) }
}

/** Has the server poll its sources at once, then fetches the list. Rejects if that was refused or failed. */
export function useRefresh(resourceId: string, { fetchNow }: Live<unknown>): () => Promise<void> {
  return useCallback(async () => {
    const answer = await ask<WithNotice>(apiUrl(resourceId, ['actions', 'refresh']), { body: {} })
    await fetchNow()
    if (answer.notice?.type === 'error') throw new Unanswered(answer, 'noList')
  }, [resourceId, fetchNow])
}

/** Takes rows out of the last answer: what has just been ended must not be there when the list is shown again. */
export function forget(name: string, ids: ReadonlySet<string>): void {
  const answer = kept<ListOf>(name)?.answer
  if (!answer) return
  const records = answer.records.filter(({ id }) => !ids.has(id))
  keep(name, { ...answer, records, sessions: { ...answer.sessions, tag: '' } })
}

/** What AdminJS puts into a list's address and what is no part of its query: `refresh` fetches it again, the others are a drawer's. */
const notForTheList = ['refresh', 'recordIds', keepOutParam]

/** The list's query (page, sort, filters) from the page's address, and the record ids of a drawer that is open over it. */
export function useListQuery(): { query: string; recordIds: string[]; setPerPage(rows: number): void } {
  const { pathname, search } = useLocation()
  const navigate = useNavigate()
  const params = new URLSearchParams(search)
  const [perPage, setPerPage] = useState(keptPageSize)
  const recordIds = params.get('recordIds')?.split(',').filter(Boolean) ?? []
  const asksAnew = params.has('refresh')
  for (const name of notForTheList) params.delete(name)

  useEffect(() => {
    if (!asksAnew) return
    const rest = new URLSearchParams(search)
    rest.delete('refresh')
    navigate({ pathname, search: rest.toString() }, { replace: true })
  }, [asksAnew, pathname, search])

  if (perPage !== null && !params.has('perPage')) params.set('perPage', String(perPage))
  return {
    query: params.toString(),
    recordIds,
    setPerPage(rows) {
      keepPageSize(rows)
      setPerPage(rows)
      const first = new URLSearchParams(search)
      for (const name of ['page', 'perPage']) first.delete(name)
      navigate({ pathname, search: first.toString() }, { replace: true })
    },
  }
}
