import type { RecordJSON } from 'adminjs'
import { useEffect, useRef, useState } from 'react'
import type { RemovalAnswer, RemovalQuestion } from '../actions/answers.js'
import { removeUrl } from './api.js'
import { ask, LoggedOut, Unanswered, type WithNotice } from './ask.js'
import { newBatch } from './batch.js'

export interface Removal {
  /** `asking`: ends are under way. `stopped`: nothing is asked any more, with or without every outcome known. */
  state: 'before' | 'asking' | 'stopped'
  /** By record id. */
  outcomes: ReadonlyMap<string, RemovalAnswer>
  /** Why the last question was not answered; null where it was. */
  failure: Error | null
  loggedOut: boolean
  /** Ends the sessions; called again, asks what became of them. */
  ask(how: HowToEnd): void
  /** Ends one whose end has failed by force, with all else as it was asked for. */
  force(recordId: string): void
}

/** What the admin chose in the drawer. */
export type HowToEnd = Pick<RemovalQuestion, 'reason' | 'whenIdle' | 'keepOut'>

/** What is asked under one batch, so that however often it is asked nothing ends twice. */
interface Asked {
  recordIds: string[]
  question: RemovalQuestion
}

/** How often a pending outcome is asked for again, and for how long, in ms. */
const AGAIN_EVERY = 1000
const AGAIN_FOR = 30_000

const none: ReadonlyMap<string, RemovalAnswer> = new Map()

/** Ends the sessions of these records, and follows what becomes of them. */
export function useRemoval(resourceId: string, records: RecordJSON[]): Removal {
  const [state, setState] = useState<Removal['state']>('before')
  const [outcomes, setOutcomes] = useState(none)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const asked = useRef<Asked[]>([])
  const running = useRef(0)
  const life = useRef(new AbortController())

  useEffect(() => {
    life.current = new AbortController()
    return () => life.current.abort()
  }, [])

  /** Asks until every outcome is known, or for as long as one may wait. */
  const follow = async ({ recordIds, question }: Asked, signal: AbortSignal) => {
    const url = removeUrl(resourceId, recordIds)
    const until = Date.now() + AGAIN_FOR
    for (let poll = false; ; poll = true) {
      const answer = await ask<WithNotice & { removals?: RemovalAnswer[] }>(url, { body: question, poll, signal })
      if (signal.aborted) return
      const { removals } = answer
      if (!removals?.length) throw new Unanswered(answer, 'noOutcomes')
      setOutcomes((before) => withAnswers(before, removals))
      if (removals.every(({ outcome }) => outcome !== 'pending') || Date.now() > until) return
      await new Promise((resolve) => setTimeout(resolve, AGAIN_EVERY))
      if (signal.aborted) return
    }
  }

  const start = async (questions: Asked[]) => {
    const { signal } = life.current
    running.current++
    setState('asking')
    setFailure(null)
    try {
      await Promise.all(questions.map((one) => follow(one, signal)))
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof LoggedOut) setLoggedOut(true)
      else setFailure(error as Error)
    }
    if (--running.current === 0) setState('stopped')
  }

  return {
    state,
    outcomes,
    failure,
    loggedOut,
    ask: (how) => {
      if (asked.current.length === 0) asked.current = [allOf(records, how)]
      void start(asked.current)
    },
    force: (recordId) => {
      const forced = byForce(asked.current, recordId)
      asked.current = [...without(asked.current, recordId), forced]
      setOutcomes((before) => withAnswers(before, [pending(recordId)]))
      void start([forced])
    },
  }
}

/** What is shown of a removal until the server has said more. */
export function pending(recordId: string): RemovalAnswer {
  return { recordId: Number(recordId), outcome: 'pending', message: null, force: null }
}

function withAnswers(before: ReadonlyMap<string, RemovalAnswer>, answers: RemovalAnswer[]) {
  return new Map([...before, ...answers.map((answer) => [String(answer.recordId), answer] as const)])
}

/** All of them, as the admin saw them. */
function allOf(records: RecordJSON[], { reason, whenIdle, keepOut }: HowToEnd): Asked {
  return {
    recordIds: records.map(({ id }) => id),
    question: {
      batch: newBatch(),
      // What is undefined is left out of the JSON.
      reason: reason?.trim() || undefined,
      whenIdle,
      keepOut,
      sessions: records
        .filter(({ params }) => params.key)
        .map(({ id, params }) => ({ id: Number(id), key: String(params.key), login: params.login ?? null })),
    },
  }
}

/** The same question about one of the records alone, by force and under a batch of its own. */
export function byForce(asked: Asked[], recordId: string): Asked {
  const { question } = asked.find(({ recordIds }) => recordIds.includes(recordId))!
  const sessions = question.sessions?.filter(({ id }) => String(id) === recordId)
  return { recordIds: [recordId], question: { ...question, batch: newBatch(), sessions, force: true } }
}

/** What is left to ask about once a record is asked about by force: its first end has its outcome. */
export function without(asked: Asked[], recordId: string): Asked[] {
  return asked
    .map((one) => ({ ...one, recordIds: one.recordIds.filter((id) => id !== recordId) }))
    .filter(({ recordIds }) => recordIds.length > 0)
}
