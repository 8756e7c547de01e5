import { resolve } from 'node:path'
import type { DatabaseOptions } from './database/open-database.js'

/** The sources that this process collects, by database, host and name. */
const claimed = new Set<string>()

/**
 * Claims sources for one `createSessions`. Two of them that collect under the same names into the same tables would
 * delete each other's rows at every poll.
 *
 * @returns gives the claim up
 * @throws Error that names the source that another `createSessions` of this process has
 */
export function claim(
  database: Partial<DatabaseOptions> | undefined,
  sources: { host: string; name: string }[],
): () => void {
  const where = placeOf(database ?? {})
  if (where === undefined) return () => {}
  const claims = sources.map(({ host, name }) => JSON.stringify([where, host, name]))
  const taken = sources.find((_, i) => claimed.has(claims[i]))?.name
  if (taken !== undefined) {
    throw new Error(
      `createSessions: the source ${JSON.stringify(taken)} is collected into the same database by another createSessions of this process; give the source another "name", or this back office a "database" of its own.`,
    )
  }
  for (const one of claims) claimed.add(one)
  return () => claims.forEach((one) => claimed.delete(one))
}

function placeOf(options: Partial<DatabaseOptions>): string | undefined {
  if (options.type === 'postgres') {
    const { url, host, port, database, schema } = options
    return JSON.stringify([url, host, port, database, schema])
  }
  const file = options.database ?? 'adminjs-sessions.sqlite'
  return file === ':memory:' ? undefined : resolve(file)
}
