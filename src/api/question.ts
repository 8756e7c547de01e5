import express from 'express'
import type { Request, Response } from 'express'
import { documented, Problem } from './problem.js'

/** Bytes that a body may have. */
const longestBody = 64 * 1024

const parseJson = express.json({ limit: longestBody, inflate: false, type: () => true })

/** The query of an address. Express's own depends on the host's settings; here a name is a name, and is there once. */
export function queryOf({ originalUrl }: Request): Record<string, string> {
  const [, search = ''] = /\?([^#]*)/.exec(originalUrl) ?? []
  const query: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of new URLSearchParams(search)) {
    if (name in query || value === '') {
      throw new Problem(400, `The query has ${JSON.stringify(name)} twice, or empty; expected it once.`, documented)
    }
    query[name] = value
  }
  return query
}

/** The body, read here or by whatever parser the host has used before; undefined where there is none. */
export async function bodyOf(request: Request, response: Response): Promise<unknown> {
  // What asks with no body at all may say so.
  if (request.get('content-length') === '0') return undefined
  const isJson = request.is('application/json')
  if (isJson === null) return undefined
  if (!isJson) {
    throw new Problem(
      415,
      'The body is of another type; expected application/json.',
      'Send it as JSON, with "Content-Type: application/json".',
    )
  }
  if (Number(request.get('content-length') ?? 0) > longestBody) throw tooLong()
  if (!request.readableEnded) {
    await new Promise<void>((resolve, reject) =>
      parseJson(request, response, (error?: unknown) => (error ? reject(error as Error) : resolve())),
    )
    return request.body as unknown
  }
  const parsed: unknown = request.body
  const isRaw = typeof parsed === 'string' || Buffer.isBuffer(parsed)
  const json = isRaw ? String(parsed) : JSON.stringify(parsed ?? null)
  if (Buffer.byteLength(json) > longestBody) throw tooLong()
  try {
    return JSON.parse(json) as unknown
  } catch {
    throw new Problem(400, 'The body is no JSON.', documented)
  }
}

function tooLong(): Problem {
  return new Problem(413, 'The body is larger than 64 kB.', 'Ask in several requests, each with fewer keys.')
}
