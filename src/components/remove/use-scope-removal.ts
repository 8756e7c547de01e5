import type { RecordJSON } from 'adminjs'
import { useEffect, useRef, useState } from 'react'
import type { LeftOutAnswer, ProgressAnswer, ScopeAnswer } from '../../actions/page-answers.js'
import { ask, LoggedOut, removeAllUrl, Unanswered, type WithNotice, withTextIds } from '../shared/http.js'
import { anyWays, type Way } from './keep-out-ways.js'
import { newBatch, type HowToEnd } from './removal-question.js'

/** Whatever matches a list's filters: `filters.login=shop`. */
export interface Scope {
  resourceId: string
  query: string
}

/** What would end, of one scope. */
export interface ShownScope extends Scope, ScopeAnswer {
  records: RecordJSON[]
}

export interface ScopeRemoval {
  /** `looking`: what would end is not known yet. `following`: recorded, and not all of it has an outcome. */
  state: 'looking' | 'before' | 'asking' | 'following' | 'over'
  /** What would end; kept while it ends. */
  shown: ShownScope[]
  ways: Way[]
  batch: string
  progress: ProgressAnswer | null
  leftOut: LeftOutAnswer | null
  /** Why the last request failed; null if it did not. */
  failure: Error | null
  loggedOut: boolean
  /** Ends all of it. Called again after a failure, it ends nothing twice. */
  ask(how: HowToEnd): void
  /** Ends nothing that has not begun. */
  stop(): void
  /** Looks again for what would end now. */
  lookAgain(): void
}

type Answer = WithNotice & {
  records?: RecordJSON[]
  scope?: ScopeAnswer
  leftOut?: LeftOutAnswer
  progress?: ProgressAnswer
}

/** How often a removal is asked how far it is, in ms. */
const followEvery = 700

const nothingLeftOut: LeftOutAnswer = { own: 0, notAllowed: 0, fresh: 0, changed: 0 }

/**
 * Shows what is in these scopes, ends it in one batch, and follows that until the last of it has an outcome. The batch is
 * on record: it goes on when the page is closed.
 *
 * @param asOf changes when the page shows other sessions: what would end is looked up again then, unless it ends already
 */
export function useScopeRemoval(scopes: Scope[], asOf = ''): ScopeRemoval {
  const [state, setState] = useState<ScopeRemoval['state']>('looking')
  const [shown, setShown] = useState<ShownScope[]>([])
  const [progress, setProgress] = useState<ProgressAnswer | null>(null)
  const [leftOut, setLeftOut] = useState<LeftOutAnswer | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const [loggedOut, setLoggedOut] = useState(false)
  const [looks, setLooks] = useState(0)
  const batch = useRef(newBatch())
  /** What is shown from then on is what was asked for. */
  const begun = useRef(false)
  const life = useRef(new AbortController())
  const which = JSON.stringify(scopes)

  /** What goes wrong is shown, unless the page is gone. */
  const guarded = async (work: (signal: AbortSignal) => Promise<void>) => {
    const { signal } = life.current
    try {
      setFailure(null)
      await work(signal)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof LoggedOut) setLoggedOut(true)
      else setFailure(error as Error)
    }
  }

  const look = async (signal: AbortSignal) => {
    const found: ShownScope[] = []
    for (const scope of scopes) {
      const answer = await ask<Answer>(removeAllUrl(scope), { poll: true, signal })
      if (!answer.scope) throw new Unanswered(answer, 'noList')
      found.push({ ...scope, ...answer.scope, records: withTextIds(answer.records ?? []) })
    }
    if (begun.current) return
    setShown(found)
    setState('before')
  }

  useEffect(() => {
    begun.current = false
    life.current = new AbortController()
    batch.current = newBatch()
    setState('looking')
    setProgress(null)
    setLeftOut(null)
    void guarded(look)
    return () => life.current.abort()
  }, [which, looks])

  useEffect(() => {
    if (state === 'before') void guarded(look)
  }, [asOf])

  const follow = async (signal: AbortSignal) => {
    const { resourceId } = scopes[0]!
    for (;;) {
      const query = `batch=${batch.current}`
      const answer = await ask<Answer>(removeAllUrl({ resourceId, query }), { poll: true, signal })
      if (!answer.progress) throw new Unanswered(answer, 'noOutcomes')
      setProgress(answer.progress)
      if (!answer.progress.counts.pending) return setState('over')
      setState('following')
      await new Promise((resolve) => setTimeout(resolve, followEvery))
    }
  }

  return {
    ...{ state, shown, progress, leftOut, failure, loggedOut },
    batch: batch.current,
    ways: anyWays(shown.map(({ keepOut }) => keepOut)),
    ask: (how) =>
      void guarded(async (signal) => {
        begun.current = true
        setState('asking')
        const left = { ...nothingLeftOut }
        for (const scope of shown.filter((one) => one.shown.length > 0)) {
          const answer = await ask<Answer>(removeAllUrl(scope), {
            body: {
              batch: batch.current,
              reason: how.reason?.trim() || undefined,
              tellReason: how.tellReason,
              whenIdle: how.whenIdle,
              // Where a source can't keep them out, its sessions end all the same.
              keepOut: scope.keepOut.some(({ by }) => by === how.keepOut?.by) ? how.keepOut : undefined,
              shown: scope.shown,
            },
            signal,
          })
          if (!answer.progress || !answer.leftOut) throw new Unanswered(answer, 'noOutcomes')
          for (const why of Object.keys(left) as (keyof LeftOutAnswer)[]) left[why] += answer.leftOut[why]
        }
        setLeftOut(left)
        await follow(signal)
      }),
    stop: () =>
      void guarded(async (signal) => {
        const { resourceId } = scopes[0]!
        const body = { batch: batch.current, stop: true }
        const answer = await ask<Answer>(removeAllUrl({ resourceId, query: '' }), { body, signal })
        if (!answer.progress) throw new Unanswered(answer, 'noOutcomes')
        setProgress(answer.progress)
      }),
    lookAgain: () => setLooks((before) => before + 1),
  }
}
