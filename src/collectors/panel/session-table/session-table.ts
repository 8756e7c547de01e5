import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { panelFields } from '../../../session-fields.js'
import type { ListedPanelSession, PanelSource, Site } from '../../../session-source.js'
import { inSlices } from '../../../timing/event-loop.js'
import { aFunction, checkOptions, kindOf, optionsOf, sourceName, text } from '../../check-options.js'
import { Refusal } from '../../refusal.js'
import { byPages } from '../by-pages.js'
import { endUnlessChanged } from '../end-unless-changed.js'
import { LeftOut } from '../left-out.js'
import { messageWithout } from '../message-without.js'
import { sessionKey } from '../session-key.js'
import { tellAll, type Told, type ToldSession } from '../told-session.js'
import { databaseTime } from './database-time.js'
import { dialects } from './dialects.js'
import { SessionRows, shownAs, type StoredRow, type TableConnection } from './session-rows.js'

export type { TableConnection } from './session-rows.js'

/** A column's name, or a function of a row and of what `lookup` has found. */
export type TableColumn<Row, Found, Value> = string | ((row: Row, found: Found) => Value | null | undefined)

/** Where a table has what is shown of a session. What is left out is unknown. */
export type TableColumns<Row, Found> = {
  /** The column of the session's id: unique, not null. */
  id: string
  /**
   * Whose session it is; a row whose login is null is nobody's, and is not shown. Where somebody is logged in whose login
   * can't be told, a function answers undefined.
   */
  login: TableColumn<Row, Found, string | number>
} & {
  [Field in Exclude<keyof ToldSession, 'login'>]?: TableColumn<Row, Found, NonNullable<ToldSession[Field]>>
}

/** Options of `sessionTable`. */
export interface SessionTableOptions<Row = Record<string, unknown>, Found = unknown> {
  /**
   * The panel's database: a TypeORM `DataSource` that is open, of `postgres`, `mysql`, `mariadb` or `sqlite`. It stays the
   * host's: nothing is set on its connections, and it is never closed.
   *
   * @example
   * connection: await new DataSource({ type: 'postgres', url: process.env.PANEL_DATABASE }).initialize()
   */
  connection: TableConnection
  /**
   * The table, with its schema where that is another than the connection's.
   * @example 'sessions'
   * @example 'panel.sessions'
   */
  table: string
  /**
   * Which columns show what. By name, a time is seconds since 1970, or a date and a time, in UTC where no zone is behind
   * them; anything else is for a function.
   *
   * @example
   * columns: { id: 'session_id', login: 'user_name', ip: 'ip_address', lastActiveAt: 'updated_at' }
   * @example
   * columns: { id: 'session_key', login: ({ session_data }) => loginIn(session_data), expiresAt: 'expire_date' }
   */
  columns: TableColumns<Row, Found>
  /**
   * The columns that functions and `lookup` read, where they need not all of them: what is not read needs not be sent.
   * Default: all.
   * @example ['user_id', 'last_activity']
   */
  read?: string[]
  /**
   * Looks up for many rows at once what is not in them, for functions. Called at each look for every 1,000 rows.
   *
   * @example
   * lookup: async (rows: { user_id: number | null }[]) => loginsOf(rows.map(({ user_id }) => user_id)),
   * columns: { id: 'id', login: ({ user_id }, logins) => (user_id === null ? null : logins.get(user_id)) }
   */
  lookup?(rows: Row[]): Found | Promise<Found>
  /**
   * A column that grows whenever a session is used. Its largest value is asked for once a second, and the table is read
   * sooner where that has changed. It must have an index. Default: none.
   * @example 'last_activity'
   */
  updated?: string
  /**
   * Ends a session in the place of the `DELETE` of its row. Called when the row has been checked.
   *
   * @example
   * end: ({ id }) => connection.query('UPDATE logins SET revoked = true WHERE session = $1', [id])
   */
  end?(session: { id: string; row: Row }, signal: AbortSignal): unknown
  /**
   * The source's name, unique on its host: give each its own where there are several.
   * @default 'session-table'
   */
  name?: string
  /**
   * A name for the place of the table, where several machines read it: each session is one row then, and not one for each
   * machine. Default: this machine.
   */
  host?: string
}

const identifier = /^[\p{L}_][\p{L}\p{N}_$]{0,62}$/u
const isIdentifier = (name: unknown): boolean => typeof name === 'string' && identifier.test(name)
const columnName = text("a column's name", isIdentifier)
const isOpen = (value: unknown) => {
  const { createQueryRunner, options } = (value ?? {}) as Partial<TableConnection>
  return typeof createQueryRunner === 'function' && Object.hasOwn(dialects, String(options?.type))
}
const column = z.custom<string | (() => unknown)>((value) => typeof value === 'function' || isIdentifier(value), {
  error: "a column's name, or a function of a row",
})
const { login: _, ...otherFields } = panelFields

const shape = optionsOf({
  connection: z.custom<TableConnection>(isOpen, {
    error: 'a TypeORM DataSource of postgres, mysql, mariadb or sqlite',
  }),
  table: text("a table's name, like 'sessions' or 'panel.sessions'", (name) => {
    const parts = name.split('.')
    return parts.length <= 2 && parts.every(isIdentifier)
  }),
  columns: optionsOf(
    {
      id: columnName,
      login: column,
      ...(Object.fromEntries(Object.keys(otherFields).map((field) => [field, column.optional()])) as Record<
        string,
        z.ZodOptional<typeof column>
      >),
    },
    'an object of columns',
  ),
  read: z.array(columnName, { error: "an array of columns' names" }).optional(),
  lookup: aFunction().optional(),
  updated: columnName.optional(),
  end: aFunction().optional(),
  name: sourceName.default('session-table'),
  host: text('a text').optional(),
})

/** ms between two looks at what was updated last. */
const updatedEvery = 1000
/** What the engines say no with where it is not allowed, and not where it fails. */
const notAllowed = new Set<unknown>(['42501', 'ER_TABLEACCESS_DENIED_ERROR', 'SQLITE_READONLY'])

/**
 * Who is logged in to a panel that keeps its sessions in a table of PostgreSQL, MariaDB, MySQL or SQLite: Laravel's,
 * Django's, Rails', any other. See docs/session-tables.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * sessionTable({
 *   connection: panelDatabase,
 *   table: 'sessions',
 *   columns: { id: 'session_id', login: 'user_name', ip: 'ip_address', lastActiveAt: 'updated_at' },
 * })
 */
export function sessionTable<Row = Record<string, unknown>, Found = unknown>(
  options: SessionTableOptions<Row, Found>,
): PanelSource {
  const { connection, table, columns, read, updated, name, host } = checkOptions(
    'sessionTable',
    shape,
    options ?? {},
    kindOf,
  )
  const named = Object.entries(columns).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const hasFunctions = named.length < Object.keys(columns).length || (options.lookup ?? options.end) !== undefined
  const rows = new SessionRows(connection, table, { byName: new Map(named), read: read ?? (hasFunctions ? null : []) })
  let leftOut = new LeftOut()
  /** Of the latest list: what the host's functions throw is told, and may have some in it. */
  let ids: string[] = []

  /** What a row shows of its session; null where it is nobody's. */
  function session(row: StoredRow, found: Found): Partial<ToldSession> | null {
    const told: Record<string, unknown> = {}
    for (const [field, from] of Object.entries(columns)) {
      if (field === 'id' || from === undefined) continue
      told[field] = typeof from === 'string' ? shown(row, field) : (from as RowFunction<Row, Found>)(row as Row, found)
      if (field === 'login' && told.login === null) return null
    }
    return told
  }

  const tell = (page: StoredRow[]): Promise<Told[]> =>
    tellAll(
      'sessionTable',
      'columns',
      { session, lookup: options.lookup as ((all: StoredRow[]) => Found | Promise<Found>) | undefined },
      page.map((data) => ({ data })),
    )

  /** What the database says where it does not do what the end of a session takes, without the session's id. */
  async function asked<T>(
    refusal: (problem: string) => Refusal,
    id: string,
    signal: AbortSignal,
    ask: () => Promise<T>,
  ): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      const refused = refusal(messageWithout([id], error))
      throw notAllowed.has((error as { code?: unknown } | null)?.code) ? refused : new Error(refused.message)
    }
  }

  async function list(signal: AbortSignal): Promise<ListedPanelSession[]> {
    const missing = new LeftOut()
    const read: string[] = []
    const sessions: ListedPanelSession[] = []
    try {
      await byPages(signal, async (after) => {
        const page = await rows.after(after, signal).catch((error: unknown) => {
          throw new Error(`The sessions in ${table} can't be read: ${messageWithout([after], error)}`)
        })
        const sids = page.map((row) => shownAs(row, 'id')!)
        read.push(...sids)
        await inSlices((await tell(page)).entries(), signal, ([i, told]) => {
          if (told === null || isOver(told)) return
          missing.addRead(told)
          const { unread: _, ...fields } = told
          sessions.push({ ...fields, key: sessionKey(sids[i]!), handle: sids[i] })
        })
        return sids.map((sid) => ({ sid }))
      })
      missing.check()
    } catch (error) {
      signal.throwIfAborted()
      // What the host's functions throw may have ids in it, which are as good as passwords.
      // eslint-disable-next-line preserve-caught-error -- and so may the cause
      throw new Error(messageWithout(read, error))
    }
    signal.throwIfAborted()
    ids = read
    leftOut = missing
    return sessions
  }

  async function end({ login, handle }: ListedPanelSession, signal: AbortSignal): Promise<'asked' | 'already-gone'> {
    const id = handle as string
    const unread = (problem: string) => new Refusal('tableUnread', { table, problem })
    const notEnded = (problem: string) => new Refusal('tableRefused', { table, problem })
    return endUnlessChanged(login, signal, async () => {
      const found = await asked(unread, id, signal, () => rows.find(id, signal))
      if (found === null) return null
      const [told] = await tell([found.row])
      return {
        login: told && !isOver(told) ? told.login : undefined,
        remove: () =>
          asked(notEnded, id, signal, async () => {
            if (!options.end) return rows.delete(id, found, signal)
            await options.end({ id, row: found.row as Row }, signal)
            return true
          }),
      }
    })
  }

  async function start(site: Site, signal: AbortSignal): Promise<void> {
    if (updated === undefined) return
    let before: unknown
    while (!signal.aborted) {
      try {
        const now = await rows.largest(updated, signal)
        if (before !== undefined && now !== before) site.changed()
        before = now
        await sleep(updatedEvery, undefined, { signal, ref: false })
      } catch {
        // What is wrong with the table, the next list tells.
        await sleep(updatedEvery, undefined, { signal, ref: false }).catch(() => {})
      }
    }
  }

  return {
    ...{ name, host, kind: 'panel', evidence: 'live', list, end, start },
    warnings: () => leftOut.sentences().map((sentence) => messageWithout(ids, sentence)),
    endsBy: options.end ? `the option end, for a row of ${table}.` : `deleting its row from ${table}.`,
  }
}

type RowFunction<Row, Found> = (row: Row, found: Found) => unknown

/** What a column holds that is shown by its name. */
function shown(row: StoredRow, field: string): Date | string | null {
  const value = shownAs(row, field)
  return value !== null && panelFields[field as keyof typeof panelFields].is === 'time' ? databaseTime(value) : value
}

const isOver = ({ expiresAt }: { expiresAt?: Date | null }) => expiresAt != null && expiresAt.getTime() <= Date.now()
