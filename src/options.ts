import { hostname } from 'node:os'
import type { ComponentLoader } from 'adminjs'
import { z } from 'zod'
import type { Access } from './actions/access.js'
import { aFunction, checkOptions as check, optionsOf } from './collectors/check-options.js'
import type { FtpSource, PanelSource, PersonOption } from './session-source.js'
import type { DatabaseOptions } from './database/open-database.js'
import type { Policy } from './policies/policy.js'
import { webhookShape, type Webhook } from './webhooks/webhook.js'

type Source = PanelSource | FtpSource

/** What `collectSessions` takes, and `createSessions` with more beside it. Every option is checked at the call. */
export interface CollectOptions {
  /** Where sessions live; a factory may give several sources at once. */
  sources: (Source | Source[])[]
  /**
   * Says whose a session is, where one person has several logins, so that everything that this person has open is found
   * and ended at once. Asked at every poll for each session that has a login, so it must answer out of memory. While it
   * throws, the login is taken.
   *
   * @default the login
   * @example person: ({ login }, { kind }) => (kind === 'ftp' ? login!.split('_')[0] : login!)
   */
  person?: PersonOption
  /**
   * TypeORM options of the package's own connection, of type `sqlite` (needs the package sqlite3) or `postgres` (needs pg).
   *
   * @default { type: 'sqlite', database: 'adminjs-sessions.sqlite' } in the working directory
   * @example database: { type: 'postgres', url: process.env.DATABASE_URL }
   */
  database?: DatabaseOptions
  /**
   * ms between two polls of a source that gives no hint of a change, at least 250.
   *
   * @default 2000
   */
  pollEvery?: number
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
   * Days that records of removals are kept; 0 keeps them for ever. One that is pending, or that still keeps somebody out,
   * is never deleted.
   *
   * @default 400
   */
  keepRemovals?: number
  /**
   * Days that the history of ended sessions is kept; 0 keeps it for ever.
   *
   * @default 90
   */
  keepHistory?: number
  /**
   * Rules by which sessions are ended without anybody's asking: `endIdle`, `mostSessions`, `quietHours`. Each is tried for a
   * day first.
   *
   * @default none
   * @example policies: [endIdle({ kind: 'panel', minutes: 30, except: ({ login }) => login === 'root' })]
   */
  policies?: Policy[]
  /**
   * Receivers that are told of what happens, signed and tried again until they have it.
   *
   * @default none
   * @example webhooks: [{ url: 'https://example.com/hook', secret: process.env.WEBHOOK_SECRET }]
   */
  webhooks?: Webhook[]
  /**
   * Hours after which a machine that nobody reads sessions on any more is dropped with its rows, as a container that was
   * replaced; 0 keeps it for ever. What was pending of it ends as unknown.
   *
   * @default 24
   */
  forgetHostsAfter?: number
  /**
   * The name of this machine in every row, the same after each restart.
   *
   * @default os.hostname()
   */
  host?: string
}

/** What `createSessions` takes. Every option is checked at the call. */
export interface SessionsOptions extends CollectOptions {
  /** The same `ComponentLoader` that the back office gives to `new AdminJS`. */
  componentLoader: ComponentLoader
  /** Who may see and end what; `access.remove` is required. */
  access: Access
  /**
   * ms between two refreshes of an open page whose questions can't wait for a change, at least 500.
   *
   * @default 3000
   */
  refreshEvery?: number
  /**
   * The addresses by which browsers open this back office, for a proxy that passes on neither its own name nor its port.
   * Needed only where Remove and Release are refused with "the request came from another origin".
   *
   * @default none
   * @example origins: ['https://panel.example.com', 'http://panel.lan:8080']
   */
  origins?: string[]
  /**
   * Minutes for which somebody who did something in the back office counts as online; later his session has merely not
   * expired yet.
   *
   * @default 5
   */
  onlineFor?: number
}

const ms = (least: number) =>
  z.number({ error: 'a number of milliseconds' }).min(least, { error: `at least ${least} ms` })

const days = z.number({ error: 'a number of days' }).min(0, { error: 'a number of days, 0 to keep all' })

const sourceShape = z.object(
  {
    name: z
      .string({ error: 'a name' })
      .min(1, { error: 'a name' })
      .max(191, { error: 'a name of at most 191 characters' }),
    kind: z.enum(['panel', 'ftp'], { error: '"panel" or "ftp"' }),
    evidence: z.enum(['live', 'log'], { error: '"live" or "log"' }),
    list: aFunction('a function'),
    end: aFunction('a function'),
  },
  { error: 'a session source, as expressSessions() and proftpd() give it' },
)

const collecting = {
  sources: z
    .array(
      z.union([sourceShape, z.array(sourceShape)], {
        error: 'a session source, as expressSessions() and proftpd() give it',
      }),
      { error: 'an array of session sources' },
    )
    .min(1, { error: 'at least one session source' }),
  person: aFunction<PersonOption>('a function (session, source) => name').optional(),
  database: z
    .looseObject({ type: z.string({ error: '"sqlite" or "postgres"' }) }, { error: 'TypeORM options with a type' })
    .optional(),
  pollEvery: ms(250).default(2000),
  timeout: ms(100).default(5000),
  endsWithin: ms(100).default(10_000),
  keepRemovals: days.default(400),
  keepHistory: days.default(90),
  policies: z
    .array(z.custom<Policy>(isPolicy, { error: 'a policy, as endIdle(), mostSessions() and quietHours() give it' }), {
      error: 'an array of policies',
    })
    .default([]),
  webhooks: z
    .array(webhookShape, { error: 'an array of webhooks' })
    .refine((all) => new Set(all.map(({ url }) => url)).size === all.length, { error: 'webhooks with a url each' })
    .default([]),
  forgetHostsAfter: z
    .number({ error: 'a number of hours' })
    .min(0, { error: 'a number of hours, 0 to keep all' })
    .default(24),
  host: z
    .string({ error: 'a name' })
    .min(1, { error: 'a name' })
    .max(191, { error: 'a name of at most 191 characters' })
    .default(() => hostname()),
}

const optionsShape = optionsOf({
  ...collecting,
  componentLoader: z.custom((value) => typeof (value as ComponentLoader | undefined)?.add === 'function', {
    error: 'the ComponentLoader that new AdminJS gets: new ComponentLoader()',
  }),
  access: z.strictObject(
    {
      remove: aFunction('a function (context, session) => boolean that says who may end what'),
      list: aFunction('a function (context) => boolean or field values').optional(),
    },
    { error: 'an object with a function "remove"' },
  ),
  refreshEvery: ms(500).default(3000),
  onlineFor: z
    .number({ error: 'a number of minutes' })
    .min(1, { error: 'at least 1 minute' })
    .max(1440, { error: 'at most a day: 1440 minutes' })
    .default(5),
  origins: z
    .array(
      z
        .string({ error: 'an address like "https://panel.example.com"' })
        .refine((text) => URL.canParse(text) && new URL(text).origin === text, {
          error: 'an address with nothing behind its host and port, like "https://panel.example.com"',
        }),
      { error: 'an array of addresses' },
    )
    .default([]),
})

const collectShape = optionsOf(collecting)

function isPolicy(value: unknown): boolean {
  return typeof (value as Policy | undefined)?.chosen === 'function'
}

/**
 * The options with their defaults.
 *
 * @throws TypeError that names the option, what it got and what it expects
 */
export function checkOptions(options: SessionsOptions) {
  // The checked copies of sources and loader have lost their methods' owner: the given objects are what counts.
  return namedApart('createSessions', {
    ...check('createSessions', optionsShape, options),
    componentLoader: options.componentLoader,
    sources: options.sources,
    access: options.access,
    database: options.database,
  })
}

/**
 * The options of a process without pages.
 *
 * @throws TypeError that names the option, what it got and what it expects
 */
export function checkCollectOptions(options: CollectOptions) {
  return namedApart('collectSessions', {
    ...check('collectSessions', collectShape, options),
    sources: options.sources,
    database: options.database,
  })
}

/** @throws TypeError where two sources or two policies have one name */
function namedApart<Checked extends { sources: CollectOptions['sources']; policies: Policy[] }>(
  of: string,
  checked: Checked,
): Checked {
  for (const [what, those] of [
    ['source', checked.sources.flat()],
    ['policy', checked.policies],
  ] as const) {
    const names = those.map(({ name }) => name)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice === undefined) continue
    throw new TypeError(
      `${of}: two ${what === 'source' ? 'sources' : 'policies'} are named ${JSON.stringify(twice)}; expected each to have a name of its own (option "name" of the ${what}).`,
    )
  }
  return checked
}
