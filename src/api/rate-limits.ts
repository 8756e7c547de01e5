import { createHash } from 'node:crypto'
import type { RateLimitRequestHandler } from 'express-rate-limit'
import type { NextFunction, Request, Response } from 'express'
import { Problem } from './problem.js'

const windowMs = 60_000
/** Questions with one token, in a minute. */
const ofOneToken = 600
/** Questions without a token that is known, from one address, in a minute. */
const ofOneStranger = 30

export interface RateLimits {
  ofToken: RateLimitRequestHandler
  ofStranger: RateLimitRequestHandler
}

/**
 * Whoever fails to say who he is is counted by his address, and whoever succeeds by his token: nobody who guesses keeps a
 * program out that comes from the same address.
 *
 * @param nameOf whose token a request has
 */
export async function rateLimits(nameOf: (request: Request) => string, signal: AbortSignal): Promise<RateLimits> {
  // Only where there is an API: what it is made of can't be part of a bundle that is an ES module.
  const { ipKeyGenerator, MemoryStore, rateLimit } = await import('express-rate-limit')
  const limited = (limit: number, keyGenerator: (request: Request) => string) => {
    const store = new MemoryStore()
    signal.addEventListener('abort', () => store.shutdown(), { once: true })
    return rateLimit({
      ...{ windowMs, limit, keyGenerator, store, legacyHeaders: false, standardHeaders: 'draft-8' },
      handler: (_request: Request, _response: Response, next: NextFunction) =>
        next(new Problem(429, `More than ${limit} questions within a minute.`, 'Wait as long as Retry-After says.')),
    })
  }
  return {
    ofToken: limited(ofOneToken, nameOf),
    // As many counters as two bytes name, however many addresses there are: memory has a bound. Whoever shares one with
    // somebody who guesses, and fails himself, reads 429 for 401.
    ofStranger: limited(ofOneStranger, ({ ip }) =>
      createHash('sha256')
        .update(ip === undefined ? '' : ipKeyGenerator(ip))
        .digest('hex')
        .slice(0, 4),
    ),
  }
}
