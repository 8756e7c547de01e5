import { hostname } from 'node:os'
import type { ComponentLoader, ResourceWithOptions } from 'adminjs'
import { z } from 'zod'
import type { Access } from './actions/access.js'
import { Collector } from './collectors/engine/collector.js'
import { Holds } from './collectors/engine/holds.js'
import { notesOf } from './collectors/engine/notes.js'
import { ftpFields, panelFields } from './collectors/engine/reconcile.js'
import { RemovalRequests } from './collectors/engine/removal-requests.js'
import { Removals } from './collectors/engine/removals.js'
import type { FtpSource, PanelSource, SessionSource, ListedSession } from './collectors/engine/session-source.js'
import { SessionTable } from './collectors/engine/session-table.js'
import { SourceStatus } from './collectors/engine/source-status.js'
import { adminResources } from './resources/admin-resources.js'
import { openDatabase, type Database, type DatabaseOptions } from './resources/database.js'

type Source = PanelSource | FtpSource

/** What `createSessions` takes. Every option is checked at the call. */
export interface SessionsOptions {
  /** The same `ComponentLoader` that the back office gives to `new AdminJS`. */
  componentLoader: ComponentLoader
  /** Where sessions live; a factory may give several sources at once. */
  sources: (Source | Source[])[]
  /** Who may see and end what; `access.remove` is required. */
  access: Access
  /**
   * TypeORM options of the package's own connection, of type `sqlite` (needs the package sqlite3) or `postgres` (needs pg).
   *
   * @default { type: 'sqlite', database: 'adminjs-sessions.sqlite' } in the working directory
   * @example database: { type: 'postgres', url: process.env.DATABASE_URL }
   */
  database?: DatabaseOptions
  /**
   * ms between two looks at a source that gives no hint of a change, at least 250.
   *
   * @default 2000
   */
  pollEvery?: number
  /**
   * ms between two refreshes of an open page, at least 500.
   *
   * @default 3000
   */
  refreshEvery?: number
  /**
   * ms that a source may take to list its sessions, or to answer a request to end one, before it counts as failing.
   *
   * @default 5000
   */
  timeout?: number
  /**
   * ms that an ended session may take to be gone before its removal counts as failed.
   *
   * @default 10000
   */
  endsWithin?: number
  /**
   * The name of this machine in every row, the same after each restart.
   *
   * @default os.hostname()
   */
  host?: string
}

export interface Sessions {
  /** For `new AdminJS({ resources: [...mine, ...sessions.resources] })`. */
  resources: ResourceWithOptions[]
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
  const checked = check(options)
  const sources = checked.sources.flat()
  const database = await openDatabase(checked.database as DatabaseOptions | undefined)
  const report = (message: string) => console.error(`adminjs-sessions: ${message}`)
  const requests = new RemovalRequests(database.removals)
  const holds = new Holds(database.holds)
  const pairs = sources.map((source) => wire(source as SessionSource<ListedSession>, { ...checked, database, requests, holds, report }))

  const resources = adminResources({
    ...checked,
    database,
    requests,
    collectors: pairs.map(({ collector }) => collector),
  })
  for (const { collector, removals } of pairs) {
    collector.start()
    removals.start()
  }
  return {
    resources,
    stop: async () => {
      await Promise.all(pairs.flatMap(({ collector, removals }) => [removals.stop(), collector.stop()]))
      await database.close()
    },
  }
}

interface WireParts {
  database: Database
  requests: RemovalRequests
  holds: Holds
  host: string
  pollEvery: number
  timeout: number
  endsWithin: number
  report(message: string): void
}

/** A source's collector and the removals beside it. */
function wire(source: SessionSource<ListedSession>, parts: WireParts): { collector: Collector; removals: Removals } {
  const { database, host } = parts
  const { name, kind, evidence } = source
  const table =
    kind === 'panel'
      ? new SessionTable(database.panelSessions, host, name, panelFields)
      : new SessionTable(database.ftpSessions, host, name, ftpFields)
  const collector: Collector = new Collector(source, {
    ...parts,
    table,
    status: new SourceStatus(database.sourceStatuses, { host, name, kind, evidence }),
    notes: notesOf(database.notes, host, name),
    afterLook: () => void removals.settle(),
  })
  const removals = new Removals(collector, parts)
  return { collector, removals }
}

const fn = (what: string) => z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', { error: what })
const ms = (least: number) => z.number({ error: 'a number of milliseconds' }).min(least, { error: `at least ${least} ms` })

const sourceShape = z.object(
  {
    name: z.string({ error: 'a name' }).min(1, { error: 'a name' }).max(191, { error: 'a name of at most 191 characters' }),
    kind: z.enum(['panel', 'ftp'], { error: '"panel" or "ftp"' }),
    evidence: z.enum(['live', 'log'], { error: '"live" or "log"' }),
    list: fn('a function'),
    end: fn('a function'),
  },
  { error: 'a session source, as expressSessions() and proftpd() give it' },
)

const optionsShape = z.strictObject(
  {
    componentLoader: z.custom((value) => typeof (value as ComponentLoader | undefined)?.add === 'function', {
      error: 'the ComponentLoader that new AdminJS gets: new ComponentLoader()',
    }),
    sources: z
      .array(z.union([sourceShape, z.array(sourceShape)], { error: 'a session source, as expressSessions() and proftpd() give it' }), { error: 'an array of session sources' })
      .min(1, { error: 'at least one session source' }),
    access: z.strictObject(
      { remove: fn('a function (context, session) => boolean that says who may end what'), list: fn('a function (context) => boolean or field values').optional() },
      { error: 'an object with a function "remove"' },
    ),
    database: z.looseObject({ type: z.string({ error: '"sqlite" or "postgres"' }) }, { error: 'TypeORM options with a type' }).optional(),
    pollEvery: ms(250).default(2000),
    refreshEvery: ms(500).default(3000),
    timeout: ms(100).default(5000),
    endsWithin: ms(100).default(10_000),
    host: z.string({ error: 'a name' }).min(1, { error: 'a name' }).max(191, { error: 'a name of at most 191 characters' }).default(() => hostname()),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? `no option of that name: ${issue.keys.join(', ')}` : 'an object of options') },
)

function check(options: SessionsOptions) {
  const result = optionsShape.safeParse(options)
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue.path.map(String).join('.')
    const got: unknown = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options)
    throw new TypeError(`createSessions: option "${path || 'options'}" is ${describe(got)}; expected ${issue.message}.`)
  }
  // The checked copies of sources and loader have lost their methods' owner: the given objects are what counts.
  const checked = { ...result.data, componentLoader: options.componentLoader, sources: options.sources, access: options.access }
  const names = checked.sources.flat().map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new TypeError(`createSessions: two sources are named ${JSON.stringify(twice)}; expected each to have a name of its own (option "name" of the source).`)
  }
  return checked
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `an array of ${value.length}` : 'an object'
  return JSON.stringify(value)
}
