import { RemovalRefused } from '../../../session-source.js'
import { bootId } from '../os/proc.js'
import type { EndAsRoot } from '../os/end-by-arguments.js'
import { endSession } from './end.js'
import { runWho } from './pure-ftpwho.js'

/** Ends a session that pure-ftpwho lists: the program at its usual place, whatever the back office has for it. */
export const endAsRoot: EndAsRoot = async ({ pid, startTicks }, force) => {
  const rows = await runWho('/usr/sbin/pure-ftpwho', AbortSignal.timeout(5000))
  const row = rows.find((one) => one.pid === pid)
  if (!row) throw new RemovalRefused(`Process ${pid} is no session of Pure-FTPd: pure-ftpwho does not list it.`)
  const identity = { bootId: bootId(), pid, startTicks, account: row.account, peer: row.peer }
  return endSession(identity, row, force ? 'SIGKILL' : 'SIGTERM')
}
