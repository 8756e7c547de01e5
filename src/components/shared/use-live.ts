import { useEffect, useRef, useState } from 'react'
import type { LiveAnswer, UnchangedAnswer } from '../../actions/page-answers.js'
import { ask, LoggedOut, type WithNotice } from './http.js'
import { hearServerTime } from './server-clock.js'

export interface Live<Answer> {
  /** The last good answer. It stays while the next request is under way, and if that fails. */
  answer: Answer | null
  /** When that was (ms, the browser's clock). */
  answeredAt: number
  /** What it is an answer to: the question's address, or that of the one before while this one is under way. */
  answers: string
  /** Why the last request failed; null if it did not. */
  failure: Error | null
  /** The admin's own session has ended: there are no more requests. */
  loggedOut: boolean
  /** Asks at once, as a person does and not a timer. */
  fetchNow(): Promise<void>
}

interface Question<Answer> {
  /** Under which the last answer is kept: AdminJS mounts a page anew behind a drawer, and it must not start blank. */
  name: string
  url: string
  /** Makes an answer of what was said. @throws Unanswered where it makes no sense */
  read(said: unknown): Answer
  /**
   * Asked again when this changes, and by no timer while all goes well: for whoever has another question that waits. A
   * browser has six connections to a server, for all of its pages.
   */
  beat?: string
}

type Good<Answer> = Pick<Live<Answer>, 'answeredAt' | 'answers'> & { answer: Answer }

const last = new Map<string, Good<unknown>>()

/** So many of them are kept: whoever leaves a back office open all day opens many records. */
const mostKept = 40

function remember(name: string, found: Good<unknown>): void {
  last.delete(name)
  last.set(name, found)
  if (last.size > mostKept) last.delete(last.keys().next().value!)
}

const nothing = { answer: null, answeredAt: 0, answers: '' }

/** How often it is asked, in ms, until the server has said how often it wants that. */
const refreshEvery = 3000
/** Between two answers that came because something had changed, at least so long, in ms. */
const shortest = 400
/** A question that broke off later than this, in ms, was waiting: something in between may give up on such. */
const waited = 1_500
/** For how long no question waits then, in ms. */
const doesNotWaitFor = 5 * 60_000

/**
 * An answer of one of this package's actions, kept up to date: asked for when the question changes, and then as soon as
 * something has changed: the question waits for that at the server. Every few seconds instead where no question can wait,
 * or a proxy has cut one off. Not while the browser's tab is hidden; at once when it is shown again.
 */
export function useLive<Answer extends WithNotice & { sessions: LiveAnswer }>(
  question: Question<Answer>,
): Live<Answer> {
  const { name, url, beat } = question
  const [good, setGood] = useState(() => kept<Answer>(name) ?? nothing)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const asks = useRef(async (_poll: boolean): Promise<void> => undefined)
  const read = useRef(question.read)
  read.current = question.read
  const led = beat !== undefined

  useEffect(() => {
    const life = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let latest = 0
    let every = kept<Answer>(name)?.answer?.sessions.refreshEvery ?? refreshEvery
    /** What the tables were at as of the last answer to this question. */
    let revision: string | null = null
    let waitsAgainAt = 0
    let asking = new AbortController()

    const fetchIt = async (poll: boolean): Promise<void> => {
      clearTimeout(timer)
      const turn = ++latest
      asking.abort()
      asking = new AbortController()
      const { signal } = asking
      const askedAt = performance.now()
      const since = poll && !led && askedAt >= waitsAgainAt ? revision : null
      // An answer that is no longer wanted, or that a newer request has overtaken, is dropped.
      const late = () => life.signal.aborted || turn !== latest
      try {
        const had = kept<Answer>(name)?.answer
        const said = await ask<Answer | UnchangedAnswer>(withRevision(url, had?.sessions.tag, since), { poll, signal })
        if (late()) return
        const answer =
          'unchanged' in said
            ? { ...had!, sessions: { ...had!.sessions, now: said.now, revision: said.revision } }
            : read.current(said)
        every = answer.sessions.refreshEvery
        revision = answer.sessions.revision
        hearServerTime(answer.sessions.now)
        const found = { answer, answeredAt: Date.now(), answers: url }
        remember(name, found)
        setGood(found)
        setFailure(null)
      } catch (error) {
        // Shown again, the page asks anew.
        if (late() || signal.aborted) return
        if (error instanceof LoggedOut) return setLoggedOut(true)
        if (since !== null && performance.now() - askedAt > waited) {
          waitsAgainAt = performance.now() + doesNotWaitFor
          return fetchIt(true)
        }
        setFailure(error as Error)
        timer = setTimeout(poller, every)
        revision = null
        return
      }
      const waits = revision !== null && performance.now() >= waitsAgainAt
      if (!led) timer = setTimeout(poller, waits ? shortest : every)
    }
    const poller = () => {
      if (document.hidden) asking.abort()
      else void fetchIt(true)
    }

    asks.current = fetchIt
    document.addEventListener('visibilitychange', poller)
    void fetchIt(false)
    return () => {
      life.abort()
      asking.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', poller)
    }
  }, [name, url, led])

  useEffect(() => {
    if (led && !document.hidden) void asks.current(true)
  }, [beat])

  return { ...good, failure, loggedOut, fetchNow: () => asks.current(false) }
}

/** The last good answer of this name. */
export function kept<Answer>(name: string): Good<Answer> | undefined {
  return last.get(name) as Good<Answer> | undefined
}

/** Changes the last good answer of this name, for whoever mounts it next. */
export function keep<Answer>(name: string, answer: Answer): void {
  const known = last.get(name)
  if (known) remember(name, { ...known, answer })
}

function withRevision(url: string, known = '', since: string | null): string {
  const both = new URLSearchParams({ known, ...(since === null ? {} : { since }) })
  return `${url}${url.includes('?') ? '&' : '?'}${both}`
}
