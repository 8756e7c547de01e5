import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { directoriesOf, openFilesOf, positionOf, seenFrom } from '../processes.js'
import type { ScoreboardEntry } from './scoreboard.js'

/** The file that a session is moving just now, as the kernel knows it. */
export interface Transfer {
  direction: 'up' | 'down'
  /** The file's path as the client sees it; null where that is outside of its root. */
  path: string | null
  /** Bytes of the whole file as it is now. */
  size: number
  /** How far the server has read or written it; stands still under sendfile(2), and is 0 over SFTP, which uses pread(2). */
  position: number
  /** The inode of the connection that carries the data; null while there is none. */
  dataSocket: string | null
}

/** What the kernel says of a session; null where it may not be asked. */
export interface Inside {
  transfer: Transfer | null
  /** The current directory as the client sees it, whole. */
  cwd: string | null
}

/**
 * Looks into a session's process: needs root, or CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH.
 *
 * A file that is uploaded is the only one that ProFTPD opens for writing alone and not for appending: its logs are
 * appended to, its tables opened both ways. One that is downloaded is known by its name, or by its size, which the
 * scoreboard has.
 */
export async function lookInside(entry: ScoreboardEntry): Promise<Inside | null> {
  const files = openFilesOf(entry.pid)
  const directories = directoriesOf(entry.pid)
  if (!files || !directories) return null
  const { root } = directories
  const cwd = seenFrom(root, directories.cwd)
  const control = files.find((file) => file.handle.endsWith('/fd/0'))?.path
  const data = files.find((file) => file.path.startsWith('socket:') && file.path !== control)?.path
  const dataSocket = data ? /\d+/.exec(data)![0] : null

  let best = { likeness: 0, transfer: null as Transfer | null }
  for (const file of files) {
    if (!file.path.startsWith('/')) continue
    const place = positionOf(file)
    if (!place || place.flags & O_APPEND) continue
    const mode = place.flags & O_ACCMODE
    if (mode === O_RDWR) continue
    const found = await stat(file.handle).catch(() => null)
    if (!found?.isFile()) continue
    const { position } = place
    const seen = { path: seenFrom(root, file.path), size: found.size, position, dataSocket }
    if (mode === O_WRONLY) return { cwd, transfer: { direction: 'up', ...seen } }
    const likeness = likenessTo(entry, seen, cwd)
    if (likeness > best.likeness) best = { likeness, transfer: { direction: 'down', ...seen } }
  }
  return { cwd, transfer: best.transfer }
}

/** How surely this open file is the one that is downloaded, beside the tables of users that a session has open too: 0, not at all. */
function likenessTo(
  { argument, argumentCut, transferSize }: ScoreboardEntry,
  file: { path: string | null; size: number; position: number },
  cwd: string | null,
): number {
  const { path, size, position } = file
  if (argument && path) {
    if (posix.resolve(cwd ?? '/', argument) === path) return 3
    if (argumentCut && asTyped(argument, path, cwd).startsWith(argument)) return 3
  }
  const missing = size - transferSize
  if (transferSize > 0 && (missing === 0 || missing === position)) return 2
  return argument && path && posix.basename(path) === posix.basename(argument) ? 1 : 0
}

/** A path in the form that the client used: absolute, or from its current directory. */
export function asTyped(argument: string, path: string, cwd: string | null): string {
  return cwd && !argument.startsWith('/') ? posix.relative(cwd, path) : path
}

// asm-generic/fcntl.h, in the octal that /proc prints
const O_ACCMODE = 0o3
const O_WRONLY = 0o1
const O_RDWR = 0o2
const O_APPEND = 0o2000
