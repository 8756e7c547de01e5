import { randomUUID } from 'node:crypto'
import { Not } from 'typeorm'
import { z } from 'zod'
import { checkOptions, optionsOf, text } from '../collectors/check-options.js'
import type { Collector } from '../collectors/engine/collector.js'
import type { Database } from '../database/open-database.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { RemovalOutcome } from '../database/removal-states.js'
import type { SessionRemovalRow } from '../database/rows.js'
import { messageOf } from '../text/error-message.js'
import { rowValue } from '../text/stored-value.js'
import { trustedAsking } from './asker.js'
import { sessionsOf } from './cut.js'
import type { RemovalQuestion } from './page-answers.js'
import { askToKeepOut } from './keep-out.js'
import { RemovalDecision } from './remove-decision.js'
import { longestKeepOut } from './remove-request.js'
import { isNarrow, rowsMeant, scopeShape, type SessionScope } from './session-scope.js'
import { linesOf } from './removal-lines.js'
import { letIn } from './let-in.js'
import type { Holds } from '../database/holds.js'

/** What `sessions.remove` takes: which sessions, and how they are to end. */
export interface RemoveOptions extends SessionScope {
  /** Who is on record as having removed them. */
  by: string
  /** Why; kept on the record, at most 500 characters. */
  reason?: string
  /**
   * Tell the reason to the person whose session is ended (`sessions.tellEnded`).
   *
   * @default false
   */
  tellReason?: boolean
  /**
   * End an FTP session only when it moves no file; `pending` until then.
   *
   * @default false
   */
  whenIdle?: boolean
  /**
   * Keep their logins or addresses out as well, for so many minutes, or until released (`null`), where their source can.
   *
   * @default nobody
   */
  keepOut?: { by: 'login' | 'ip'; minutes: number | null }
  /** Sessions that stay: their keys, or a request, whose own session stays. */
  except?: string[] | object
  /**
   * ms to wait for the outcomes; 0 resolves as soon as all of it is on record.
   *
   * @default 15000
   */
  waitFor?: number
}

/** What became of removals that were asked for together. */
export interface RemovalResult {
  /** A uuid by which they are on record. */
  batch: string
  /** How many of them have which outcome: `{ ended: 3 }`; `pending` where that is not known yet. */
  counts: Partial<Record<RemovalOutcome, number>>
  /** Those that neither ended nor were gone, with the reason in `message`: the first 50. */
  notEnded: SessionRemovalRow[]
  /** Sources of this process that were meant and could not be read just now: what is new there was not found. */
  unread: { source: string; error: string }[]
}

export interface HostRemovalParts {
  database: Database
  records: RemovalRecords
  collectors: readonly Collector[]
  /** The keys of the sessions that a request comes with. */
  ownKeys(request: object): ReadonlySet<string>
}

/** What `sessions.keepOut` takes: whom, for how long, and where. */
export interface KeepOutOptions {
  /** The login, or else `ip`. */
  login?: string
  /** The address, or else `login`. */
  ip?: string
  /** For so many minutes, at most ten years; null until released. */
  minutes: number | null
  /** Who is on record as having kept them out. */
  by: string
  /** Why; kept on the record, at most 500 characters. */
  reason?: string
  /**
   * At which sources.
   *
   * @default all that can keep out in this way
   */
  sources?: { host: string; name: string }[]
  /**
   * ms to wait for the outcomes; 0 resolves as soon as all of it is on record.
   *
   * @default 15000
   */
  waitFor?: number
}

const notEndedShown = 50

const minutes = z
  .int({ error: `a number of minutes, 1 to ${longestKeepOut}, or null` })
  .min(1, { error: 'at least 1 minute' })
  .max(longestKeepOut, { error: `at most ${longestKeepOut} minutes, or null until released` })
  .nullable()
const reason = z.string({ error: 'a text' }).max(500, { error: 'at most 500 characters' }).optional()

/** What is asked of sessions that are to end: which they are, and how. */
export const removalFields = {
  ...scopeShape,
  reason,
  tellReason: z.boolean({ error: 'true or false' }).default(false),
  whenIdle: z.boolean({ error: 'true or false' }).default(false),
  keepOut: z
    .strictObject(
      {
        by: z.enum(['login', 'ip'], { error: '"login" or "ip"' }),
        minutes,
      },
      { error: "{ by: 'login' or 'ip', minutes }" },
    )
    .optional(),
}

/** What is asked of whoever is to be kept out. */
export const keepOutFields = {
  login: text('a login').optional(),
  ip: text('an address').optional(),
  minutes,
  reason,
  sources: z
    .array(z.strictObject({ host: z.string(), name: z.string() }), { error: 'an array of { host, name }' })
    .optional(),
}

const asked = {
  by: text('a name: who is on record as having asked for it'),
  waitFor: z.number({ error: 'a number of ms' }).min(0, { error: 'at least 0 ms' }).default(15_000),
}

const removeShape = optionsOf({
  ...removalFields,
  ...asked,
  except: z
    .union([z.array(z.string()), z.custom<object>((value) => typeof value === 'object' && value !== null)], {
      error: 'an array of keys of sessions, or a request',
    })
    .optional(),
})

const keepOutShape = optionsOf({ ...keepOutFields, ...asked })

/** None of the sources that were meant can keep out in the way that was asked for. */
export class NobodyKeepsOut extends Error {}

/** Which batch it is on record as, and where it was asked from. */
type AskedAs = Partial<Pick<SessionRemovalRow, 'batch' | 'removedFromIp'>>

/**
 * Ends sessions at the word of the host's own code, which is trusted with all of them. The sources of this process are
 * read first, so that whoever logged on a moment ago is found too.
 *
 * @param via what the records say that it came by
 * @param as a batch that is on record already is asked for once
 * @throws TypeError where an option is wrong, or none says which sessions
 */
export async function removeByCode(
  { database, records, collectors, ownKeys }: HostRemovalParts,
  via: SessionRemovalRow['removedVia'],
  options: RemoveOptions,
  { batch = randomUUID(), removedFromIp = null }: AskedAs = {},
): Promise<RemovalResult> {
  const { by, reason, tellReason, whenIdle, keepOut, except, waitFor, ...scope } = checkOptions(
    'sessions.remove',
    removeShape,
    options,
  )
  if (!isNarrow(scope)) {
    throw new TypeError(
      'sessions.remove: nothing says which sessions; expected at least one of login, person, ip, keys, ids and idleFor.',
    )
  }
  if (scope.ids !== undefined && scope.kind === undefined) {
    throw new TypeError('sessions.remove: ids without kind; expected "panel" or "ftp": each table counts its own.')
  }
  const unread = await readAnew(collectors, scope)
  const statuses = await database.sourceStatuses.find()
  // The request itself, and not what a check has copied.
  const own = except === undefined ? undefined : Array.isArray(except) ? new Set(except) : ownKeys(options.except!)
  const question: RemovalQuestion = { reason: reason?.trim(), tellReason, whenIdle, keepOut }
  for (const kind of scope.kind === undefined ? (['panel', 'ftp'] as const) : [scope.kind]) {
    const sessions = sessionsOf(database, kind)
    const parts = { kind, sessions, statuses, database, records }
    const decision = new RemovalDecision(parts, trustedAsking(own), question)
    for await (const rows of rowsMeant(sessions, scope)) {
      const { decided } = await decision.amongRows(rows)
      const lines = linesOf(decided, question)
      await records.ask(
        lines.map((line) => ({
          ...{ batch, kind, removedVia: via, removedBy: String(rowValue(by)), removedFromIp },
          ...line,
        })),
      )
    }
  }
  return { ...(await resultOf(records, batch, waitFor)), unread }
}

/**
 * Keeps a login or an address out, whether anything of it is open or not.
 *
 * @throws TypeError where an option is wrong, or not exactly one of `login` and `ip` is given
 */
export async function keepOutByCode(
  { database, records }: HostRemovalParts,
  via: SessionRemovalRow['removedVia'],
  options: KeepOutOptions,
  { batch = randomUUID(), removedFromIp = null }: AskedAs = {},
): Promise<Omit<RemovalResult, 'unread'>> {
  const { login, ip, by, reason, waitFor, ...question } = checkOptions('sessions.keepOut', keepOutShape, options)
  if ((login === undefined) === (ip === undefined)) {
    throw new TypeError('sessions.keepOut: expected either login or ip, and found both or neither.')
  }
  await askToKeepOut(
    { database, records },
    await database.sourceStatuses.findBy({ state: Not('dropped' as const) }),
    {
      ...question,
      ...{ by: login === undefined ? 'ip' : 'login', value: String(rowValue(login ?? ip!)), reason: reason?.trim() },
    },
    () => trustedAsking(),
    { batch, removedVia: via, removedBy: String(rowValue(by)), removedFromIp },
  )
  // Nobody must take it for done.
  if ((await records.askerOf(batch)) === undefined) {
    throw new NobodyKeepsOut(
      `sessions.keepOut: none of the sources ${question.sources ? 'that were named is here' : `can keep out by ${login === undefined ? 'address' : 'login'}`}; expected one. What each can do is on the page of sources.`,
    )
  }
  return resultOf(records, batch, waitFor)
}

/** Lets everybody in again whom this removal keeps out. */
export async function releaseByCode(
  parts: Pick<HostRemovalParts, 'records' | 'collectors'> & { holds: Holds },
  removalId: number,
  by: string,
): Promise<void> {
  await letIn(parts, removalId, by, () => parts.holds.releaseOf([removalId], ['login', 'ip']))
}

/** What has become of a batch after at most so many ms. */
export async function resultOf(
  records: RemovalRecords,
  batch: string,
  waitFor: number,
): Promise<Omit<RemovalResult, 'unread'>> {
  const counts = await records.settled(batch, waitFor)
  return { batch, counts, notEnded: await records.notEnded(batch, notEndedShown) }
}

/** @returns those that could not be read */
async function readAnew(
  collectors: readonly Collector[],
  { kind, host, source }: SessionScope,
): Promise<RemovalResult['unread']> {
  const meant = collectors.filter(
    (one) =>
      (kind ?? one.source.kind) === one.source.kind &&
      (source ?? one.source.name) === one.source.name &&
      (host === undefined || one.isOf({ host, source: one.source.name })),
  )
  const read = await Promise.allSettled(meant.map((one) => one.renew()))
  return read.flatMap((look, i) =>
    look.status === 'rejected' ? [{ source: meant[i]!.source.name, error: messageOf(look.reason) }] : [],
  )
}
