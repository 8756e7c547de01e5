import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { notesOf } from '../database/source-notes.js'
import type { Database } from '../database/open-database.js'
import type { RemovalRecords } from '../database/removal-records.js'
import { Problem } from './problem.js'

/** How long the same batch is the same question, in ms. */
const remembered = 24 * 3600_000

/** A batch of the asker's, in the body or as Idempotency-Key. */
export const batchOfAsker = z.uuid({ error: 'a uuid' }).toLowerCase().optional()

/** What is remembered of a batch: the question, and its answer where all of it is on record. */
interface Remembered {
  question: string
  answer?: unknown
}

/**
 * Lets each batch be asked for once: whoever sends it again gets what has become of it, and nothing more is looked for.
 * One that was broken off is asked for again; what of it is on record already stays as it is.
 */
export class AskedOnce {
  private readonly running = new Map<string, Promise<unknown>>()

  constructor(private readonly parts: { database: Pick<Database, 'notes'>; records: RemovalRecords }) {}

  /**
   * @param batch the asker's; undefined where he has none
   * @param question all that makes it another one, who asks included
   * @param ask is given the batch, and answers once all of it is on record
   * @returns the batch and the first answer to it
   * @throws Problem where the batch was another question
   */
  async ask<Answer>(
    batch: string | undefined,
    question: unknown,
    ask: (batch: string) => Promise<Answer>,
  ): Promise<{ batch: string; answer: Answer; isFirst: boolean }> {
    if (batch === undefined) {
      const own = randomUUID()
      return { batch: own, answer: await ask(own), isFirst: true }
    }
    // Of this process; another's records and ours are one by their index.
    while (this.running.has(batch)) await this.running.get(batch)!.catch(() => {})
    const asking = this.askNoted(batch, question, ask)
    this.running.set(batch, asking)
    return asking.finally(() => this.running.delete(batch))
  }

  private async askNoted<Answer>(batch: string, question: unknown, ask: (batch: string) => Promise<Answer>) {
    const notes = notesOf(this.parts.database.notes, '', 'http-api')
    const digest = createHash('sha256').update(JSON.stringify(question)).digest('hex')
    const noted = (await notes.get(batch)) as Remembered | undefined
    if (noted === undefined ? (await this.parts.records.askerOf(batch)) !== undefined : noted.question !== digest) {
      throw new Problem(
        409,
        'This batch is on record for another question.',
        'Send a new uuid, or ask GET /removals?batch=… for what has become of it.',
      )
    }
    if (noted?.answer !== undefined) return { batch, answer: noted.answer as Answer, isFirst: false }
    const until = new Date(Date.now() + remembered)
    await notes.set(batch, { question: digest }, until)
    const answer = await ask(batch)
    await notes.set(batch, { question: digest, answer }, until)
    return { batch, answer, isFirst: true }
  }
}
