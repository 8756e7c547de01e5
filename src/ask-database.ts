import type { HostRemovalParts } from './actions/host-removals.js'
import { eventsOfTables, type Told } from './api/events-of-tables.js'
import { removalRoutes } from './api/removal-routes.js'
import { askedOf, type Route } from './api/route.js'
import { sessionRoutes } from './api/session-routes.js'
import { Holds } from './database/holds.js'
import { openAsItIs } from './database/open-database.js'
import { RemovalRecords } from './database/removal-records.js'
import { checkCollectOptions, type CollectOptions } from './options.js'

/** What the HTTP API answers, out of a database alone. */
export interface DatabaseAnswers {
  /** @throws Error that says why not, in the API's words */
  ask(method: Route['method'], path: string, found: { query?: object; body?: object }): Promise<object>
  /** What happens, as it happens, until the signal. */
  events(signal: AbortSignal): AsyncGenerator<Told>
  close(): Promise<void>
}

/**
 * Answers as the HTTP API does, for one process and without a port: the same routes, over the database that a configuration
 * of `collectSessions` names. Nothing is read but its tables: no source is asked or started, no lease taken, nothing
 * migrated. What is to be ended is put on record, and whoever reads its source carries it out.
 *
 * @param by who is on record as asking
 * @throws TypeError where an option is wrong; Error where the database can't be used as it is
 */
export async function askDatabase(options: CollectOptions, by: string): Promise<DatabaseAnswers> {
  const database = await openAsItIs(checkCollectOptions(options).database)
  const parts: HostRemovalParts = {
    database,
    records: new RemovalRecords(database),
    collectors: [],
    ownKeys: () => new Set(),
  }
  const routes = [...sessionRoutes(database), ...removalRoutes({ ...parts, holds: new Holds(database) }, 'cli')]
  return {
    async ask(method, path, { query = {}, body = {} }) {
      for (const route of routes.filter((one) => one.method === method)) {
        const [isIt, id] = new RegExp(`^${route.path.replace(':id', '([^/]+)')}$`).exec(path) ?? []
        if (isIt === undefined) continue
        const asked = await askedOf(route, { id, query, body: async () => asJson(body), by, ip: null, baseUrl: '' })
        return asJson((await route.handler(asked))!.body)
      }
      throw new Error(`There is no ${method} ${path}.`)
    },
    events: (signal) => eventsOfTables(database, signal),
    close: () => database.close(),
  }
}

/** As it would come over HTTP. */
function asJson(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object
}
