import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Problem } from './problem.js'

/** What every list takes beside its own conditions. */
export const pageFields = {
  limit: z.coerce
    .number({ error: 'a number' })
    .int({ error: 'a whole number' })
    .min(1, { error: 'at least 1' })
    .max(500, { error: 'at most 500' })
    .default(100),
  cursor: z.string({ error: 'the `next` of a page' }).max(200, { error: 'the `next` of a page' }).optional(),
}

interface PageQuery {
  limit: number
  cursor?: string
}

/**
 * One page of a list, by ids: what comes or goes meanwhile moves nothing else out of sight.
 *
 * @param list whose page it is
 * @param read the first rows after this id
 */
export async function pageOf<Row extends { id: number }>(
  list: string,
  { limit, cursor, ...conditions }: PageQuery,
  read: (after: number, most: number) => Promise<Row[]>,
): Promise<{ rows: Row[]; next: string | null }> {
  const query = JSON.stringify([list, Object.entries(conditions).sort()])
  const rows = await read(cursor === undefined ? 0 : idIn(cursor, query), limit + 1)
  const shown = rows.slice(0, limit)
  return { rows: shown, next: rows.length > limit ? cursorAt(shown.at(-1)!.id, query) : null }
}

function cursorAt(id: number, query: string): string {
  return Buffer.from(`${id}.${sumOf(id, query)}`).toString('base64url')
}

/** No secret is in it: the sum tells a cursor of another query, and one that was changed on its way. */
function sumOf(id: number, query: string): string {
  return createHash('sha256').update(`${id} ${query}`).digest('base64url').slice(0, 16)
}

function idIn(cursor: string, query: string): number {
  const id = Number.parseInt(Buffer.from(cursor, 'base64url').toString(), 10)
  if (cursorAt(id, query) === cursor) return id
  throw new Problem(
    400,
    '"cursor" is none of this query: it was changed, or other conditions have made it.',
    'Send the `next` of an answer with the same conditions, or leave it out to begin anew.',
  )
}
