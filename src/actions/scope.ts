import { createHash } from 'node:crypto'
import { flat, Filter, type ActionContext, type ActionRequest } from 'adminjs'
import type { Row } from './cut.js'
import type { Totals } from './page-answers.js'

const rowsPerRead = 500

/** A table whose rows can be had by a filter, however many they are. */
export interface ScopedTable {
  /** The next rows that match, by their ids. */
  after(id: number, filter: Filter, most: number, context: ActionContext): Promise<object[]>
  /** How many of those that match have which value. */
  countBy(path: string, filter: Filter, context: ActionContext): Promise<Record<string, number>>
  /** What all that match add up to. */
  totals(filter: Filter, context: ActionContext, asOf: TotalsAsOf): Promise<Totals>
}

/** What totals depend on beside the rows. */
export interface TotalsAsOf {
  /** Since when somebody must have been active to be online. */
  onlineSince: Date
  /** Sources whose rows are not kept true: what those moved when they were last seen is no speed of now. */
  stale: readonly { host: string; name: string }[]
}

/**
 * The rows that a list with this request's filters has on all of its pages, in pieces, by their ids: a row that comes or
 * goes meanwhile moves no other out of sight. Only what the asker may see (`onlyVisible`).
 */
export async function* rowsInScope(request: ActionRequest, context: ActionContext): AsyncGenerator<Row[]> {
  for (let last = 0; ;) {
    const rows = (await rowsAfter(last, rowsPerRead, request, context)) as Row[]
    if (rows.length > 0) yield rows
    if (rows.length < rowsPerRead) return
    last = rows.at(-1)!.id
  }
}

/** What the rows of all of a list's pages add up to. */
export async function totalsInScope(
  { query }: ActionRequest,
  context: ActionContext,
  asOf: TotalsAsOf,
): Promise<Totals> {
  const { filter, table } = await scopeOf(query, context)
  return table.totals(filter, context, asOf)
}

/** One of these pieces: the rows after this id. */
export async function rowsAfter(
  id: number,
  most: number,
  { query }: ActionRequest,
  context: ActionContext,
): Promise<{ id: number }[]> {
  const { filter, table } = await scopeOf(query, context)
  return (await table.after(id, filter, most, context)) as { id: number }[]
}

async function scopeOf(query: ActionRequest['query'], context: ActionContext) {
  const { filters = {} } = flat.unflatten<{ filters?: object }, object>(query ?? {})
  const filter = await new Filter(filters, context.resource).populate(context)
  return { filter, table: context.resource as unknown as ScopedTable }
}

/** What a page keeps of a session that it has shown: enough to know whether a row still is that session. */
export function markOf({ key, login }: Pick<Row, 'key' | 'login'>): string {
  return createHash('sha256')
    .update(JSON.stringify([key, login]))
    .digest('base64url')
    .slice(0, 10)
}
