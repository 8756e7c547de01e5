import type { PageHandler, ResourceWithOptions } from 'adminjs'
import type { RequestHandler, Router } from 'express'
import type { Registry } from 'prom-client'
import { tellEnded, type TellEndedOptions } from './actions/tell-ended.js'
import {
  keepOutByCode,
  removeByCode,
  resultOf,
  type KeepOutOptions,
  type RemovalResult,
  type RemoveOptions,
} from './actions/host-removals.js'
import { sessionsApi } from './api/sessions-api.js'
import type { ApiOptions } from './api/tokens.js'
import { releaseByCode } from './actions/release.action.js'
import type { SessionEvents } from './database/session-events.js'
import { registerMetrics } from './metrics.js'
import { Holds } from './database/holds.js'
import { oneLine } from './text/error-message.js'
import { prune } from './database/pruning.js'
import { recordTraffic } from './database/traffic.js'
import { RemovalRecords } from './database/removal-records.js'
import type { ListedSession, PanelSource, SessionSource } from './session-source.js'
import { sourceEngine } from './collectors/engine/source-engine.js'
import { runPolicies } from './policies/policies.js'
import { claim } from './claims.js'
import { adminResources } from './resources/admin-resources.js'
import { openDatabase } from './database/open-database.js'
import { checkOptions, type SessionsOptions } from './options.js'

/** The session pages of one back office, as `createSessions` gives them. */
export interface Sessions {
  /** For `new AdminJS({ resources: [...mine, ...sessions.resources] })`. */
  resources: ResourceWithOptions[]
  /** For `new AdminJS({ dashboard: sessions.dashboard })`: what is open, what went through, the sources, the last removals. */
  dashboard: { component: string; handler: PageHandler }
  /**
   * Express middleware, to be used before AdminJS's router: whoever comes with a session that an admin has ended is told so
   * at the login page, why if that admin allowed it, and where to turn to.
   *
   * @example app.use(sessions.tellEnded({ contact: 'support@example.com' }))
   */
  tellEnded(options?: TellEndedOptions): RequestHandler
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
  /**
   * An Express router by which other programs see sessions, end them and keep people out: each with a token of its own, by
   * whose name it is on record. No cookie opens it.
   *
   * @throws TypeError where an option is wrong
   * @example app.use('/sessions', sessions.api({ tokens: [{ name: 'billing', sha256: '9f86d08…', scopes: ['remove'] }] }))
   */
  api(options: ApiOptions): Router
  /** Ends collectors, watchers and timers and closes the package's connection. */
  stop(): Promise<void>
}

/**
 * Sets up the session pages of one back office: opens the database, starts a collector for each source, and gives the
 * resources to mount.
 *
 * @throws TypeError that names a wrong option, what it got and what it expects; Error where the database can't be used
 * @example
 * const sessions = await createSessions({
 *   componentLoader,
 *   sources: [expressSessions({ store }), proftpd()],
 *   access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin' },
 * })
 * const admin = new AdminJS({ componentLoader, resources: [...mine, ...sessions.resources] })
 */
export async function createSessions(options: SessionsOptions): Promise<Sessions> {
  const checked = checkOptions(options)
  const sources = checked.sources.flat()
  const release = claim(
    checked.database,
    sources.map(({ name, host = checked.host }) => ({ host, name })),
  )
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
  const pairs = sources.map((source) =>
    sourceEngine(source as SessionSource<ListedSession>, { ...checked, database, records, holds, report }),
  )

  const panels = sources.filter((source): source is PanelSource => source.kind === 'panel')
  const ownKeys = (request: object) => new Set(panels.flatMap((source) => source.keyOfRequest?.(request) ?? []))
  const collectors = pairs.map(({ collector }) => collector)
  const { resources, dashboard } = adminResources({
    ...checked,
    onlineFor: checked.onlineFor * 60_000,
    database,
    records,
    holds,
    ownKeys,
    panels: panels.map(({ name }) => name),
    whyNotListed: reportedOnce((request) => whyNotListed(panels, request), report),
    collectors,
  })
  const byCode = { database, records, collectors, ownKeys }
  const stopping = new AbortController()
  const pruned = prune(
    database,
    records,
    {
      keepRemovalsMs: checked.keepRemovals * 86_400_000,
      keepHistoryMs: checked.keepHistory * 86_400_000,
      forgetHostsMs: checked.forgetHostsAfter * 3600_000,
    },
    report,
    stopping.signal,
  )
  const counted = recordTraffic(
    database,
    sources.flatMap(({ kind, name, host = checked.host }) => (kind === 'ftp' ? [{ host, source: name }] : [])),
    report,
    stopping.signal,
  )
  for (const { collector, removals } of pairs) {
    collector.start()
    removals.start()
  }
  const { host, policies } = checked
  const unregister: (() => void)[] = []
  let stopped: Promise<void> | undefined
  const carriedOut = runPolicies({ database, records, collectors, host, report }, policies, stopping.signal)
  return {
    resources,
    dashboard,
    tellEnded: (told = {}) => tellEnded({ database, holds, panels: panels.map(({ name }) => name) }, told),
    remove: (how) => removeByCode(byCode, 'api', how),
    endAllOf: (login, { except, reason, tellReason, waitFor } = {}) =>
      removeByCode(byCode, 'policy', { login, by: 'changed credentials', except, reason, tellReason, waitFor }),
    keepOut: (how) => keepOutByCode(byCode, 'api', how),
    release: (removal, { by }) => releaseByCode({ ...byCode, holds }, removal, by),
    removal: (batch, waitFor = 0) => resultOf(records, batch, waitFor),
    events: database.events,
    metrics: async (registry) => {
      unregister.push(await registerMetrics(registry, { database, collectors, host, report }))
    },
    api: (how) => sessionsApi({ ...byCode, holds, report }, how, stopping.signal),
    stop: () => (stopped ??= stop()),
  }

  async function stop(): Promise<void> {
    stopping.abort(new Error('The back office was stopped.'))
    for (const one of unregister) one()
    await Promise.all([
      pruned,
      counted,
      carriedOut,
      ...pairs.flatMap(({ collector, removals }) => [removals.stop(), collector.stop()]),
    ])
    await database.close()
    release()
  }
}

/** Why none of these sources has the session of a request; null where one of them has it, or may have it. */
function whyNotListed(panels: readonly PanelSource[], request: object): string | null {
  const reasons = panels.flatMap((source) => (source.whyNotListed ? [source.whyNotListed(request)] : []))
  return reasons.length === 0 || reasons.includes(null) ? null : reasons.join(' ')
}

function reportedOnce(
  why: (request: object) => string | null,
  report: (message: string) => void,
): (request: object) => string | null {
  // Two admins may have different ones, and ask in turns.
  const reported = new Set<string>()
  return (request) => {
    const reason = why(request)
    if (reason === null || reported.has(reason)) return reason
    report(reason)
    reported.add(reason)
    return reason
  }
}
