import type { FtpSessionStatus, FtpSource, ListedFtpSession } from '../../engine/session-source.js'
import { missingRights, orAsRoot } from '../end-as-root.js'
import { ownersOf } from '../accounts.js'
import { kernelView, type Told } from '../kernel-view.js'
import { bootId, inSlices, type ProcessStat, processStat } from '../processes.js'
import { endSession, type SessionIdentity } from './end.js'
import { checkOptions, type PureFtpdOptions } from './options.js'
import { isPureFtpd, runWho } from './run-who.js'
import type { WhoRow } from './who.js'

export type { PureFtpdOptions } from './options.js'

/**
 * The sessions of the Pure-FTPd on this machine, as its own pure-ftpwho lists them, completed from /proc and the
 * kernel's sockets as far as the back office may. It keeps them in one place, /run/pure-ftpd, so that all Pure-FTPd of a
 * machine are one source.
 *
 * Listing takes root, or one line in sudoers; the current directory, idle time, bytes to the last one, and ending a
 * session take root: see docs/servers/pure-ftpd.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * const sessions = await createSessions({ componentLoader, access, sources: [pureFtpd()] })
 * @see https://www.pureftpd.org/project/pure-ftpd/doc/
 */
export function pureFtpd(options: PureFtpdOptions = {}): FtpSource {
  const { name, program, inetd, endHelper } = checkOptions(options)
  const complete = kernelView()
  const addOwners = ownersOf(name, options)

  return {
    name,
    kind: 'ftp',
    evidence: 'live',
    async list(signal) {
      const rows = await runWho(program, inetd, signal)
      const told: Told[] = []
      await inSlices(rows, signal, (row) => {
        const stat = processStat(row.pid)
        // It has ended since, or was killed and left its entry, and another process has got its pid.
        if (stat && isPureFtpd(stat.comm)) told.push(tellOf(row, stat.startTicks, !inetd && hasLostItsServer(stat)))
      })
      return addOwners(await complete(told, signal), signal)
    },
    endsBy: "SIGTERM to the session's process, after checking it anew.",
    missingRights: (signal) =>
      missingRights('pure-ftpd', 'directories, idle times, and bytes to the last one', endHelper, signal),
    async end(session, signal) {
      const identity = session.handle as SessionIdentity
      // With `inetd`, that none are left is no error: this very one may be the last and gone.
      const row = (await runWho(program, true, signal)).find(({ pid }) => pid === identity.pid)
      return orAsRoot('pure-ftpd', endHelper, identity, signal, () => endSession(identity, row ?? null))
    },
  }
}

const STATUS: Record<WhoRow['state'], FtpSessionStatus | null> = {
  ...{ IDLE: 'idle', DL: 'downloading', UL: 'uploading', 'ERR!': null },
}

const hasLostItsServer = ({ parent }: ProcessStat) => !isPureFtpd(processStat(parent)?.comm)

function tellOf(row: WhoRow, startTicks: number, orphaned: boolean): Told {
  const { pid, account, state, file, peer, currentBytes, totalBytes } = row
  const handle: SessionIdentity = { bootId: bootId(), pid, startTicks, account, peer }
  const moves = state === 'DL' || state === 'UL'
  const session: ListedFtpSession = {
    key: `${bootId().slice(0, 12)}-${pid}-${startTicks}`,
    handle,
    status: account === null ? 'authenticating' : STATUS[state],
    condition: state === 'ERR!' ? 'unreadable' : orphaned ? 'orphaned' : 'normal',
    // It tells of nothing but transfers, and of uploads not by which command.
    command: null,
    login: account,
    fileName: moves ? file || null : null,
    transferredBytes: moves ? currentBytes : null,
    totalBytes: state === 'DL' && totalBytes > 0 ? totalBytes : null,
    ip: peer.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '') || null,
    // Whether it goes over TLS is nowhere to be seen.
    protocol: null,
  }
  return { session, pid, startTicks, maySendfile: false, mayAppend: false }
}
