import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { checkOptions, kindOf, optionsOf, text } from '../collectors/check-options.js'

/** What a token may be used for: to see what there is, and to end sessions and keep people out. */
const scopes = ['read', 'remove'] as const
/** What a token may be used for. */
export type ApiScope = (typeof scopes)[number]

/** A program that may use the HTTP API. */
export interface ApiToken {
  /** Who is on record as having removed what it removes. */
  name: string
  /** The SHA-256 of its token, in hex; the token itself is nowhere here. */
  sha256: string
  /** What it may do: `'read'`, `'remove'`; one does not include the other. */
  scopes: ApiScope[]
}

/** What `sessions.api` takes. */
export interface ApiOptions {
  /** Who may use it. */
  tokens: ApiToken[]
}

const apiShape = optionsOf({
  tokens: z
    .array(
      optionsOf(
        {
          name: text('a name of 1 to 200 characters: who is on record', ({ length }) => length <= 200),
          sha256: z
            .string({ error: 'the SHA-256 of a token: 64 hex digits' })
            .regex(/^[0-9a-f]{64}$/i, { error: 'the SHA-256 of a token: 64 hex digits' }),
          scopes: z
            .array(z.enum(scopes, { error: '"read" or "remove"' }), { error: 'an array of "read" and "remove"' })
            .min(1, { error: 'at least one of "read" and "remove"' }),
        },
        '{ name, sha256, scopes }',
      ),
      { error: 'an array of { name, sha256, scopes }' },
    )
    .min(1, { error: 'at least one token: without any, nobody may ask' })
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
      error: 'tokens of different names: each is on record by its own',
    })
    .refine((tokens) => new Set(tokens.map(({ sha256 }) => sha256.toLowerCase())).size === tokens.length, {
      error: 'tokens that differ: one must not have two names',
    }),
})

/** @throws TypeError that names what is wrong, and shows no digest */
export function checkTokens(options: ApiOptions): ApiToken[] {
  return checkOptions('sessions.api', apiShape, options, kindOf).tokens
}

/**
 * Whose token a request comes with; undefined where it has none, or one that nobody has. How long that takes does not tell
 * how near it was: digests are compared, in constant time, and all of them.
 *
 * @param authorization the header; nothing else of a request says who asks
 */
export function tokenOf(tokens: readonly ApiToken[], authorization: string | undefined): ApiToken | undefined {
  const [, presented = ''] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '') ?? []
  const digest = createHash('sha256').update(presented).digest()
  let found: ApiToken | undefined
  for (const token of tokens) {
    const isIt = timingSafeEqual(digest, Buffer.from(token.sha256, 'hex'))
    if (isIt && presented !== '') found = token
  }
  return found
}
