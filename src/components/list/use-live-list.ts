import type { RecordJSON } from 'adminjs'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import type { ListAnswer, UnchangedAnswer } from '../../actions/http-api.js'
import { apiUrl, ask, LoggedOut, Unanswered, type WithNotice, withTextIds } from '../shared/http.js'
import { keepPageSize, keptPageSize } from './page-size.js'
import { hearServerTime } from '../shared/server-clock.js'

/** The list action's answer: AdminJS's own fields, and this package's `sessions`. */
export interface LiveAnswer extends WithNotice {
  meta: { total: number; perPage: number; page: number; direction: 'asc' | 'desc'; sortBy: string }
  records: RecordJSON[]
  sessions: ListAnswer
}

export interface LiveList {
  /** The last good answer. It stays while the next request is under way, and if that fails. */
  answer: LiveAnswer | null
  /** When that was (ms, the browser's clock). */
  answeredAt: number
  /** Why the last request failed; null if it did not. */
  failure: Error | null
  /** The admin's own session has ended: there are no more requests. */
  loggedOut: boolean
  /** Has the server poll its sources at once, then fetches the list. Rejects if that was refused or failed. */
  refresh(): Promise<void>
}

/** The last answers by name of the list: AdminJS mounts a new list behind a drawer, and it must not start blank. */
const last = new Map<string, Pick<LiveList, 'answer' | 'answeredAt'>>()

const nothing = { answer: null, answeredAt: 0 }

/** How often the list is fetched, in ms, until the server has said how often it wants that. */
const refreshEvery = 3000
/** Between two answers that came because something had changed, at least so long, in ms. */
const shortest = 400
/** A question that broke off later than this, in ms, was waiting: something in between may give up on such. */
const waited = 1_500
/** For how long no question waits then, in ms. */
const doesNotWaitFor = 5 * 60_000

/**
 * A page of sessions, kept up to date: fetched when the query changes, and then as soon as something has changed: the
 * question waits for that at the server. Every few seconds instead where no question can wait, or a proxy has cut one off.
 * Not while the browser's tab is hidden; at once when it is shown again.
 *
 * @param query what AdminJS's list takes: page, sortBy, direction, filters
 * @param name of the list, for whoever has two of a resource
 */
export function useLiveList(resourceId: string, query: string, name = resourceId): LiveList {
  const [good, setGood] = useState(() => last.get(name) ?? nothing)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const fetchNow = useRef<() => Promise<void>>(async () => undefined)

  useEffect(() => {
    const url = (known: string, since: string | null) =>
      apiUrl(
        resourceId,
        ['actions', 'list'],
        new URLSearchParams(`${query}&known=${known}${since === null ? '' : `&since=${since}`}`),
      )
    const life = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let latest = 0
    let every = last.get(name)?.answer?.sessions.refreshEvery ?? refreshEvery
    /** The list's revision as of the last answer to this query. */
    let revision: string | null = null
    let waitsAgainAt = 0
    let asking = new AbortController()

    const fetchList = async (poll: boolean): Promise<void> => {
      clearTimeout(timer)
      const turn = ++latest
      asking.abort()
      asking = new AbortController()
      const { signal } = asking
      const askedAt = performance.now()
      const since = poll && askedAt >= waitsAgainAt ? revision : null
      // An answer that is no longer wanted, or that a newer request has overtaken, is dropped.
      const late = () => life.signal.aborted || turn !== latest
      try {
        const had = last.get(name)?.answer
        const said = await ask<LiveAnswer | UnchangedAnswer>(url(had?.sessions.tag ?? '', since), { poll, signal })
        if (late()) return
        const answer = 'unchanged' in said ? { ...had!, sessions: { ...had!.sessions, now: said.now } } : said
        if (!answer.records || !answer.sessions) throw new Unanswered(answer, 'noList')
        every = answer.sessions.refreshEvery
        revision = 'unchanged' in said ? said.revision : said.sessions.revision
        hearServerTime(answer.sessions.now)
        const found = { answer: { ...answer, records: withTextIds(answer.records) }, answeredAt: Date.now() }
        last.set(name, found)
        setGood(found)
        setFailure(null)
      } catch (error) {
        // Shown again, the page asks anew.
        if (late() || signal.aborted) return
        if (error instanceof LoggedOut) return setLoggedOut(true)
        if (since !== null && performance.now() - askedAt > waited) {
          waitsAgainAt = performance.now() + doesNotWaitFor
          return fetchList(true)
        }
        setFailure(error as Error)
        revision = null
      }
      const waits = revision !== null && performance.now() >= waitsAgainAt
      timer = setTimeout(poller, waits ? shortest : every)
    }
    const poller = () => {
      if (document.hidden) asking.abort()
      else void fetchList(true)
    }

    fetchNow.current = () => fetchList(false)
    document.addEventListener('visibilitychange', poller)
    void fetchList(false)
    return () => {
      life.abort()
      asking.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', poller)
    }
  }, [resourceId, query])

  const refresh = useCallback(async () => {
    const answer = await ask<WithNotice>(apiUrl(resourceId, ['actions', 'refresh']), { body: {} })
    await fetchNow.current()
    if (answer.notice?.type === 'error') throw new Unanswered(answer, 'noList')
  }, [resourceId])

  return { ...good, failure, loggedOut, refresh }
}

/** Takes rows out of the last answer: what has just been ended must not be there when the list is shown again. */
export function forget(name: string, ids: ReadonlySet<string>): void {
  const known = last.get(name)
  if (!known?.answer) return
  const records = known.answer.records.filter(({ id }) => !ids.has(id))
  last.set(name, { ...known, answer: { ...known.answer, records, sessions: { ...known.answer.sessions, tag: '' } } })
}

/** What AdminJS puts into a list's address and what is no part of its query: `refresh` fetches it again, `recordIds` are a drawer's. */
const notForTheList = ['refresh', 'recordIds']

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
