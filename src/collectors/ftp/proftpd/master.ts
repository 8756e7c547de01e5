import type { ProcessStat } from '../processes.js'

/**
 * The pid of the master that a session is a child of. The scoreboard's header names it; but where the scoreboard was
 * deleted under a running ProFTPD, the next session makes another one and names itself. Then it is the session's parent.
 *
 * @param named what the header names; 0 under inetd
 */
export function masterPidOf(
  named: number,
  session: Pick<ProcessStat, 'parent'>,
  processStat: (pid: number) => ProcessStat | null,
): number {
  const isProftpd = (pid: number) => processStat(pid)?.comm === 'proftpd'
  const master = named > 0 ? processStat(named) : null
  const isSession = master?.comm === 'proftpd' && isProftpd(master.parent)
  if (named === 0 || (master !== null && !isSession)) return named
  return isProftpd(session.parent) ? session.parent : named
}
