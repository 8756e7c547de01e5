import type { RecordJSON } from 'adminjs'
import { useEffect, useRef, useState } from 'react'
import type { RemovalAnswer, RemovalQuestion } from '../../actions/page-answers.js'
import { ask, LoggedOut, removeAllUrl, removeUrl, Unanswered, type WithNotice } from '../shared/http.js'
import { allOf, byForce, type AskedBatch, type HowToEnd, withoutRecord } from './removal-question.js'

export interface Removal {
  /** `asking`: requests are under way. `stopped`: there are no more, whether every outcome is known or not. */
  state: 'before' | 'asking' | 'stopped'
  /** By record id. */
  outcomes: ReadonlyMap<string, RemovalAnswer>
  /** Why the last request failed; null if it did not. */
  failure: Error | null
  loggedOut: boolean
  /** Under which its records are; none before it was asked for. */
  batches: string[]
  /** Ends the sessions. Called again, it asks for the outcomes. */
  ask(how: HowToEnd): void
  /** Has those stopped that nobody has begun with, and asks for the outcomes. */
  stop(): void
  /** Ends by force a session whose ordinary end has failed, with the same options. */
  force(recordId: string): void
}

/** How often pending outcomes are asked for again, and for how long, in ms. */
const askAgainEvery = 1000
const askAgainFor = 30_000

const none: ReadonlyMap<string, RemovalAnswer> = new Map()

/** Ends the sessions of these records, and follows the outcomes. */
export function useRemoval(resourceId: string, records: RecordJSON[]): Removal {
  const [state, setState] = useState<Removal['state']>('before')
  const [outcomes, setOutcomes] = useState(none)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const asked = useRef<AskedBatch[]>([])
  const running = useRef(0)
  const life = useRef(new AbortController())

  useEffect(() => {
    life.current = new AbortController()
    return () => life.current.abort()
  }, [])

  /** Asks until every outcome is known, or the time is up. */
  const follow = async (question: RemovalQuestion, signal: AbortSignal) => {
    // Meanwhile one of them may be ended by force: then that request gives its outcome.
    const left = () => asked.current.find((one) => one.question === question)?.recordIds ?? []
    const until = Date.now() + askAgainFor
    for (let poll = false; left().length > 0; poll = true) {
      const url = removeUrl(resourceId, left())
      const answer = await ask<WithNotice & { removals?: RemovalAnswer[] }>(url, { body: question, poll, signal })
      if (signal.aborted) return
      if (!answer.removals?.length) throw new Unanswered(answer, 'noOutcomes')
      const removals = answer.removals.filter(({ recordId }) => left().includes(String(recordId)))
      setOutcomes((before) => withAnswers(before, removals))
      if (removals.every(({ outcome }) => outcome !== 'pending') || Date.now() > until) return
      await new Promise((resolve) => setTimeout(resolve, askAgainEvery))
      if (signal.aborted) return
    }
  }

  const start = async (questions: AskedBatch[], stopping = false) => {
    const { signal } = life.current
    running.current++
    setState('asking')
    setFailure(null)
    const answers = await Promise.allSettled(
      questions.map(async ({ question }) => {
        const url = removeAllUrl({ resourceId, query: '' })
        if (stopping) await ask<WithNotice>(url, { body: { batch: question.batch, stop: true }, signal })
        await follow(question, signal)
      }),
    )
    if (signal.aborted) return
    for (const answer of answers) {
      if (answer.status === 'fulfilled') continue
      if (answer.reason instanceof LoggedOut) setLoggedOut(true)
      else setFailure(answer.reason as Error)
    }
    if (--running.current === 0) setState('stopped')
  }

  return {
    state,
    outcomes,
    failure,
    loggedOut,
    batches: asked.current.map(({ question }) => question.batch!),
    ask: (how) => {
      if (asked.current.length === 0) asked.current = [allOf(records, how)]
      void start(asked.current)
    },
    stop: () => void start(asked.current, true),
    force: (recordId) => {
      const forced = byForce(asked.current, recordId)
      asked.current = [...withoutRecord(asked.current, recordId), forced]
      setOutcomes((before) => withAnswers(before, [pending(recordId)]))
      void start([forced])
    },
  }
}

/** Shown for a removal until the server answers. */
export function pending(recordId: string): RemovalAnswer {
  return { recordId: Number(recordId), outcome: 'pending', message: null, said: null, force: null }
}

function withAnswers(before: ReadonlyMap<string, RemovalAnswer>, answers: RemovalAnswer[]) {
  return new Map([...before, ...answers.map((answer) => [String(answer.recordId), answer] as const)])
}
