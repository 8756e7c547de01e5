import { createHash } from 'node:crypto'

/** The key of a session: the SHA-256 of its id, in hex. The id itself is as good as a password and is shown nowhere. */
export function keyOf(sid: string): string {
  return createHash('sha256').update(sid).digest('hex')
}

/** The key of the session that a request belongs to; null where it has none. */
export function keyOfRequest(req: { sessionID?: string }): string | null {
  return typeof req.sessionID === 'string' ? keyOf(req.sessionID) : null
}
