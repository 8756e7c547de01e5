import type { Request } from 'express'

/**
 * Why a request must not change anything, or undefined where it may. AdminJS has no CSRF token and its cookie may
 * travel with another site's form, so the browser's own words about the request's origin decide.
 *
 * A browser says `Sec-Fetch-Site` on https and on localhost, and `Origin` with every POST; a program says neither.
 */
export function foreignOrigin(request: Pick<Request, 'get' | 'protocol' | 'app'>): string | undefined {
  const site = request.get('sec-fetch-site')
  if (site !== undefined) {
    return site === 'same-origin'
      ? undefined
      : `The request came from another site (Sec-Fetch-Site: ${site.slice(0, 40)}).`
  }
  const origin = request.get('origin')
  if (origin === undefined) return undefined
  const trustsProxy = Boolean(
    (request.app?.get('trust proxy fn') as ((address: string, hop: number) => boolean) | undefined)?.('127.0.0.1', 0),
  )
  const host = (trustsProxy ? request.get('x-forwarded-host')?.split(',')[0].trim() : undefined) ?? request.get('host')
  return URL.canParse(origin) && new URL(origin).host === host
    ? undefined
    : `The request came from another origin (${origin.slice(0, 200)}) than this back office (${host ?? 'no host named'}).`
}
