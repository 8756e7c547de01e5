import { STATUS_CODES } from 'node:http'
import { z } from 'zod'

/** What is said of a question that can't be answered, as RFC 9457 has it. */
export const problemAnswer = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What was found, and what was expected. */
  detail: z.string(),
  /** What to do about it. */
  remedy: z.string(),
})

/** Names that a client sent may be in it: not at any length. */
const longestDetail = 500

/**
 * A question that can't be answered as it was asked.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly remedy: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(detail)
  }

  answer(): z.output<typeof problemAnswer> {
    const { status, remedy } = this
    const detail = this.message.slice(0, longestDetail).toWellFormed()
    return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, remedy }
  }
}

/** What Express and its parsers throw (http-errors) carries a status; all else is a fault inside. */
export function problemOf(error: unknown, report: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error
  const { status } = (error ?? {}) as { status?: unknown }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem(status, said[status] ?? 'The request makes no sense.', documented)
  }
  report(error)
  return new Problem(
    503,
    'The back office could not answer just now.',
    'Its log says why. Ask again later; with an Idempotency-Key nothing is ended twice.',
    { 'Retry-After': '5' },
  )
}

export const documented = 'See openapi.json beside this address.'

const said: Record<number, string> = {
  400: 'The address or the body could not be read; expected a JSON object in UTF-8.',
  413: 'The body is larger than 64 kB.',
  415: 'The body is compressed or in another charset; expected JSON in UTF-8, as it is.',
}
