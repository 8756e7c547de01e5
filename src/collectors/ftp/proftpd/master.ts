import type { ProcessStat } from '../processes.js'

/**
 * The pid of the master that a session is a child of. The scoreboard's header names it; but where the scoreboard was
 * deleted under a running ProFTPD, the next session makes another one and names itself. Then it is the session's parent.
 *
 * @param named what the header names
 */
export function masterPidOf(named: number, session: Pick<ProcessStat, 'parent'>, processStat: LookAt): number {
  if (isMaster(named, processStat)) return named
  return isProftpd(session.parent, processStat) ? session.parent : named
}

/** Is this pid, out of a header, the master's? Not where it has gone, or is a session of a ProFTPD itself. 0 stands for none, under inetd. */
export function isMaster(named: number, processStat: LookAt): boolean {
  if (named === 0) return true
  const master = processStat(named)
  return master !== null && !(master.comm === 'proftpd' && isProftpd(master.parent, processStat))
}

type LookAt = (pid: number) => ProcessStat | null

const isProftpd = (pid: number, processStat: LookAt) => processStat(pid)?.comm === 'proftpd'
