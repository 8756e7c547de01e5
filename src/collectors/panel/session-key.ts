import { createHash } from 'node:crypto'

/** The key of a session: the SHA-256 of its id, in hex. The id itself is as good as a password and is shown nowhere. */
export function sessionKey(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
