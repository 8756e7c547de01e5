import { In, LessThanOrEqual, MoreThan, type FindOptionsWhere } from 'typeorm'
import { z } from 'zod'
import { text } from '../collectors/check-options.js'
import { rowValue } from '../text/stored-value.js'
import type { Row, SessionRows } from './cut.js'

/** Which sessions are meant, as the host's own code says it: those of which all of this is true. */
export interface SessionScope {
  /** Only panel or only FTP sessions. */
  kind?: 'panel' | 'ftp'
  /** The machine whose source it is, as its rows have it. */
  host?: string
  /** The source's name: `'proftpd'`. */
  source?: string
  login?: string
  /** Whoever `person` of `createSessions` says they are of; a login where there is no such option. */
  person?: string
  /** Where they come from, as rows have it. */
  ip?: string
  /** Keys of sessions, as rows have them; at most 10,000. */
  keys?: string[]
  /** Ids of rows, at most 10,000; each table counts its own, so `kind` is needed beside them. */
  ids?: number[]
  /** ms that their person has done nothing. */
  idleFor?: number
}

/** What narrows a scope, beside `kind`, `host` and `source`: without any of it, it would be everything. */
const narrowing = ['login', 'person', 'ip', 'keys', 'ids', 'idleFor'] as const
const mostKeys = 10_000
const namesPerQuestion = 500
const rowsPerRead = 500

const name = text('a text that is not empty').optional()

export const scopeShape = {
  kind: z.enum(['panel', 'ftp'], { error: '"panel" or "ftp"' }).optional(),
  host: name,
  source: name,
  login: name,
  person: name,
  ip: name,
  keys: z
    .array(z.string({ error: 'the key of a session' }), { error: 'an array of keys of sessions' })
    .max(mostKeys, { error: `at most ${mostKeys} keys` })
    .optional(),
  ids: z
    .array(z.int({ error: 'the id of a row' }).min(1, { error: 'the id of a row' }), {
      error: 'an array of ids of rows',
    })
    .max(mostKeys, { error: `at most ${mostKeys} ids` })
    .optional(),
  idleFor: z.number({ error: 'a number of ms' }).min(0, { error: 'at least 0 ms' }).optional(),
}

/** Does it say which sessions, and not only where? */
export function isNarrow(scope: SessionScope): boolean {
  return narrowing.some((field) => scope[field] !== undefined)
}

/**
 * The rows that are meant, in pieces, by their ids: a row that comes or goes meanwhile moves no other out of sight.
 * `kind` is not looked at: the table says it.
 */
export async function* rowsMeant(sessions: SessionRows, { ids, keys, ...scope }: SessionScope): AsyncGenerator<Row[]> {
  if (ids !== undefined) {
    for (const some of pieces(ids)) {
      const found = await sessions.find({ where: { ...whereOf(scope), id: In(some) }, order: { id: 'ASC' } })
      const rows = keys === undefined ? found : found.filter(({ key }) => keys.includes(key))
      if (rows.length > 0) yield rows
    }
  } else if (keys !== undefined) {
    for (const some of pieces(keys)) yield* rowsWhere(sessions, { ...whereOf(scope), key: In(some) })
  } else yield* rowsWhere(sessions, whereOf(scope))
}

/** Of a scope all that a single question can ask. */
export function whereOf({ idleFor, ...scope }: Omit<SessionScope, 'keys' | 'ids'>): FindOptionsWhere<Row> {
  const where: FindOptionsWhere<Row> = {}
  for (const field of ['host', 'source', 'login', 'person', 'ip'] as const) {
    // As names are stored.
    if (scope[field] !== undefined) where[field] = String(rowValue(scope[field]))
  }
  if (idleFor !== undefined) where.lastActiveAt = LessThanOrEqual(new Date(Date.now() - idleFor))
  return where
}

async function* rowsWhere(sessions: SessionRows, where: FindOptionsWhere<Row>): AsyncGenerator<Row[]> {
  for (let last = 0; ;) {
    const rows = await sessions.find({
      where: { ...where, id: MoreThan(last) },
      order: { id: 'ASC' },
      take: rowsPerRead,
    })
    if (rows.length > 0) yield rows
    if (rows.length < rowsPerRead) return
    last = rows.at(-1)!.id
  }
}

function pieces<Name>(names: readonly Name[]): Name[][] {
  return Array.from({ length: Math.ceil(names.length / namesPerQuestion) }, (_, i) =>
    names.slice(i * namesPerQuestion, (i + 1) * namesPerQuestion),
  )
}
