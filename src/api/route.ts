import type { Response } from 'express'
import { z } from 'zod'
import { checkOptions, kindOf } from '../collectors/check-options.js'
import { isRowId } from '../database/rows.js'
import { documented, Problem } from './problem.js'
import type { ApiScope } from './tokens.js'

/** What a client has asked, checked. */
export interface Asked<Query, Body> {
  /** In the path; of a row that there could be. */
  id: number
  query: Query
  body: Body
  /** Who asks: as whom he is on record. */
  by: string
  ip: string | null
  /** Where the API is mounted. */
  baseUrl: string
}

export interface Answer {
  body: object
  headers?: Record<string, string>
}

/** One thing that can be asked: what is answered and what openapi.json says of it follow from here. */
export interface Route {
  method: 'get' | 'post'
  /** As Express and openapi.json have it: `/ftp/:id`. */
  path: string
  scope: ApiScope
  /** What it does, in a line. */
  summary: string
  query?: z.ZodType
  body?: z.ZodType
  status: number
  /** The name and the shape of its answer; null for a stream of events. */
  answer: readonly [name: string, shape: z.ZodType] | null
  handler(asked: Asked<never, never>, response?: Response): Promise<Answer | void>
}

/** A route whose handler knows what its shapes give. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(
  one: Omit<Route, 'query' | 'body' | 'handler'> & {
    query?: Query
    body?: Body
    handler(asked: Asked<z.output<Query>, z.output<Body>>, response?: Response): Promise<Answer | void>
  },
): Route {
  return one
}

/** What somebody has asked, as it was found. */
interface Found extends Pick<Asked<never, never>, 'by' | 'ip' | 'baseUrl'> {
  /** In the path, where the route has one there. */
  id?: string
  query: unknown
  body?(): Promise<unknown>
}

/** @throws Problem where it is nothing that this route answers */
export async function askedOf(
  { method, query, body }: Route,
  { id = '1', ...found }: Found,
): Promise<Asked<never, never>> {
  if (!isRowId(id)) throw new Problem(404, 'No row can have this id.', documented)
  const nothing = z.strictObject({}, { error: 'nothing' })
  const asked = {
    ...found,
    id: Number(id),
    query: checked('The query', query ?? nothing, found.query),
    body: method === 'post' ? checked('The body', body ?? nothing, await found.body?.()) : {},
  }
  return asked as never
}

/** What was asked, as a shape knows it. */
export function checked<Shape extends z.ZodType>(of: string, shape: Shape, found: unknown): z.output<Shape> {
  try {
    return checkOptions(of, shape, found, kindOf)
  } catch (error) {
    throw new Problem(400, (error as Error).message, documented)
  }
}
