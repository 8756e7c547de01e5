import { createHash } from 'node:crypto'

/** The key of a session: the SHA-256 of its id, in hex. The id itself is as good as a password and is shown nowhere. */
export function keyOf(sid: string): string {
  return createHash('sha256').update(sid).digest('hex')
}

/** The key of the session that a request belongs to; null where it has none. */
export function keyOfRequest(req: { sessionID?: string }): string | null {
  return typeof req.sessionID === 'string' ? keyOf(req.sessionID) : null
}

/** What an error says, without a session's id: stores put it into file names and queries, and those into their errors. */
export function messageWithout(sid: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return sid === '' ? message : message.replaceAll(sid, '(session id)')
}
