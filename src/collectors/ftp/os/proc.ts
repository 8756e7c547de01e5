import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { decodeName } from '../../../text/decode-name.js'

/*
 * What the sources of FTP servers on this machine share of /proc. Formats: proc(5). Reading /proc touches no disk, so it
 * is done synchronously, which costs a tenth of the asynchronous way; whoever reads it for many processes does so
 * `inSlices` (src/timing/event-loop.ts).
 */

/** What `/proc/PID/stat` says; every user may read it. */
export interface ProcessStat {
  pid: number
  /** The program's name, at most 15 bytes. */
  comm: string
  parent: number
  /** When it began, in ticks since the machine did. With its pid and the boot id it names this process for ever. */
  startTicks: number
  /** The kernel's session that it is in, by the pid of who leads that (setsid(2)): its own where systemd or inetd started it. */
  kernelSession: number
}

/** An open file of a process. */
export interface OpenFile {
  /** A path that opens or stats this very file, also a deleted one: `/proc/PID/fd/N`. */
  handle: string
  /** Where it was when it was opened; `socket:[123]` for a socket. */
  path: string
  deleted: boolean
}

let boot: string | undefined

/**
 * The running boot's id, 32 hexadecimal digits: pids and ticks begin anew with each boot.
 *
 * @example
 * // A key that no other process ever has, on this machine.
 * const key = `${bootId().slice(0, 12)}-${pid}-${startTicks}`
 */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '')
  return boot
}

/**
 * A process that runs, or null where there is none; one that has ended and only waits for its parent counts as none, and
 * so does the id of a thread, under which the system would signal the whole of its process.
 *
 * @example
 * const session = processStat(pid)
 * if (session?.startTicks !== handle.startTicks) return 'already-gone'
 * @throws where /proc does not show this process although it runs
 */
export function processStat(pid: number): ProcessStat | null {
  const text = readProc(`/proc/${pid}/stat`)
  if (text === null) {
    if (mayBeRunning(pid)) throw new Error(HIDDEN)
    return null
  }
  // The name is in brackets and may hold brackets and spaces itself.
  const end = text.lastIndexOf(')')
  const [state, parent, , kernelSession, ...rest] = text.slice(end + 2).split(' ')
  if (state === 'Z' || state === 'X') return null
  // The signal at its end, which a thread has none of: so the kernel tells them apart itself (thread_group_leader() in
  // its include/linux/sched/signal.h).
  if (Number(rest[31]) < 0) return null
  return {
    pid,
    comm: text.slice(text.indexOf('(') + 1, end),
    parent: Number(parent),
    startTicks: Number(rest[15]),
    kernelSession: Number(kernelSession),
  }
}

const HIDDEN =
  '/proc does not show the processes of other users, so it cannot be known which sessions live. ' +
  'Let the back office see them: no hidepid for its user on /proc, no ProtectProc=invisible in its systemd unit.'

function mayBeRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  // It has come, or gone, between the two looks.
  return false
}

/** A cheap look at whether a pid is taken, by whomsoever. */
export function isTaken(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

/**
 * Every pid there is, of threads' leaders alone.
 *
 * @example
 * const sessions = allPids().flatMap((pid) => {
 *   const stat = processStat(pid)
 *   return stat && isProgram('my-ftpd', programOf(stat)) ? [stat] : []
 * })
 * @throws where /proc does not show the processes of other users
 */
export function allPids(): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  // Who may not see others' processes (hidepid) does not see that one.
  if (!pids.includes(1)) processStat(1)
  return pids
}

/** When the machine began by today's clock, in seconds since 1970: it moves when the clock is set. */
export function bootedAt(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
}

/** USER_HZ, the unit of /proc's ticks: 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100

/**
 * When a process began, to a hundredth of a second, by today's clock: a clock that is set moves it. For a server that
 * forks for each connection, when its session connected.
 *
 * @param booted what `bootedAt` gives, where many are asked for at once
 * @example
 * const connectedAt = startedAt(processStat(pid)!)
 */
export function startedAt({ startTicks }: Pick<ProcessStat, 'startTicks'>, booted = bootedAt()): Date {
  return new Date((booted + startTicks / TICKS_PER_SECOND) * 1000)
}

/** The program file that a process runs; null where that may not be read or the process has gone. */
export function executableOf(pid: number): string | null {
  return linkOf(`/proc/${pid}/exe`)?.path ?? null
}

/**
 * Where a process is and what its root is, as absolute paths of this process's own root; null where that may not be read
 * (it takes root, or CAP_SYS_PTRACE), or the process has gone.
 *
 * @example
 * const at = directoriesOf(pid)
 * const location = at && seenFrom(at.root, at.cwd)
 */
export function directoriesOf(pid: number): { cwd: string; root: string } | null {
  const cwd = linkOf(`/proc/${pid}/cwd`)?.path
  const root = linkOf(`/proc/${pid}/root`)?.path
  return cwd && root ? { cwd, root } : null
}

/**
 * A path as a process with another root sees it, or null where it lies outside: a server locks most of its clients in
 * (chroot), and what they are shown is what they know.
 *
 * @example
 * seenFrom('/home/alice', '/home/alice/pub') // '/pub'
 */
export function seenFrom(root: string, path: string): string | null {
  if (root === '/') return path
  if (path === root) return '/'
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null
}

/**
 * The user that a process was started by, the one that it acts as (a server that has become its client, before logon mostly
 * root), and its number in each PID namespace, from this /proc's inward; null where it has gone. Every user may read it.
 */
export function standingOf(pid: number | 'self'): { realUid: number; effectiveUid: number; numbers: number[] } | null {
  const status = readProc(`/proc/${pid}/status`)
  const uid = status && /^Uid:\s*(\d+)\s+(\d+)/m.exec(status)
  if (!uid) return null
  // A kernel without PID namespaces has no such line.
  const numbers = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number)
  const [realUid, effectiveUid] = [Number(uid[1]), Number(uid[2])]
  return { realUid, effectiveUid, numbers: numbers ?? [pid === 'self' ? process.pid : pid] }
}

/** Whether a process is in another user namespace than this one, as in a rootless container: root there is somebody else here. */
export function isInOtherUserNamespace(pid: number): boolean {
  return readProc(`/proc/${pid}/uid_map`) !== readProc('/proc/self/uid_map')
}

/**
 * What a process calls itself, as `ps` shows it, byte for byte as ISO 8859-1; empty where it has ended. Every user may
 * read it, and a process may write whatever it likes there.
 * @see `/proc/PID/cmdline` in proc(5)
 */
export function titleOf(pid: number): string {
  try {
    return readShort(`/proc/${pid}/cmdline`).replace(/\0[^]*$/, '')
  } catch {
    return ''
  }
}

/**
 * The open files of a process, sockets and pipes as well; null where they may not be read (it takes root, or
 * CAP_SYS_PTRACE), or the process has gone.
 *
 * @example
 * const upload = openFilesOf(pid)?.find(({ path }) => path === `${root}/incoming/a.bin`)
 * const bytes = upload && positionOf(upload)?.position
 */
export function openFilesOf(pid: number): OpenFile[] | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
      const handle = `/proc/${pid}/fd/${number}`
      const link = readableLinkOf(handle)
      return link ? [{ handle, ...link }] : []
    })
  } catch {
    return null
  }
}

/**
 * How far an open file has been read or written, in bytes from its beginning, and how it was opened (the flags of
 * open(2)). It stands still while sendfile(2) sends the file, and at 0 where it is read by pread(2). Null where it has
 * been closed. Its inode is null before Linux 5.14. The file itself is not touched: that may take for ever where its disk
 * hangs.
 */
export function positionOf(file: OpenFile): { position: number; flags: number; inode: string | null } | null {
  const text = readProc(file.handle.replace('/fd/', '/fdinfo/'))
  const found = text && /^pos:\s*(\d+)\s+flags:\s*([0-7]+)$/m.exec(text)
  if (!found) return null
  const inode = /^ino:\s*(\d+)$/m.exec(text)?.[1] ?? null
  return { position: Number(found[1]), flags: parseInt(found[2]!, 8), inode }
}

const DELETED = ' (deleted)'

function linkOf(path: string): { path: string; deleted: boolean } | null {
  try {
    return readableLinkOf(path)
  } catch {
    return null
  }
}

/** @throws where it may not be read: root without CAP_SYS_PTRACE, as in Docker, may list a process's files and read none */
function readableLinkOf(path: string): { path: string; deleted: boolean } | null {
  try {
    const target = decodeName(readlinkSync(path, 'buffer'))
    const deleted = target.endsWith(DELETED)
    return { path: deleted ? target.slice(0, -DELETED.length) : target, deleted }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM') throw error
    return null
  }
}

function readProc(path: string): string | null {
  try {
    return readShort(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null
    throw error
  }
}

/** What is read is in it for a moment: nothing here is asynchronous. */
const room = Buffer.alloc(4096)

/**
 * A file that is hardly ever longer than that. The kernel gives it whole where there is room, and as it has no size,
 * readFileSync would take 64 KB of new memory for each: two fifths of the time of a list of sessions.
 */
function readShort(path: string): string {
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, room)
    return length < room.length ? room.toString('latin1', 0, length) : readFileSync(path, 'latin1')
  } finally {
    closeSync(file)
  }
}
