import { bootId } from '../os/proc.js'
import type { EndAsRoot } from '../os/end-by-arguments.js'
import { endSession } from './end-vsftpd-session.js'
import { sessionOfParent } from './live-vsftpd-sessions.js'

/** Ends a session that the titles of its processes tell of. */
export const endAsRoot: EndAsRoot = async ({ pid, startTicks }, force) => {
  const session = sessionOfParent(pid)
  if (!session) return 'already-gone'
  return endSession({ bootId: bootId(), pid, startTicks, login: session.login, ip: session.ip }, force)
}
