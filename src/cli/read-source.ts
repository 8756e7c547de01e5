import { messageOf } from '../text/error-message.js'
import { warningsOf } from '../collectors/engine/warnings.js'
import type { ListedSession } from '../session-source.js'
import { withTimeLimit } from '../timing/time-limit.js'
import type { ProbedSource } from './load-adapter.js'

/** What one reading of a source has given. */
export interface ProbeResult {
  source: ProbedSource
  at: Date
  /** Null where they could not be read. */
  sessions: ListedSession[] | null
  /** Why not. */
  error: string | null
  /** What its list had to leave out, or doubts. */
  warnings: string[]
  missingRights: string[]
  unread: ReturnType<NonNullable<ProbedSource['unread']>> | null
}

/** How long a reading may take, in ms: as the collector's default. */
const timeLimit = 10_000

export async function readSource(source: ProbedSource, signal: AbortSignal): Promise<ProbeResult> {
  const limited = <T>(what: string, run: (limit: AbortSignal) => Promise<T>) =>
    withTimeLimit(timeLimit, what, signal, run)
  let sessions: ListedSession[] | null = null
  let error: string | null = null
  try {
    sessions = await limited(`The list of ${source.name}`, (limit) => source.list(limit))
  } catch (thrown) {
    error = messageOf(thrown)
  }
  const missingRights = await limited(`The rights of ${source.name}`, async (limit) => {
    return (await source.missingRights?.(limit)) ?? []
  }).catch((thrown: unknown) => [`What it may do could not be found out: ${messageOf(thrown)}`])
  const warnings = sessions === null ? [] : warningsOf(source)
  return { source, at: new Date(), sessions, error, warnings, missingRights, unread: source.unread?.() ?? null }
}
