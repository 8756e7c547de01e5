import type { Response } from 'express'
import type { z } from 'zod'
import type { ApiScope, ApiToken } from './tokens.js'

/** What a client has asked, checked. */
export interface Asked<Query, Body> {
  /** In the path; of a row that there could be. */
  id: number
  query: Query
  body: Body
  token: ApiToken
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
  handler(asked: Asked<never, never>, response: Response): Promise<Answer | void>
}

/** A route whose handler knows what its shapes give. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(
  one: Omit<Route, 'query' | 'body' | 'handler'> & {
    query?: Query
    body?: Body
    handler(asked: Asked<z.output<Query>, z.output<Body>>, response: Response): Promise<Answer | void>
  },
): Route {
  return one
}
