import { basename, dirname } from 'node:path'
import type { FtpSource, ListedFtpSession, Notes } from '../../../session-source.js'
import { inBatches, inSlices } from '../../../timing/event-loop.js'
import { absolutePath, checkOptions, optionsOf, sourceName, text } from '../../check-options.js'
import { watchDirectory } from '../../watch-directory.js'
import { missingRights, orAsRoot } from '../os/end-process.js'
import { SessionProcesses } from '../os/session-process.js'
import { type AccountOptions, accountOptions, accountWarnings, ownerOf } from '../shared/accounts.js'
import { applyBans } from './bans.js'
import { endSession, type SessionIdentity } from './end-proftpd-session.js'
import { liveSessions } from './live-proftpd-sessions.js'
import { isToldByKernelOnly } from './session-of-entry.js'
import { isByInetd } from './scoreboard-file.js'
import { see, type KnownSession } from './sight.js'
import { askedOf } from './sought.js'

/** Options of `proftpd`. */
export interface ProftpdOptions extends AccountOptions {
  /**
   * The path of ProFTPD's scoreboard, as `ScoreboardFile` has it in proftpd.conf.
   * @default '/run/proftpd.scoreboard'
   */
  scoreboard?: string
  /**
   * The source's name, unique on its host: give each ProFTPD of a host its own.
   * @default 'proftpd'
   */
  name?: string
  /**
   * Logins that are anonymous: the `User` of each `<Anonymous>` in proftpd.conf, for that is what ProFTPD keeps.
   * @default ['ftp', 'anonymous']
   */
  anonymous?: string[]
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/proftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
  /**
   * Lets logins and addresses be kept out, through mod_ban and `ftpdctl`: needs `BanEngine on`, `ControlsEngine on` and
   * the right to `ban` and `permit` in `BanControlsACLs`. Without it nobody can be kept out.
   * @example controls: { socket: '/run/proftpd/proftpd.sock' }
   */
  controls?: {
    /** @default 'ftpdctl', found on the PATH */
    ftpdctl?: string
    /** The path that `ControlsSocket` has in proftpd.conf; without it ftpdctl's own default. */
    socket?: string
  }
}

const shape = optionsOf({
  scoreboard: absolutePath.default('/run/proftpd.scoreboard'),
  name: sourceName.default('proftpd'),
  ...accountOptions,
  endHelper: absolutePath.optional(),
  controls: optionsOf(
    { ftpdctl: text('the name or path of a program').default('ftpdctl'), socket: absolutePath.optional() },
    'an object',
  ).optional(),
})

/**
 * The sessions of a ProFTPD on this machine, read from its scoreboard file and, as far as the back office may, completed
 * from /proc and the kernel's sockets.
 *
 * Any user may read; names that the scoreboard has cut, the progress of downloads, and ending a session take root, or
 * less: see docs/servers/proftpd.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * const sessions = await createSessions({ componentLoader, access, sources: [proftpd()] })
 * @example
 * proftpd({
 *   scoreboard: '/var/run/proftpd/proftpd.scoreboard',
 *   accounts: async (login) => ({ type: 'domain-user', domain: await domainOf(login) }),
 * })
 * @see http://www.proftpd.org/docs/howto/Scoreboard.html
 */
export function proftpd(options: ProftpdOptions = {}): FtpSource {
  const settings = checkOptions('proftpd', shape, options)
  const { scoreboard, name, controls, endHelper } = settings
  const findLive = liveSessions(scoreboard)
  // Its control connection is always the standard input.
  const processes = new SessionProcesses(false)
  let seen = new Map<string, KnownSession>()
  let notes: Notes | null = null

  async function list(signal: AbortSignal): Promise<ListedFtpSession[]> {
    signal.throwIfAborted()
    const live = await findLive(signal)
    const now = new Date()
    const toRead = live.map(({ key, entry }) => {
      const knowsRest = (loggedIn: boolean) => processes.knowsRest(key, loggedIn)
      return { key, pid: entry.pid, entry, asked: askedOf(entry, seen.get(key)?.look ?? null, knowsRest, now) }
    })
    const read = await processes.read(toRead, signal, ({ entry }, found) => isToldByKernelOnly(entry, found))

    const next: KnownSession[] = []
    await inSlices(live.entries(), signal, ([i, found]) => {
      const sight = { ...found, before: seen.get(found.key) ?? null, process: read[i]! }
      next.push(see(sight, { scoreboard, now }))
    })
    const unknown = next.filter(({ session, owner }) => session.login && !owner)
    await inBatches(unknown, signal, async (one) => {
      one.owner = await ownerOf('proftpd', one.session, settings, one.entry.serverLabel || null)
      one.session = { ...one.session, ...one.owner }
    })
    seen = new Map(next.map((one) => [one.session.key, one]))
    return next.map(({ session }) => session)
  }

  async function end(identity: SessionIdentity, by: 'SIGTERM' | 'SIGKILL', signal: AbortSignal) {
    signal.throwIfAborted()
    return orAsRoot({ endHelper, page, force: by === 'SIGKILL' }, identity, signal, () => endSession(identity, by))
  }

  return {
    name,
    kind: 'ftp',
    evidence: 'live',
    list,
    ...accountWarnings(settings),
    end: ({ handle }, signal) => end(handle as SessionIdentity, 'SIGTERM', signal),
    byForce: {
      leaves:
        'ProFTPD writes no line to its logs. What was uploaded of a file stays, with HiddenStores as a hidden .in. file. ' +
        'Its own tools show the session for up to 30 s more.',
      end: ({ handle }, signal) => end(handle as SessionIdentity, 'SIGKILL', signal),
    },
    endsBy: "SIGTERM to the session's process, after checking it anew.",
    async missingRights(signal) {
      const sees = 'names longer than 79 bytes, sizes, and the progress of sendfile downloads'
      return [
        ...(await missingRights(sees, { endHelper, page }, signal)),
        ...(controls && isByInetd(scoreboard) ? [NO_CONTROLS] : []),
      ]
    },
    start(site, signal) {
      notes = site.notes
      // A hint only: during a transfer by sendfile(2) nothing is written. Polling goes on also where watching fails.
      const watching = watchDirectory(dirname(scoreboard), () => site.changed(), signal, basename(scoreboard))
      watching.catch(() => undefined)
    },
    ...(controls && {
      keepOut: {
        by: ['login', 'ip'],
        async apply(all, signal) {
          if (!notes) throw new Error(`${name}: nobody can be kept out before the source has been started.`)
          if (isByInetd(scoreboard)) throw new Error(NO_CONTROLS)
          await applyBans(all, notes, controls, signal)
        },
      },
    }),
  }
}

const page = 'docs/servers/proftpd.md'

const NO_CONTROLS =
  'Nobody can be kept out: ProFTPD is started for each connection here, so there is no process that ftpdctl could speak to. ' +
  'Run it with ServerType standalone.'
