import { createHash, randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Collector } from '../collectors/engine/collector.js'
import type { Database } from '../database/open-database.js'
import type { RemovalRecords } from '../database/removal-records.js'
import { notesOf } from '../database/source-notes.js'
import { trustedAsking } from '../actions/asker.js'
import { asRecorded } from '../actions/as-it-was.js'
import { sessionsOf, type Row } from '../actions/cut.js'
import { RemovalDecision } from '../actions/remove-decision.js'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'
import { never } from '../text/stored-value.js'
import { WakeablePause } from '../timing/wakeable-pause.js'
import type { Policy } from './policy.js'
import { linesOf } from '../actions/removal-lines.js'

/** How often policies are looked at where nothing opens, in ms. */
const lookEvery = 10_000
/** And where much opens: at most so often. */
const lookAtMostEvery = 1_000
/** A session whose end did not come about is not asked for again for so long, in ms. */
const askAgainAfter = 3600_000
/** What is more than the clock's being set right by and by, in ms. */
const jumpFrom = 5_000
const hour = 3600_000

export interface PolicyParts {
  database: Database
  records: RemovalRecords
  /** Of the sources of this process: of others, their own processes take care. */
  collectors: readonly Collector[]
  report(message: string): void
}

/** Looks at policies until the signal: every few seconds, and when a session opens. */
export async function runPolicies(parts: PolicyParts, policies: readonly Policy[], signal: AbortSignal): Promise<void> {
  if (policies.length === 0) return
  const pause = new WakeablePause(signal, false)
  let opened = false
  const wake = () => {
    opened = true
    pause.wake()
  }
  parts.database.events.on('session-opened', wake)
  const looked = policies.map((policy) => ({ policy, ...complaint(parts.report, signal) }))
  let clocks = { wallMs: Date.now(), monotonicMs: performance.now() }
  let jumpedAtMs = -Infinity
  try {
    while (!signal.aborted) {
      opened = false
      const now = { wallMs: Date.now(), monotonicMs: performance.now() }
      const jumped = now.wallMs - clocks.wallMs - (now.monotonicMs - clocks.monotonicMs)
      // Also where the machine has slept: one of the two stands still then.
      if (Math.abs(jumped) > jumpFrom) jumpedAtMs = now.monotonicMs
      clocks = now
      for (const { policy, say, well } of looked) {
        if (now.monotonicMs - jumpedAtMs < policy.clockSteadyFor) continue
        try {
          await lookAt(policy, parts)
          well()
        } catch (error) {
          say(`the policy ${JSON.stringify(policy.name)} could not be carried out: ${messageOf(error)}`)
        }
      }
      await pause.asleep(lookAtMostEvery, () => false)
      await pause.asleep(lookEvery, () => opened)
    }
  } finally {
    parts.database.events.off('session-opened', wake)
  }
}

async function lookAt(policy: Policy, parts: PolicyParts): Promise<void> {
  const trial = await trialOf(policy, parts)
  let meant = parts.collectors.filter(
    ({ writes, source: { kind, name } }) => writes && kind === policy.kind && (policy.source ?? name) === name,
  )
  if ((await chosenAnew(policy, meant, parts, trial)).length === 0) return
  // What rows say may be seconds old, and of a source that fails, hours.
  const read = await Promise.allSettled(meant.map((collector) => collector.poll()))
  meant = meant.filter((_, i) => read[i]!.status === 'fulfilled')
  const rows = await chosenAnew(policy, meant, parts, trial)
  if (rows.length === 0) return
  const { kind, name: removedBy, reason, tellReason, whenIdle } = policy
  const about = { kind, batch: trial ?? randomUUID(), removedVia: 'policy' as const, removedBy }
  const { database, records } = parts
  if (trial !== null) {
    await records.ask(
      rows.map((row) => ({
        ...{ ...about, recordId: row.id, ...asRecorded(row) },
        ...{ reason, outcome: 'tried' as const, said: [{ key: 'policyTried' as const }] },
      })),
    )
    return
  }
  const statuses = await database.sourceStatuses.findBy({ kind })
  const decision = new RemovalDecision(
    { kind, sessions: sessionsOf(database, kind), statuses, database, records },
    trustedAsking(),
    { whenIdle },
  )
  const { decided } = await decision.amongRows(rows)
  await records.ask(linesOf(decided, { reason, tellReason }).map((line) => ({ ...about, ...line })))
}

/** Those that the policy chooses at these sources and that were not asked for already. */
async function chosenAnew(
  policy: Policy,
  meant: readonly Collector[],
  { database, records }: PolicyParts,
  trial: string | null,
): Promise<Row[]> {
  const since = new Date(Date.now() - askAgainAfter)
  const found: Row[] = []
  for await (const rows of policy.chosen(sessionsOf(database, policy.kind), new Date())) {
    const mine = rows.filter((row) => meant.some((one) => one.isOf(row)) && !policy.except(row))
    const asked = await records.askedBy(policy.name, mine, trial === null ? { since } : { batch: trial })
    found.push(...mine.filter((row) => !asked.has(row.id)))
  }
  return found
}

/**
 * The batch that a policy's trial is on record as, while it is only tried; null once it is in force. It begins anew
 * wherever the policy has become another one.
 */
async function trialOf({ name, identity, tryFor }: Policy, { database, report }: PolicyParts): Promise<string | null> {
  if (tryFor === 0) return null
  const notes = notesOf(database.notes, '', 'policies')
  const mark = createHash('sha256')
    .update(JSON.stringify([name, identity]))
    .digest('hex')
  const kept = (await notes.get(mark)) as { since: string; batch: string } | undefined
  const trial = kept ?? { since: new Date().toISOString(), batch: randomUUID() }
  const until = new Date(new Date(trial.since).getTime() + tryFor * hour)
  if (kept === undefined) {
    await notes.set(mark, trial, new Date(never))
    report(
      `the policy ${JSON.stringify(name)} is tried until ${until.toISOString()} (option tryFor): it ends nothing, and what ` +
        'it would have ended is among the removed sessions as "tried".',
    )
  }
  return Date.now() < until.getTime() ? trial.batch : null
}
