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
}

/** What the admin chose in the drawer. */
export type HowToEnd = Pick<RemovalQuestion, 'reason' | 'whenIdle' | 'keepOut'>

/** How often a pending outcome is asked for again, and for how long, in ms. */
const AGAIN_EVERY = 1000
const AGAIN_FOR = 30_000

const none: ReadonlyMap<string, RemovalAnswer> = new Map()

/** Ends the sessions of these records under one batch, so that however often it is asked nothing ends twice. */
export function useRemoval(resourceId: string, records: RecordJSON[]): Removal {
  const [state, setState] = useState<Removal['state']>('before')
  const [outcomes, setOutcomes] = useState(none)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const batch = useRef<string | undefined>(undefined)
  const life = useRef(new AbortController())

  useEffect(() => {
    life.current = new AbortController()
    return () => life.current.abort()
  }, [])

  const start = async ({ reason, whenIdle, keepOut }: HowToEnd) => {
    const { signal } = life.current
    const question: RemovalQuestion = {
      batch: (batch.current ??= newBatch()),
      // What is undefined is left out of the JSON.
      reason: reason?.trim() || undefined,
      whenIdle,
      keepOut,
      sessions: records
        .filter(({ params }) => params.key)
        .map(({ id, params }) => ({ id: Number(id), key: String(params.key), login: params.login ?? null })),
    }
    const url = removeUrl(
      resourceId,
      records.map(({ id }) => id),
    )
    const until = Date.now() + AGAIN_FOR
    setState('asking')
    setFailure(null)
    try {
      for (let poll = false; ; poll = true) {
        const answer = await ask<WithNotice & { removals?: RemovalAnswer[] }>(url, { body: question, poll, signal })
        if (signal.aborted) return
        if (!answer.removals?.length) throw new Unanswered(answer, 'noOutcomes')
        setOutcomes(new Map(answer.removals.map((removal) => [String(removal.recordId), removal])))
        if (answer.removals.every(({ outcome }) => outcome !== 'pending') || Date.now() > until) break
        await new Promise((resolve) => setTimeout(resolve, AGAIN_EVERY))
        if (signal.aborted) return
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof LoggedOut) setLoggedOut(true)
      else setFailure(error as Error)
    }
    setState('stopped')
  }

  return { state, outcomes, failure, loggedOut, ask: (how) => void start(how) }
}
