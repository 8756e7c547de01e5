import type { Request } from 'express'
import type { Said } from '../text/said.js'

type Asked = Pick<Request, 'get' | 'protocol' | 'app' | 'socket'>

/**
 * Why a request must not change anything, or undefined where it may. AdminJS has no CSRF token and its cookie may
 * travel with another site's form, so the browser's own words about the request's origin decide.
 *
 * A browser says `Sec-Fetch-Site` on https and on localhost, and then nothing else counts: no page can set it, and it
 * compares what the browser sees, whatever stands in between. It says `Origin` with every POST; a program says neither.
 *
 * @param request undefined where AdminJS runs on something else than Express, and nothing is known of it
 * @param origins the addresses by which this back office is opened, where requests do not name them
 */
export function foreignOrigin(request: Asked | undefined, origins: readonly string[]): Said | undefined {
  if (typeof request?.get !== 'function') return { key: 'notExpress' }
  const site = request.get('sec-fetch-site')
  if (site !== undefined) {
    return site === 'same-origin' ? undefined : { key: 'otherSite', values: { site: site.slice(0, 40) } }
  }
  const origin = request.get('origin')
  const host = hostOf(request)
  if (origin === undefined || origins.includes(origin) || isOwn(origin, request, host)) return undefined
  const own = `${request.protocol}://${host}`
  return { key: 'otherOrigin', values: { origin: origin.slice(0, 200), own: own.slice(0, 200) } }
}

/**
 * The same host, and not by http where the request came by https: whoever sits on the network writes the http pages of
 * every host. By https it is its own in any case. Behind a proxy that ends TLS and that Express was not told to trust,
 * every honest request looks like http with an https origin; and nobody else has the certificate for such a page.
 */
function isOwn(origin: string, request: Asked, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  if (page.protocol !== 'https:' && page.protocol !== `${request.protocol}:`) return false
  // Read as the page's own: that takes away the default port, which some proxies name.
  const own = `${page.protocol}//${host}`
  if (!URL.canParse(own)) return false
  return new URL(own).host === page.host || (new URL(own).hostname === page.hostname && lostItsPort(host, request))
}

/**
 * A browser that speaks to this port names it, unless it is its scheme's own. So a proxy has left it out (nginx's
 * `proxy_set_header Host $host`), and nobody knows which it was. Cookies are sent to every port of a host
 * (RFC 6265, section 8.5): whoever has a page on another one is sent the admin's session anyway.
 */
function lostItsPort(host: string, { socket }: Asked): boolean {
  return !/:\d+$/.test(host) && socket.localPort !== 80 && socket.localPort !== 443
}

/** With its port, which Express 4 leaves out; by `X-Forwarded-Host` only where Express trusts who says it. */
function hostOf(request: Asked): string {
  const trusts = request.app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean
  const forwarded = trusts(request.socket.remoteAddress, 0) ? request.get('x-forwarded-host') : undefined
  return (forwarded ?? request.get('host') ?? '').split(',')[0].trim()
}
