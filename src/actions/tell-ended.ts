import type { Request, RequestHandler, Response } from 'express'
import { keyOf } from '../collectors/panel/express-sessions/session-id.js'
import type { Holds } from '../database/holds.js'
import type { Database } from '../database/open-database.js'
import { translationsOf } from '../translations/index.js'
import { endedCookie } from '../text/ended-cookie.js'

/** What a person is told whose session an admin has ended. */
export interface TellEndedOptions {
  /**
   * Where the person may turn to: an address, a telephone number, shown as it is.
   *
   * @default nothing is said of it
   */
  contact?: string
}

interface TellParts {
  database: Pick<Database, 'holds' | 'removals'>
  holds: Holds
  /** Names of the panel sources. */
  panels: readonly string[]
}

/** How long whoever was ended may take to come to the login page, in s. */
const toldFor = 300
/** How long a request waits to learn why its session was ended, in ms; without it, it goes on. */
const waitsFor = 500

/**
 * Express middleware that tells a person that an admin has ended the session he comes with. Whatever redirects him is not
 * changed but for what it says: a cookie that the pages of this package show once, beside AdminJS's own login as well, and
 * on a redirect within the same site `sessionEnded=1`, `reason` and `contact` for a login page of the host's own. A reason
 * is told only where whoever gave it said so.
 */
export function tellEnded({ database, holds, panels }: TellParts, { contact }: TellEndedOptions): RequestHandler {
  return (request, response, next) => {
    const key = sessionIdsOf(request)
      .map((sid) => keyOf(sid))
      .find((one) => panels.some((source) => holds.remembers(source, 'session', one)))
    if (key === undefined) return next()
    const go = () => {
      clearTimeout(timer)
      if (!gone) next()
      gone = true
    }
    let gone = false
    const timer = setTimeout(go, waitsFor)
    removalOf(key)
      .then((removal) => {
        if (removal && !gone) telling(request, response, removal.reasonTold ? removal.reason : null, contact)
      })
      .catch(() => undefined)
      .finally(go)
  }

  async function removalOf(key: string) {
    const hold = await database.holds.findOneBy({ by: 'session', value: key })
    return hold?.removalId == null ? null : database.removals.findOneBy({ id: hold.removalId })
  }
}

/**
 * The ids of express-session's cookies, whatever they are called. That they are signed need not be looked at: an id that
 * anybody guesses is no ended session's.
 *
 * @see https://github.com/expressjs/session, "cookie": `s:` before the id, a dot and the signature behind it
 */
function sessionIdsOf({ headers }: Request): string[] {
  return (headers.cookie ?? '').split(';').flatMap((pair) => {
    const value = pair.slice(pair.indexOf('=') + 1).trim()
    const [, sid] = /^s(?:%3A|:)([^.]{1,300})\./i.exec(value) ?? []
    try {
      return sid === undefined ? [] : decodeURIComponent(sid)
    } catch {
      return []
    }
  })
}

/** `res.redirect` of Express 4 and 5 says by `res.location` where to. */
function telling(request: Request, response: Response, reason: string | null, contact: string | undefined): void {
  const location = response.location.bind(response)
  response.location = (url) => {
    response.cookie(endedCookie, JSON.stringify(wordsFor(request, reason, contact)), {
      ...{ maxAge: toldFor * 1000, sameSite: 'lax', path: '/', secure: request.secure },
    })
    return location(within(request, url) ? withQuery(url, reason, contact) : url)
  }
}

/** In the language that the browser asks for. */
function wordsFor(request: Request, reason: string | null, contact: string | undefined): string[] {
  const languages = translationsOf('PanelSession')
  const { messages } = languages[request.acceptsLanguages(Object.keys(languages)) || 'en']!
  return [
    messages.endedByAdmin,
    ...(reason ? [messages.endedReason.replace('{{reason}}', () => reason)] : []),
    ...(contact ? [messages.endedContact.replace('{{contact}}', () => contact)] : []),
  ]
}

/** Nobody else's page learns the reason. */
function within(request: Request, url: string): boolean {
  const own = `${request.protocol}://${request.get('host')}`
  return URL.canParse(url, own) && new URL(url, own).host === request.get('host')
}

function withQuery(url: string, reason: string | null, contact: string | undefined): string {
  const [before, fragment] = url.split(/(?=#)/, 2)
  const query = new URLSearchParams({
    sessionEnded: '1',
    ...(reason ? { reason } : {}),
    ...(contact ? { contact } : {}),
  })
  return `${before}${before!.includes('?') ? '&' : '?'}${query}${fragment ?? ''}`
}
