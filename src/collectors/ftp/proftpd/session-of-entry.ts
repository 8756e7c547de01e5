import type { FtpSessionStatus, ListedFtpSession } from '../../../session-source.js'
import { ipOf } from '../../../text/address.js'
import { asTyped } from '../os/moved-file.js'
import { isArgument } from './argument.js'
import type { SessionProcess } from '../os/session-process.js'
import type { ScoreboardEntry } from './scoreboard.js'

/** All that is known of a session at one look. */
export interface Observation {
  entry: ScoreboardEntry
  /** What the kernel says; null where it may not be asked, or need not be. */
  process: SessionProcess | null
  now: Date
}

/** What one look leaves for the next. */
export interface Snapshot {
  entry: ScoreboardEntry
  fields: Fields
  /** Which run of which command this was. */
  command: string
  /** The scoreboard's counters when the command was first seen, which may still be those of the transfer before. */
  counters: string
  /** Whether the counters have moved since, and so are the present transfer's. */
  counting: boolean
}

/** Every field that follows from the scoreboard and the kernel. */
export type Fields = Required<
  Pick<
    ListedFtpSession,
    | 'status'
    | 'command'
    | 'login'
    | 'location'
    | 'fileName'
    | 'transferredBytes'
    | 'totalBytes'
    | 'ip'
    | 'protocol'
    | 'connectedAt'
    | 'lastActiveAt'
  >
>

export function isLoggedIn(entry: Pick<ScoreboardEntry, 'user'>): boolean {
  return entry.user !== '(none)'
}

/** Over SSH a session looks idle between two packets of a transfer, and positions in files stay at 0. */
export function isOverSsh(entry: ScoreboardEntry): boolean {
  return entry.protocol === 'sftp' || entry.protocol === 'scp' || entry.protocol === 'ssh2'
}

export function runsCommand(entry: ScoreboardEntry): boolean {
  return entry.command !== '' && entry.command !== 'idle'
}

/** Whether a file was being moved at this look. */
export function isMoving(look: Snapshot | null): boolean {
  return look?.fields.status === 'uploading' || look?.fields.status === 'downloading'
}

/**
 * Whether only the kernel can tell how far a download is: it goes through sendfile(2), or has only just begun. Then the
 * file's position stays where the transfer began.
 */
export function isToldByKernelOnly(
  entry: ScoreboardEntry,
  { file, hasSockets }: Pick<SessionProcess, 'file' | 'hasSockets'>,
): boolean {
  return (
    entry.protocol === 'ftp' &&
    file?.direction === 'down' &&
    hasSockets &&
    file.size !== null &&
    file.position === file.size - entry.transferSize
  )
}

/** What a session is doing, from what is seen of it now and what was seen at the last look. */
export function look(seen: Observation, before: Snapshot | null): Snapshot {
  const { entry, process } = seen
  // The end of the last command is the start of this one. Over SSH every packet is a command: there it is the file.
  const command = isOverSsh(entry)
    ? `${entry.transferSize} ${process?.file?.path}`
    : `${entry.idleSince} ${entry.command} ${entry.argument}`
  const counters = `${entry.transferDone} ${entry.transferLength}`
  const same = before?.command === command
  const first = same ? before!.counters : counters
  const counting = counters !== first || (same && before!.counting)
  return { entry, fields: describe(seen, before, same, counting), command, counters: first, counting }
}

function describe(seen: Observation, before: Snapshot | null, same: boolean, counting: boolean): Fields {
  const { entry, process, now } = seen
  const status = statusOf(seen, before)
  const moving = status === 'uploading' || status === 'downloading'
  const fileName = moving ? fileNameOf(entry, process) : null
  const bytes = moving ? transferredOf(seen, status, counting) : null
  // When its connection is closed, the kernel forgets a transfer that is complete.
  const transferredBytes = bytes !== null && same ? Math.max(bytes, before!.fields.transferredBytes ?? 0) : bytes
  const argument = entry.argument && fileName ? fileName : entry.argument
  return {
    status,
    command: runsCommand(entry) ? `${entry.command} ${argument}`.trim() : null,
    login: isLoggedIn(entry) ? entry.user : null,
    location: isLoggedIn(entry) ? locationOf(entry, process) : null,
    fileName,
    transferredBytes,
    totalBytes: status === 'downloading' ? totalOf(entry, process, counting) : null,
    ip: ipOf(entry.clientAddress),
    protocol: protocolOf(entry),
    connectedAt: new Date(entry.beganAt * 1000),
    lastActiveAt: lastActiveOf(entry, transferredBytes, before, now),
  }
}

function statusOf({ entry, process }: Observation, before: Snapshot | null): FtpSessionStatus {
  if (!isLoggedIn(entry)) return 'authenticating'
  const known = statusOfCommand(entry)
  if (known) return known
  if (isOverSsh(entry)) {
    if (process?.file) return process.file.direction === 'up' ? 'uploading' : 'downloading'
    if (before && entry.transferDone > before.entry.transferDone) return 'downloading'
  }
  return runsCommand(entry) ? 'busy' : 'idle'
}

/** What a session does while this command runs; undefined for all that move and list nothing. */
export function statusOfCommand({ command }: ScoreboardEntry): FtpSessionStatus | undefined {
  return STATUS_OF_COMMAND[command]
}

const STATUS_OF_COMMAND: Record<string, FtpSessionStatus | undefined> = {
  ...{ STOR: 'uploading', STOU: 'uploading', APPE: 'uploading', RETR: 'downloading' },
  ...{ LIST: 'listing', NLST: 'listing', MLSD: 'listing' },
  // mod_sftp's names of SFTP's requests
  ...{ WRITE: 'uploading', READ: 'downloading', OPENDIR: 'listing', READDIR: 'listing' },
}

function transferredOf({ entry, process }: Observation, status: FtpSessionStatus, counting: boolean): number | null {
  const file = process?.file
  if (isOverSsh(entry)) {
    if (status === 'uploading') return file?.size ?? null
    const current = file ? entry.transferSize === file.size : counting
    return current ? entry.transferDone : null
  }
  if (file?.position == null) {
    if (!counting) return null
    return status === 'uploading' ? entry.transferLength : entry.transferDone || null
  }
  if (!isToldByKernelOnly(entry, process!)) return file.position
  const received = receivedOf(process!)
  return received === null ? null : Math.min(file.position + received, file.size!)
}

/** What has arrived of a download; nothing while its socket waits for a connection. */
function receivedOf({ connections }: SessionProcess): number | null {
  return !connections || connections.data === undefined ? null : (connections.data?.confirmed ?? 0)
}

function totalOf(entry: ScoreboardEntry, process: SessionProcess | null, counting: boolean): number | null {
  if (process?.file) return process.file.size
  // Over FTP the scoreboard has what was left to send, and does not say from where: over SFTP it has the whole.
  return isOverSsh(entry) && counting ? entry.transferSize : null
}

/** As the client named it: by the file that is open where it is that, else as the scoreboard has it. */
function fileNameOf(entry: ScoreboardEntry, process: SessionProcess | null): string | null {
  const { argument } = entry
  const path = process?.file?.path
  // Over SFTP the argument may be the number that the file was given.
  if (process && isOverSsh(entry)) return path ?? null
  if (!path) return argument || null
  const name = asTyped(argument, path, process.cwd)
  if (argument === '') return name
  // HiddenStores: an upload is called `.in.NAME.` until it is complete.
  const shown = name.replace(/(^|\/)\.in\.([^/]*)\.$/, '$1$2')
  return [name, shown].find((one) => isArgument(entry, one)) ?? argument
}

function locationOf({ cwd, cwdCut }: ScoreboardEntry, process: SessionProcess | null): string | null {
  return cwdCut && process?.cwd?.startsWith(cwd) ? process.cwd : cwd || null
}

function protocolOf(entry: ScoreboardEntry): 'ftp' | 'ftps' | 'sftp' | null {
  if (isOverSsh(entry)) return 'sftp'
  return entry.protocol === 'ftp' || entry.protocol === 'ftps' ? entry.protocol : null
}

function lastActiveOf(entry: ScoreboardEntry, bytes: number | null, before: Snapshot | null, now: Date): Date {
  const moved =
    typeof before?.fields.transferredBytes === 'number' && bytes !== null && bytes !== before.fields.transferredBytes
  if (moved) return now
  const since = (entry.idleSince || entry.beganAt) * 1000
  return new Date(Math.max(since, before?.fields.lastActiveAt?.getTime() ?? 0))
}
