import { setTimeout as sleep } from 'node:timers/promises'
import { inSlices } from '../../../timing/event-loop.js'
import { expectOwnProc, HOW_TO_SHARE } from '../os/pid-namespace.js'
import { allPids, isInOtherUserNamespace, type ProcessStat, processStat, standingOf, titleOf } from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'

/** A session of vsftpd: the process that took the connection, and the one that serves the client now. */
export interface LiveSession {
  /** It keeps its pid for the session's life. */
  parent: ProcessStat
  /** Made anew at logon. The parent itself between the two, and with `one_process_model`. */
  child: ProcessStat
  title: Title
  /**
   * Null before logon, and where no title has told it. A parent that outlives the process that served its client, as one
   * does that hangs, has the login that this one had.
   */
  login: string | null
  /** The client's address, as the parent's title has it. */
  ip: string | null
  overTls: boolean
  /** The server has gone, and the session has outlived it. */
  orphaned: boolean
}

/** A process that runs vsftpd. */
export interface Titled {
  stat: ProcessStat
  title: Title
  /** The user that it was started by; null where it has gone. */
  uid: number | null
}

/**
 * Whether it is root's, or this process's own user's, as with `run_as_launching_user=YES`: nobody else can have started
 * it. 65534 is whoever has no number in this user namespace: see user_namespaces(7).
 */
export function isTrusted({ uid }: Titled): boolean {
  return uid === 0 || (uid !== 65_534 && uid === process.getuid?.())
}

/**
 * Finds the sessions of every vsftpd of this machine by the titles of its processes. A session is a child of a
 * listener; or was one when it was last looked at, and has outlived it. Listeners are root's, or the back office's own
 * user's: nobody else can pass for one.
 *
 * The finder throws where vsftpd does not run, has no titles, is another user's, or is run by inetd: a message for the admin.
 */
export function liveSessions(
  find: (signal: AbortSignal) => Promise<Titled[]> = allOfVsftpd,
): (signal: AbortSignal) => Promise<LiveSession[]> {
  let known = new Map<number, LiveSession>()

  return async (signal) => {
    const all = await findTitled(find, signal)
    const listeners = new Set(
      all.filter((one) => one.title.is === 'listener' && isTrusted(one)).map(({ stat }) => stat.pid),
    )
    const before = ({ pid, startTicks }: ProcessStat) => {
      const session = known.get(pid)
      return session?.parent.startTicks === startTicks ? session : null
    }
    if (listeners.size === 0 && !all.some(({ stat }) => before(stat))) throw new Error(explain(all))
    const untitled = all.filter(isUntitled)
    if (untitled.length > 0) throw new Error(explain(untitled))

    const children = new Map<number, Titled[]>()
    for (const one of all) children.set(one.stat.parent, [...(children.get(one.stat.parent) ?? []), one])
    const sessions = all.flatMap((one) => {
      const orphaned = !listeners.has(one.stat.parent)
      // One that is just made still has its listener's title.
      if (one.title.is === 'listener' || (orphaned && !before(one.stat))) return []
      const session = sessionOf(one, children.get(one.stat.pid) ?? [], orphaned)
      return [isBetween(session) ? { ...session, login: before(one.stat)?.login ?? null } : session]
    })
    known = new Map(sessions.map((session) => [session.parent.pid, session]))
    return sessions
  }
}

/** How long a vsftpd that is just being started may take to give itself a title, in ms. */
const titledWithin = 150

/** Those without a title are looked at again: one that is just being started has none yet. */
async function findTitled(find: (signal: AbortSignal) => Promise<Titled[]>, signal: AbortSignal): Promise<Titled[]> {
  const all = await find(signal)
  if (!all.some(isUntitled)) return all
  await sleep(titledWithin, undefined, { signal })
  return find(signal)
}

/** Nobody else can stop the list by calling a process so. */
const isUntitled = (one: Titled) => one.title.is === 'untitled' && isTrusted(one)

/** Whether no process serves the client: while somebody logs in, and where the parent hangs after that one's end. */
export function isBetween({ parent, child, title }: LiveSession): boolean {
  return child.pid === parent.pid && title.is === 'connected'
}

/** The session of one parent as it is this moment; null where it has gone. */
export function sessionOfParent(pid: number): LiveSession | null {
  const stat = processStat(pid)
  if (!stat) return null
  const children = allPids().flatMap((other) => {
    const child = processStat(other)
    return child?.parent === pid ? [titled(child)] : []
  })
  return sessionOf(titled(stat), children, false)
}

function sessionOf(top: Titled, children: Titled[], orphaned: boolean): LiveSession {
  const { stat, title } = top
  const serving = children.find((child) => child.title.is !== 'ssl-handler') ?? top
  return {
    parent: stat,
    child: serving.stat,
    title: serving.title,
    login: serving.title.is === 'session' ? serving.title.login : null,
    ip: 'ip' in title ? title.ip : 'ip' in serving.title ? serving.title.ip : null,
    overTls: children.some((child) => child.title.is === 'ssl-handler'),
    orphaned,
  }
}

async function allOfVsftpd(signal: AbortSignal): Promise<Titled[]> {
  expectOwnProc()
  const all: Titled[] = []
  await inSlices(allPids(), signal, (pid) => {
    const stat = processStat(pid)
    if (stat && isProgram('vsftpd', programOf(stat))) all.push(titled(stat))
  })
  return all
}

/** What a process calls itself; null where there is none. */
export function titledAt(pid: number): Titled | null {
  const stat = pid > 0 ? processStat(pid) : null
  return stat && titled(stat)
}

function titled(stat: ProcessStat): Titled {
  // Not the owner of its directory in /proc, which is the effective user: root's for whoever runs a setuid program.
  return { stat, title: readTitle(titleOf(stat.pid)), uid: standingOf(stat.pid)?.realUid ?? null }
}

function explain(found: Titled[]): string {
  if (found.length === 0)
    return `vsftpd does not run: there is no process of it. Start it. If it runs in a container, ${HOW_TO_SHARE}.`
  const pids = found.slice(0, 5).map(({ stat }) => stat.pid)
  const listener = found.find(({ title }) => title.is === 'listener')
  if (listener) return explainUser(listener)
  if (found.some(({ title }) => title.is === 'untitled')) {
    return (
      `vsftpd runs (process ${pids.join(', ')}) and does not say what it does. ` +
      'Set setproctitle_enable=YES in each vsftpd.conf, and restart vsftpd.'
    )
  }
  return (
    `vsftpd runs (process ${pids.join(', ')}), and none of it is a listener: its sessions cannot be told from strangers. ` +
    'Let it listen by itself, with listen=YES or listen_ipv6=YES in vsftpd.conf, not through inetd. Sessions whose listener ' +
    'has crashed are known to who saw them before: start vsftpd.'
  )
}

/** Whose listener is there, where it is no trusted one. */
function explainUser({ stat: { pid }, uid }: Titled): string {
  const why = `vsftpd runs as user ${uid} (process ${pid}), which anybody could pass for: its sessions cannot be told from strangers.`
  if (isInOtherUserNamespace(pid)) {
    return (
      `${why} It is in another user namespace, as a rootless container is: run the back office in that one, where it is ` +
      `root's, and ${HOW_TO_SHARE}.`
    )
  }
  return `${why} With run_as_launching_user=YES in vsftpd.conf, run the back office as that user; else let root start vsftpd.`
}

/** What a vsftpd process says of itself, with `setproctitle_enable=YES`. */
export type Title =
  | { is: 'listener' }
  /** The parent of a session's other processes; it lasts as long as the session. */
  | { is: 'connected'; ip: string }
  | { is: 'not-logged-in'; ip: string }
  | { is: 'ssl-handler'; ip: string }
  | { is: 'session'; ip: string; login: string; command: string | null; argument: string }
  /** It has a title, and that says none of these: it was cut off, or another vsftpd has other titles. */
  | { is: 'unreadable' }
  | { is: 'untitled' }

/**
 * Reads the title of a vsftpd process: `vsftpd: LISTENER`, `vsftpd: IP: connected`, `vsftpd: IP: not logged in`,
 * `vsftpd: IP: SSL handler`, `vsftpd: IP/LOGIN: IDLE` or `vsftpd: IP/LOGIN: COMMAND ARGUMENT`. All but printable ASCII
 * has become `?`. vsftpd writes it over its arguments and environment and cuts off what does not fit.
 *
 * Before the first `: ` of capitals is the login: neither a file nor a command can pass for one.
 */
export function readTitle(title: string): Title {
  if (!title.startsWith('vsftpd: ')) return { is: 'untitled' }
  const text = title.slice('vsftpd: '.length)
  if (text === 'LISTENER') return { is: 'listener' }
  const [, ip, state] = /^([0-9a-fA-F.:]+): (connected|not logged in|SSL handler)$/.exec(text) ?? []
  if (ip) return { is: STATES[state as keyof typeof STATES], ip }
  const [, from, login, command, argument] = SESSION.exec(text) ?? []
  if (!from) return { is: 'unreadable' }
  return {
    is: 'session',
    ip: from,
    login: login!,
    command: command === 'IDLE' ? null : command!,
    argument: argument ?? '',
  }
}

const STATES = { connected: 'connected', 'not logged in': 'not-logged-in', 'SSL handler': 'ssl-handler' } as const
const SESSION = /^([0-9a-fA-F.:]+)\/(.+?): ([A-Z]{3,4}|IDLE)(?: (.*))?$/
