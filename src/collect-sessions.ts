import { setTimeout as sleep } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import {
  keepOutByCode,
  releaseByCode,
  removeByCode,
  resultOf,
  type KeepOutOptions,
  type RemovalResult,
  type RemoveOptions,
} from './actions/host-removals.js'
import { claim } from './claims.js'
import { sourceEngine } from './collectors/engine/source-engine.js'
import { Holds } from './database/holds.js'
import { Leases } from './database/leases.js'
import { openDatabase, type Database } from './database/open-database.js'
import { prune } from './database/pruning.js'
import { RemovalRecords } from './database/removal-records.js'
import type { SessionEvents } from './database/session-events.js'
import { recordTraffic } from './database/traffic.js'
import { registerMetrics } from './metrics.js'
import { checkCollectOptions, type CollectOptions } from './options.js'
import { runPolicies } from './policies/policies.js'
import type { ListedSession, PanelSource, SessionSource } from './session-source.js'
import { oneLine } from './text/error-message.js'
import { runWebhooks } from './webhooks/webhooks.js'

/** Collectors and removals at work, as `collectSessions` gives them; `createSessions` gives the same beside its pages. */
export interface Collecting {
  /**
   * Ends sessions at the word of your own code, which is trusted with all of them: on record, held out and looked at again
   * as if an admin had ticked them. The sources of this process are read first.
   *
   * @throws TypeError where an option is wrong or nothing says which sessions; Error where it could not be put on record
   * @example await sessions.remove({ person: 'shop', by: 'billing', reason: 'the contract has ended' })
   */
  remove(options: RemoveOptions): Promise<RemovalResult>
  /**
   * Ends everything of a login, for whenever its password, its role or its second factor has changed.
   *
   * @param login the login, in the panel and by FTP
   * @example await sessions.endAllOf('shop', { except: request, reason: 'the password was changed' })
   */
  endAllOf(
    login: string,
    options?: Pick<RemoveOptions, 'except' | 'reason' | 'tellReason' | 'waitFor'>,
  ): Promise<RemovalResult>
  /**
   * Keeps a login or an address out, whether anything of it is open or not.
   *
   * @throws TypeError where an option is wrong; Error where no source can do it
   * @example await sessions.keepOut({ ip: '192.0.2.7', minutes: 60, by: 'fail2ban' })
   */
  keepOut(options: KeepOutOptions): Promise<Omit<RemovalResult, 'unread'>>
  /**
   * Lets everybody in again whom a removal keeps out.
   *
   * @param removal the id of its record
   * @example for (const { id } of recorded) await sessions.release(id, { by: 'support' })
   */
  release(removal: number, options: { by: string }): Promise<void>
  /**
   * What has become of removals that were asked for together, after at most so many ms.
   *
   * @param batch as `remove` or `keepOut` gave it
   */
  removal(batch: string, waitFor?: number): Promise<Omit<RemovalResult, 'unread'>>
  /**
   * What happens here, as it happens: sessions that open and end, removals with their outcome, sources that fail.
   *
   * @example sessions.events.on('session-opened', ({ kind, session }) => audit.write(kind, session.login, session.ip))
   */
  events: Pick<SessionEvents, 'on' | 'off'>
  /**
   * Registers what this process reads and ends with a registry of prom-client: sessions, transfers, polls, removals,
   * keep-outs. No login and no address is a label. Taken out again by `stop`.
   *
   * @throws Error where prom-client is not installed, or the registry has metrics of these names
   * @example await sessions.metrics(register) // import { register } from 'prom-client'
   */
  metrics(registry: Registry): Promise<void>
  /** Ends collectors, watchers and timers and closes the package's connection. */
  stop(): Promise<void>
}

/**
 * Reads sources into the tables and carries out the removals that are asked for there, without AdminJS and without
 * Express: for a machine whose sessions another machine's back office shows. All of them share one PostgreSQL database.
 * Its process lives until `stop`, also while the database is away.
 *
 * @throws TypeError that names a wrong option, what it got and what it expects; Error where the database can't be used
 * @example
 * await collectSessions({
 *   sources: [proftpd()],
 *   database: { type: 'postgres', url: process.env.DATABASE_URL },
 *   host: 'ftp1',
 * })
 */
export async function collectSessions(options: CollectOptions): Promise<Collecting> {
  const { collecting } = await startCollecting(checkCollectOptions(options))
  // The engine's timers keep no process alive, as a back office has its server for that. While the database is away,
  // nothing else would.
  const awake = setInterval(() => undefined, 60_000)
  return {
    ...collecting,
    stop: () => {
      clearInterval(awake)
      return collecting.stop()
    },
  }
}

/** What is at work, for whoever puts pages before it. */
export async function startCollecting(checked: ReturnType<typeof checkCollectOptions>) {
  const sources = checked.sources.flat()
  const places = sources.map(({ kind, name, host }) => ({
    ...{ kind, name, source: name, host: host ?? checked.host, ofThisMachine: host === undefined },
  }))
  const release = claim(checked.database, places)
  const report = (message: string) => console.error(oneLine(`adminjs-sessions: ${message}`))
  const database = await openDatabase(checked.database, report).catch((error: unknown) => {
    release()
    throw error
  })
  const records = new RemovalRecords(database)
  const holds = new Holds(database)
  // From the first request on, the guard answers out of memory.
  await holds.read().catch(async (error: unknown) => {
    await database.close()
    release()
    throw error
  })
  const leases = new Leases(database, places, report)
  await leases.start().catch(async (error: unknown) => {
    await database.close()
    release()
    throw error
  })
  const pairs = sources.map((source, i) =>
    sourceEngine(source as SessionSource<ListedSession>, {
      ...{ ...checked, database, records, holds, report },
      lease: leases.of(places[i]!),
    }),
  )
  const collectors = pairs.map(({ collector }) => collector)
  const panels = sources.filter((source): source is PanelSource => source.kind === 'panel')
  const ownKeys = (request: object) => new Set(panels.flatMap((source) => source.keyOfRequest?.(request) ?? []))
  const stopping = new AbortController()
  const { signal } = stopping
  const running = [
    prune(
      database,
      records,
      {
        keepRemovalsMs: checked.keepRemovals * 86_400_000,
        keepHistoryMs: checked.keepHistory * 86_400_000,
        forgetHostsMs: checked.forgetHostsAfter * 3600_000,
      },
      report,
      signal,
    ),
    recordTraffic(
      database,
      places.filter(({ kind }) => kind === 'ftp'),
      report,
      signal,
    ),
    hearOfRemovals(database, records, signal),
    runWebhooks(database, checked.webhooks, report, signal),
  ]
  for (const { collector, removals } of pairs) {
    collector.start()
    removals.start()
  }
  running.push(runPolicies({ database, records, collectors, report }, checked.policies, signal))

  const byCode = { database, records, collectors, ownKeys }
  const unregister: (() => void)[] = []
  let stopped: Promise<void> | undefined
  const collecting: Collecting = {
    remove: (how) => removeByCode(byCode, 'api', how),
    endAllOf: (login, { except, reason, tellReason, waitFor } = {}) =>
      removeByCode(byCode, 'policy', { login, by: 'changed credentials', except, reason, tellReason, waitFor }),
    keepOut: (how) => keepOutByCode(byCode, 'api', how),
    release: (removal, { by }) => releaseByCode({ ...byCode, holds }, removal, by),
    removal: (batch, waitFor = 0) => resultOf(records, batch, waitFor),
    events: database.events,
    metrics: async (registry) => {
      unregister.push(await registerMetrics(registry, { database, collectors, report }))
    },
    stop: () => (stopped ??= stop()),
  }
  return { collecting, database, records, holds, collectors, panels, ownKeys, report, signal }

  async function stop(): Promise<void> {
    stopping.abort(new Error('The back office was stopped.'))
    for (const one of unregister) one()
    await Promise.all([...running, ...pairs.flatMap(({ collector, removals }) => [removals.stop(), collector.stop()])])
    await leases.stop()
    await database.close()
    release()
  }
}

/** How long one question for what other processes have asked may wait, in ms. */
const hearFor = 25_000
/** And how long it is between two of them, in ms, where none waits. */
const hearAgainAfter = 250

/** Has removals looked at when another process has asked for them, and not only after the next poll. */
async function hearOfRemovals({ changes }: Database, { events }: RemovalRecords, signal: AbortSignal): Promise<void> {
  let seen = changes.revisionOf(['removals'])
  while (!signal.aborted) {
    await changes.since(['removals'], seen, hearFor, hearFor, signal)
    const now = changes.revisionOf(['removals'])
    if (now !== seen) events.emit('asked')
    seen = now
    await sleep(hearAgainAfter, undefined, { signal, ref: false }).catch(() => {})
  }
}
