import { ipOf } from '../../../../text/address.js'
import type { Request } from 'express'
import type { SessionData } from 'express-session'

const warned = new Set<string>()

/**
 * Warns, once for each, of settings of the host's that make a logon unsafe or its record wrong, where a logon shows
 * them.
 *
 * @param keptItsId whether the session had this id already when the request came in
 */
export function warnOfUnsafeLogon(session: SessionData, req: Request, keptItsId: boolean): void {
  const { sameSite } = session.cookie
  if (!sameSite || sameSite === 'none') {
    warn(
      'ADMINJS_SESSIONS_SAMESITE',
      "The session cookie has no sameSite: 'lax' or 'strict', so other sites can send requests in the name of whoever " +
        "is logged in. Set cookie: { sameSite: 'lax' } in the options of express-session.",
    )
  }
  if (keptItsId) {
    warn(
      'ADMINJS_SESSIONS_FIXATION',
      'A logon kept the session id that the browser came with, so whoever planted that id is logged in as well ' +
        '(session fixation). Call req.session.regenerate() before the login is put into the session.',
    )
  }
  // A browser on this machine has such an address behind a proxy that is trusted, too.
  const forwarded = String(req.headers?.['x-forwarded-for'] ?? '').split(',')
  const isFromAfar = forwarded.some((address) => address.trim() !== '' && !isLoopback(address.trim()))
  if (isFromAfar && isLoopback(req.socket?.remoteAddress) && isLoopback(req.ip)) {
    warn(
      'ADMINJS_SESSIONS_PROXY',
      "Requests come through a proxy on this machine, but Express does not trust it, so every session's IP is the " +
        "proxy's. Set app.set('trust proxy', 'loopback').",
    )
  }
}

function warn(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  process.emitWarning(message, { type: 'AdminJSSessionsWarning', code })
}

function isLoopback(address: string | undefined): boolean {
  return /^127\.|^::1$/.test(ipOf(address) ?? '')
}
