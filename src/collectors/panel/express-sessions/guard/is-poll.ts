import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pollMark } from '../../../../session-source.js'

/** Only a GET can be a poll: whoever does something is active, whatever the request says of itself. */
export function isPoll(req: IncomingMessage, headers: IncomingHttpHeaders): boolean {
  return headers[pollMark] === '1' && req.method === 'GET'
}
