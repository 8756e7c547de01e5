import { z } from 'zod'
import type { FtpSessionStatus, FtpSource, ListedFtpSession } from '../../../session-source.js'
import { ipOf } from '../../../text/address.js'
import { inSlices } from '../../../timing/event-loop.js'
import { absolutePath, checkOptions, optionsOf, sourceName } from '../../check-options.js'
import { sessionCompleter, type Told } from '../os/complete-sessions.js'
import { missingRights, orAsRoot } from '../os/end-process.js'
import { expectOwnProc } from '../os/pid-namespace.js'
import { bootId, processStat } from '../os/proc.js'
import { type AccountOptions, accountOptions, accountWarnings, ownersOf } from '../shared/accounts.js'
import { endSession, type SessionIdentity } from './end-pure-ftpd-session.js'
import { isWithoutServer, mayBeSession } from './pure-ftpd-processes.js'
import { runWho, type WhoRow } from './pure-ftpwho.js'
import { expectListHere, expectServer, explainStrangers } from './pure-ftpd-server.js'

/** Options of `pureFtpd`. */
export interface PureFtpdOptions extends AccountOptions {
  /**
   * The source's name, unique on its host.
   * @default 'pure-ftpd'
   */
  name?: string
  /**
   * The path of pure-ftpwho, which comes with Pure-FTPd. A back office that is not root runs it through `sudo -n`: see
   * docs/servers/pure-ftpd.md for the line in sudoers.
   * @default '/usr/sbin/pure-ftpwho'
   */
  program?: string
  /**
   * Whether inetd or systemd starts Pure-FTPd for each connection. Then that nothing of it runs, where its list has no
   * entries, means that there are no sessions; otherwise, that it has failed.
   * @default false
   */
  inetd?: boolean
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/pure-ftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
}

const shape = optionsOf({
  name: sourceName.default('pure-ftpd'),
  program: absolutePath.default('/usr/sbin/pure-ftpwho'),
  inetd: z.boolean({ error: 'true or false' }).default(false),
  endHelper: absolutePath.optional(),
  ...accountOptions,
})

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
  const { name, program, inetd, endHelper, ...accounts } = checkOptions('pureFtpd', shape, options)
  const serverRuns = expectServer(program)
  const listIsHere = expectListHere(program)
  const complete = sessionCompleter()
  const addOwners = ownersOf(name, accounts)

  async function end(
    identity: SessionIdentity,
    by: 'SIGTERM' | 'SIGKILL',
    signal: AbortSignal,
    fresh: () => Promise<ListedFtpSession[]>,
  ) {
    // Of the last one that has gone there may be no list any more.
    if (hasGone(identity)) return 'already-gone'
    const handles = (await fresh()).map(({ handle }) => handle as SessionIdentity)
    signal.throwIfAborted()
    const now = handles.find(({ pid, startTicks }) => pid === identity.pid && startTicks === identity.startTicks)
    return orAsRoot({ endHelper, page, force: by === 'SIGKILL' }, identity, signal, () =>
      endSession(identity, now ?? null, by),
    )
  }

  return {
    name,
    kind: 'ftp',
    evidence: 'live',
    async list(signal) {
      expectOwnProc()
      if (!inetd) await serverRuns(signal)
      else if (!(await listIsHere(signal))) return []
      const rows = await runWho(program, signal)
      const told: Told[] = []
      let strangers = 0
      await inSlices(rows, signal, (row) => {
        const stat = processStat(row.pid)
        // It was killed and left its entry, and another process has got its pid; or its pid is of another PID namespace.
        if (stat && !mayBeSession(stat)) strangers++
        else if (stat) told.push(tellOf(row, stat.startTicks, !inetd && isWithoutServer(stat)))
      })
      if (inetd && strangers > 0 && told.length === 0) throw new Error(await explainStrangers(signal))
      return addOwners(await complete(told, signal), signal)
    },
    ...accountWarnings(accounts),
    endsBy: "SIGTERM to the session's process, after checking it anew.",
    missingRights: (signal) =>
      missingRights('directories, idle times, and bytes to the last one', { endHelper, page }, signal),
    end: ({ handle }, signal, fresh) => end(handle as SessionIdentity, 'SIGTERM', signal, fresh),
    byForce: {
      leaves: 'What was uploaded of a file stays, as after an ordinary end.',
      end: ({ handle }, signal, fresh) => end(handle as SessionIdentity, 'SIGKILL', signal, fresh),
    },
  }
}

const page = 'docs/servers/pure-ftpd.md'

const STATUS: Record<WhoRow['state'], FtpSessionStatus | null> = {
  ...{ IDLE: 'idle', DL: 'downloading', UL: 'uploading', 'ERR!': null },
}

const hasGone = (session: SessionIdentity) =>
  session.bootId !== bootId() || processStat(session.pid)?.startTicks !== session.startTicks

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
    ip: ipOf(peer),
    // Whether it goes over TLS is nowhere to be seen.
    protocol: null,
  }
  return { session, pid, startTicks, maySendfile: false, mayAppend: false }
}
