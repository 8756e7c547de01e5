import { lstatSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RemovalRefused } from '../../../session-source.js'
import { bootId, type ProcessStat } from '../os/proc.js'
import { programOf } from '../os/program.js'
import type { EndAsRoot } from '../os/end-by-arguments.js'
import { endSession } from './end-pure-ftpd-session.js'
import { whyNoSession } from './pure-ftpd-processes.js'
import { runWho } from './pure-ftpwho.js'

/** Ends a session that pure-ftpwho lists: the one beside the session's own program, whatever the back office has for it. */
export const endAsRoot: EndAsRoot = async (session, force) => {
  const { pid, startTicks } = session
  // First: from another PID namespace pure-ftpwho would delete the entries of sessions that live.
  const why = whyNoSession(session)
  if (why) throw why
  const rows = await runWho(whoOf(session), AbortSignal.timeout(5000))
  const row = rows.find((one) => one.pid === pid)
  if (!row) throw new RemovalRefused(`Process ${pid} is no session of Pure-FTPd: pure-ftpwho does not list it.`)
  const identity = { bootId: bootId(), pid, startTicks, account: row.account, peer: row.peer }
  return endSession(identity, row, force ? 'SIGKILL' : 'SIGTERM')
}

/** The pure-ftpwho that came with a session's program, both of them root's. */
function whoOf(session: ProcessStat): string {
  const { path } = programOf(session) ?? { path: '/' }
  const directory = dirname(path)
  const who = join(directory, 'pure-ftpwho')
  try {
    if (isRoots(statSync(`/proc/${session.pid}/exe`)) && isRootsAlone(directory) && isRootsAlone(realpathSync(who)))
      return who
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new RemovalRefused(`There is no program ${who}, beside what process ${session.pid} runs.`)
  }
  throw new RemovalRefused(
    `Process ${session.pid} runs ${path}: others than root may write to that, to ${who}, or to a directory on the way there.`,
  )
}

const isRoots = ({ uid, mode }: { uid: number; mode: number }) => uid === 0 && (mode & 0o022) === 0

/** Whether nobody but root can put another file in the place of this one. */
function isRootsAlone(path: string): boolean {
  const stat = lstatSync(path)
  // In a directory such as /tmp everybody may write, and root's stays what it is.
  const kept = stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o1000) !== 0
  return (isRoots(stat) || kept) && (path === '/' || isRootsAlone(dirname(path)))
}
