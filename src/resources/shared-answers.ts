import { performance } from 'node:perf_hooks'
import type { AsOf } from '../actions/live.js'

/** For so long in all, in ms, the same is asked for anew each time: somebody alone sees it as it is. */
const freely = 1_000
/** After that an answer is given for so many times as long as it took: a tenth of what one connection can do. */
const times = 10
const mostKept = 100

interface Kept {
  answer: Promise<unknown>
  /** What the tables were at before it was asked for. */
  revision: string
  askedMs: number
  /** How long it took, or how long the one before it did, as long as it is under way. */
  tookMs: number
  /** How long all of them have taken, and the one under way as long as the one before it; a tenth of the time that went by is off. */
  spentMs: number
}

/**
 * Answers that go through a whole table and are the same for every page with the same filter and the same rights: one is
 * given to all for a while where they take more than a tenth of the time. Where the table has changed meanwhile, whoever gets
 * it is told so.
 */
export class SharedAnswers {
  private readonly kept = new Map<string, Kept>()

  /**
   * @param question what the answer depends on beside the rows
   * @param asOf what the tables are at, for whoever may get an answer from before; without it, it is asked for
   */
  ask<Answer>(question: string, asOf: AsOf | undefined, ask: () => Promise<Answer>): Promise<Answer> {
    if (asOf === undefined) return ask()
    const nowMs = performance.now()
    const kept = this.kept.get(question) ?? { askedMs: nowMs, tookMs: 0, spentMs: 0 }
    const sinceMs = nowMs - kept.askedMs
    const spentMs = Math.max(0, kept.spentMs - sinceMs / times)
    if ('answer' in kept && spentMs >= freely && sinceMs < times * kept.tookMs) {
      if (kept.revision !== asOf.revision) asOf.isOld = true
      return kept.answer as Promise<Answer>
    }
    const answer = ask()
    const { tookMs: expectedMs } = kept
    const now = { answer, revision: asOf.revision, askedMs: nowMs, spentMs: spentMs + expectedMs }
    const asked: Kept = Object.assign(kept, now)
    this.kept.delete(question)
    this.kept.set(question, asked)
    if (this.kept.size > mostKept) this.kept.delete(this.kept.keys().next().value!)
    answer.then(
      () => {
        asked.tookMs = performance.now() - nowMs
        asked.spentMs += asked.tookMs - expectedMs
      },
      // Whoever asked hears of it.
      () => asked.answer === answer && this.kept.delete(question),
    )
    return answer
  }
}
