import type { FtpSessionStatus, FtpSource, ListedFtpSession } from '../../../session-source.js'
import { ipOf } from '../../../text/address.js'
import { absolutePath, checkOptions, optionsOf, sourceName } from '../../check-options.js'
import { sessionCompleter, type Told } from '../os/complete-sessions.js'
import { missingRights, orAsRoot } from '../os/end-process.js'
import { bootId } from '../os/proc.js'
import { type AccountOptions, accountOptions, accountWarnings, ownersOf } from '../shared/accounts.js'
import { endSession, type SessionIdentity } from './end-vsftpd-session.js'
import { type LiveSession, liveSessions } from './live-vsftpd-sessions.js'

/** Options of `vsftpd`. */
export interface VsftpdOptions extends AccountOptions {
  /**
   * The source's name, unique on its host.
   * @default 'vsftpd'
   */
  name?: string
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/vsftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
}

const shape = optionsOf({
  name: sourceName.default('vsftpd'),
  endHelper: absolutePath.optional(),
  ...accountOptions,
})

/**
 * The sessions of every vsftpd of this machine, read from the titles of its processes, for vsftpd keeps no list: it must
 * have `setproctitle_enable=YES` and listen by itself. Completed from /proc and the kernel's sockets as far as the back
 * office may.
 *
 * Any user may read the titles; the current directory, idle time, names beyond ASCII, bytes, and ending a session take
 * root: see docs/servers/vsftpd.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * const sessions = await createSessions({ componentLoader, access, sources: [vsftpd()] })
 * @see vsftpd.conf(5)
 */
export function vsftpd(options: VsftpdOptions = {}): FtpSource {
  const { name, endHelper, ...accounts } = checkOptions('vsftpd', shape, options)
  const findLive = liveSessions()
  const complete = sessionCompleter()
  const addOwners = ownersOf(name, accounts)

  async function end(identity: SessionIdentity, force: boolean, signal: AbortSignal) {
    signal.throwIfAborted()
    return orAsRoot({ endHelper, page, force }, identity, signal, () => endSession(identity, force))
  }

  return {
    name,
    kind: 'ftp',
    evidence: 'live',
    async list(signal) {
      signal.throwIfAborted()
      const told = (await findLive(signal)).map(tellOf)
      return addOwners(await complete(told, signal), signal)
    },
    ...accountWarnings(accounts),
    endsBy: "SIGKILL to the session's child process, after checking it anew: vsftpd ignores SIGTERM there.",
    missingRights: (signal) =>
      missingRights('directories, idle times, bytes, and names beyond ASCII', { endHelper, page }, signal),
    end: ({ handle }, signal) => end(handle as SessionIdentity, false, signal),
    // SIGKILL ends also a child that is stopped. But its parent, which closes the connection, may hang itself, as in PAM.
    byForce: {
      leaves:
        'What PAM opened for the login is not closed, and vsftpd writes no line to its logs. What was uploaded of a file ' +
        'stays, as after an ordinary end.',
      end: ({ handle }, signal) => end(handle as SessionIdentity, true, signal),
    },
  }
}

const page = 'docs/servers/vsftpd.md'

const STATUS: Record<string, FtpSessionStatus | undefined> = {
  ...{ STOR: 'uploading', STOU: 'uploading', APPE: 'uploading', RETR: 'downloading' },
  ...{ LIST: 'listing', NLST: 'listing' },
}

function tellOf({ parent, child, title, login, ip, overTls, orphaned }: LiveSession): Told {
  const { pid, startTicks } = parent
  const { command, argument } = title.is === 'session' ? title : NOTHING
  const handle: SessionIdentity = { bootId: bootId(), pid, startTicks, login, ip }
  const status = login === null ? 'authenticating' : command === null ? 'idle' : (STATUS[command] ?? 'busy')
  const moves = status === 'uploading' || status === 'downloading'
  const session: ListedFtpSession = {
    key: `${bootId().slice(0, 12)}-${pid}-${startTicks}`,
    handle,
    status: title.is === 'unreadable' || (login !== null && title.is !== 'session') ? null : status,
    condition: title.is === 'unreadable' ? 'unreadable' : orphaned ? 'orphaned' : 'normal',
    command: command && `${command} ${argument}`.trim(),
    login,
    fileName: moves ? argument || null : null,
    transferredBytes: null,
    totalBytes: null,
    ip: ipOf(ip),
    // TLS gets a process of its own only at logon.
    protocol: login === null || child.pid === pid ? null : overTls ? 'ftps' : 'ftp',
  }
  // As it does with one that it names itself (STOU), and with one that must not be there yet: sysutil.c.
  return { session, pid: child.pid, startTicks, maySendfile: !overTls, mayAppend: true }
}

const NOTHING = { command: null, argument: '' }
