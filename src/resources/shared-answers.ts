import { performance } from 'node:perf_hooks'
import type { AsOf } from '../actions/live.js'

/** What takes less than this, in ms, is asked for anew each time. */
const cheap = 20
/** An answer is given for so many times as long as it took: whoever waits for it takes a tenth of what one connection can do. */
const times = 10
const mostKept = 100

interface Kept {
  answer: Promise<unknown>
  /** What the tables were at before it was asked for. */
  revision: string
  askedMs: number
  /** How long it took, or how long the one before it did, as long as it is under way. */
  tookMs: number
}

/**
 * Answers that go through a whole table and are the same for every page with the same filter and the same rights: one is
 * given to all for a while where it takes long. Where the table has changed meanwhile, whoever gets it is told so.
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
    const known = this.kept.get(question)
    if (known !== undefined && known.tookMs >= cheap && nowMs - known.askedMs < times * known.tookMs) {
      if (known.revision !== asOf.revision) asOf.isOld = true
      return known.answer as Promise<Answer>
    }
    const answer = ask()
    const kept = { answer, revision: asOf.revision, askedMs: nowMs, tookMs: known?.tookMs ?? 0 }
    this.kept.delete(question)
    this.kept.set(question, kept)
    if (this.kept.size > mostKept) this.kept.delete(this.kept.keys().next().value!)
    answer.then(
      () => (kept.tookMs = performance.now() - nowMs),
      // Whoever asked hears of it.
      () => this.kept.get(question) === kept && this.kept.delete(question),
    )
    return answer
  }
}
