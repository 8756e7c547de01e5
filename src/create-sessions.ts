import type { PageHandler, ResourceWithOptions } from 'adminjs'
import type { RequestHandler, Router } from 'express'
import { tellEnded, type TellEndedOptions } from './actions/tell-ended.js'
import { sessionsApi } from './api/sessions-api.js'
import type { ApiOptions } from './api/tokens.js'
import { startCollecting, type Collecting } from './collect-sessions.js'
import { checkOptions, type SessionsOptions } from './options.js'
import { adminResources } from './resources/admin-resources.js'
import type { PanelSource } from './session-source.js'

/** The session pages of one back office, as `createSessions` gives them. */
export interface Sessions extends Collecting {
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
   * An Express router by which other programs see sessions, end them and keep people out: each with a token of its own, by
   * whose name it is on record. No cookie opens it.
   *
   * @throws TypeError where an option is wrong
   * @example app.use('/sessions', sessions.api({ tokens: [{ name: 'billing', sha256: '9f86d08…', scopes: ['remove'] }] }))
   */
  api(options: ApiOptions): Router
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
  const { collecting, ...engine } = await startCollecting(checked)
  const { database, holds, panels, report } = engine
  const names = panels.map(({ name }) => name)
  try {
    return {
      ...collecting,
      ...adminResources({
        ...checked,
        ...engine,
        onlineFor: checked.onlineFor * 60_000,
        panels: names,
        whyNotListed: reportedOnce((request) => whyNotListed(panels, request), report),
      }),
      api: (how) => sessionsApi(engine, how, engine.signal),
      tellEnded: (told = {}) => tellEnded({ database, holds, panels: names }, told),
    }
  } catch (error) {
    await collecting.stop()
    throw error
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
