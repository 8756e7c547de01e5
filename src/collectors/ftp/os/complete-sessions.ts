import type { ListedFtpSession } from '../../../session-source.js'
import { type Asked, asTyped } from './moved-file.js'
import { bootedAt, startedAt } from './proc.js'
import { type SessionProcess, SessionProcesses } from './session-process.js'
import type { Connection } from './tcp-connections.js'

/** A session as its server tells of it, before the kernel is asked. */
export interface Told {
  session: ListedFtpSession
  /** The process that has the session's directory, files and connections. */
  pid: number
  /** When the process that took the connection began: see `processStat`. */
  startTicks: number
  /** Whether the server may send by sendfile(2), under which a file's position stands still. */
  maySendfile: boolean
  /** Whether it appends to a file that is uploaded. */
  mayAppend: boolean
}

/** What is kept of a session from one list to the next. */
interface Before {
  connectedAt: Date
  lastActiveAt: Date | null
  transferredBytes: number | null
  progress: Progress | null
}

/** How a download goes: by the inode of its data connection, which no other transfer has. */
interface Progress {
  socket: string
  position: number
  /** What had been handed to the kernel when the position came to where it is. */
  handedOver: number
  by: 'copying' | 'sendfile' | null
  bytes: number
}

/**
 * Completes what a server tells of its sessions by what the kernel knows: the current directory, idle time, and the bytes
 * that have truly arrived. As far as the back office may look into a session's process (root or CAP_SYS_PTRACE);
 * otherwise location and last activity are null, and bytes are as the server counts them.
 *
 * `connectedAt` is when the session's process began: servers fork when they have accepted the connection.
 */
export function sessionCompleter(): (told: Told[], signal: AbortSignal) => Promise<ListedFtpSession[]> {
  // These servers open their logs before a session's process or for a moment, and keep no tables open.
  const processes = new SessionProcesses(true)
  let seen = new Map<string, Before>()

  function askedOf({ session, mayAppend }: Told): Asked {
    const { key, status, fileName } = session
    const direction = status === 'uploading' ? 'up' : status === 'downloading' ? 'down' : null
    if (!direction) return processes.knowsControl(key) ? { for: 'directory' } : { for: 'transfer', sought: [] }
    return {
      for: 'transfer',
      sought: [{ direction, name: fileName ?? '', cut: false, opensNoOther: true, mayAppend }],
    }
  }

  return async (told, signal) => {
    const toRead = told.map((one) => ({ key: one.session.key, pid: one.pid, asked: askedOf(one) }))
    const read = await processes.read(toRead, signal)
    const now = new Date()
    const booted = bootedAt()
    const next = new Map<string, Before>()
    const sessions = told.map((one, i) => {
      const before = seen.get(one.session.key)
      const connectedAt = before?.connectedAt ?? startedAt(one, booted)
      const { progress, ...fields } = complete(one, read[i]!, before, now)
      const session = { ...one.session, connectedAt, ...fields }
      const { transferredBytes, lastActiveAt } = session
      next.set(session.key, { connectedAt, lastActiveAt, transferredBytes, progress })
      return session
    })
    seen = next
    return sessions
  }
}

function complete(
  { session, maySendfile }: Told,
  process: SessionProcess | null,
  before: Before | undefined,
  now: Date,
) {
  const { file = null, cwd = null, connections = null } = process ?? {}
  const name = session.fileName ?? null
  const fileName = file?.path ? wholeName(name ?? '', asTyped(name ?? '', file.path, cwd)) : name
  let transferredBytes = session.transferredBytes ?? null
  let progress: Progress | null = null
  if (session.status === 'uploading' && file?.position != null) transferredBytes = file.position
  if (session.status === 'downloading' && connections) {
    // The server's own count of what it has sent is nearer than how far it has read ahead.
    const counted = session.transferredBytes ?? file?.position ?? null
    const { data } = connections
    const told = counted !== null && data !== undefined
    progress = told ? follow(counted, data, maySendfile, before?.progress ?? null) : null
    const arrived = progress && progress.by !== null ? progress.bytes : null
    transferredBytes = arrived !== null && file?.size != null ? Math.min(arrived, file.size) : arrived
  }
  const moved =
    before?.transferredBytes != null && transferredBytes !== null && transferredBytes !== before.transferredBytes
  return {
    location: session.login == null ? null : cwd,
    fileName,
    command: name && fileName ? (session.command?.replace(name, () => fileName) ?? null) : (session.command ?? null),
    transferredBytes,
    totalBytes: session.status === 'downloading' ? (file?.size ?? session.totalBytes ?? null) : null,
    lastActiveAt: moved ? now : lastHeardOf(connections?.control ?? null, before, now),
    progress,
  }
}

/** The name as the client gave it, where the server has that whole; else as the open file has it. */
function wholeName(given: string, real: string): string {
  // vsftpd puts `?` for each byte that is not printable ASCII.
  const printable = Buffer.from(real)
    .toString('latin1')
    .replace(/[^ -~]/g, '?')
  return given.includes('?') || real.startsWith(given) || printable.startsWith(given) ? real : given
}

/**
 * How much of a download has arrived. Of a file that is read and written, what was read less what is still under way;
 * of one that goes by sendfile(2), where it began plus what the client has confirmed. Which it is, is seen by whether
 * the file's position moves: until then, nothing is said of a resumed one.
 */
function follow(
  position: number,
  data: Connection | null,
  maySendfile: boolean,
  before: Progress | null,
): Progress | null {
  if (!data) return { socket: '', position, handedOver: 0, by: position === 0 ? 'copying' : null, bytes: 0 }
  const handedOver = data.confirmed + data.underWay
  const last = before?.socket === data.inode ? before : null
  const stands = last?.position === position
  const since = stands ? last.handedOver : handedOver
  let by = maySendfile ? (last?.by ?? null) : 'copying'
  if (last && !stands) by = 'copying'
  else if (by === null && (position === 0 || handedOver - since > LARGEST_BUFFER)) by = 'sendfile'
  const arrived = by === 'sendfile' ? position + data.confirmed : Math.max(data.confirmed, position - data.underWay)
  return { socket: data.inode, position, handedOver: since, by, bytes: Math.max(arrived, last?.bytes ?? 0) }
}

/** No server that is asked here reads more of a file at once before it writes that, where it may use sendfile(2) too. */
const LARGEST_BUFFER = 256 << 10

/** When the client last sent something, to the second: what differs by less is the same moment seen twice. */
function lastHeardOf(control: Connection | null, before: Before | undefined, now: Date): Date | null {
  if (control?.quietFor == null) return null
  const heard = new Date(now.getTime() - control.quietFor)
  const last = before?.lastActiveAt
  return last && heard.getTime() - last.getTime() < 1000 ? last : heard
}
