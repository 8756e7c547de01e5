import type { IncomingMessage } from 'node:http'

/**
 * The header by which a page that refreshes by itself marks its requests, with the value `1`. They are no activity of
 * the person who left the page open, and do not extend the session.
 *
 * @example
 * fetch(url, { headers: { [pollMark]: '1' } })
 */
export const pollMark = 'x-adminjs-sessions-poll'

/** Only a GET can be a poll: whoever does something is active, whatever the request says of itself. */
export function isPoll(req: IncomingMessage | undefined): boolean {
  return req?.method === 'GET' && req.headers?.[pollMark] === '1'
}
