import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { directoriesOf, type OpenFile, openFilesOf, positionOf, seenFrom } from './processes.js'

/** The file that a session moves, as the kernel knows it. */
export interface MovedFile {
  /** Its path as the client sees it; null where that is outside of the session's root. */
  path: string | null
  /** Bytes of the whole file as it is now. */
  size: number
  /** How far the server has read or written it; stands still while sendfile(2) sends it. */
  position: number
}

/** What the kernel says of a session's process. */
export interface Inside {
  /** The current directory as the client sees it. */
  cwd: string | null
  /** The inodes of its sockets, in the order of their descriptors. */
  sockets: string[]
  /** Null where none is open that it can be. */
  file: MovedFile | null
}

/**
 * Looks into a session's process: needs root or CAP_SYS_PTRACE.
 *
 * @param moving which way the session moves a file, so that it is looked for; null where it moves none
 * @param name the file as the client named it, if it is known
 * @param control the inode of its control connection, if that is known already: then a session that moves nothing is
 *   not asked for its files
 * @returns null where it may not be looked into, or has gone
 */
export async function lookInto(
  pid: number,
  moving: 'up' | 'down' | null,
  name: string | null,
  control: string | null,
): Promise<Inside | null> {
  const directories = directoriesOf(pid)
  if (!directories) return null
  const { root } = directories
  const cwd = seenFrom(root, directories.cwd)
  if (!moving && control) return { cwd, sockets: [control], file: null }
  const files = openFilesOf(pid)
  if (!files) return null
  const inOrder = [...files].sort((a, b) => numberOf(a) - numberOf(b))
  const sockets = inOrder.flatMap(({ path }) => /^socket:\[(\d+)\]$/.exec(path)?.[1] ?? [])
  if (!moving) return { cwd, sockets, file: null }

  const candidates: MovedFile[] = []
  for (const file of files) {
    const place = file.path.startsWith('/') ? positionOf(file) : null
    if (!place || (place.flags & O_ACCMODE) !== (moving === 'up' ? O_WRONLY : O_RDONLY)) continue
    const found = await stat(file.handle).catch(() => null)
    if (!found?.isFile()) continue
    // Before its first byte an appending one stands at 0.
    const position = place.flags & O_APPEND ? found.size : place.position
    candidates.push({ path: seenFrom(root, file.path), size: found.size, position })
  }
  return { cwd, sockets, file: likeliest(candidates, cwd, name) }
}

const numberOf = ({ handle }: OpenFile) => Number(handle.slice(handle.lastIndexOf('/') + 1))

/**
 * Beside the moved file a session may have logs and tables open. The moved one has the name that the client gave; or,
 * through a symbolic link or into a temporary file, it is the only one inside of the session's root.
 */
function likeliest(files: MovedFile[], cwd: string | null, name: string | null): MovedFile | null {
  const whole = name === null ? null : posix.resolve(cwd ?? '/', name)
  const named =
    files.find(({ path }) => path !== null && path === whole) ??
    files.find(({ path }) => path !== null && name !== null && posix.basename(path) === posix.basename(name))
  if (named) return named
  const within = files.filter(({ path }) => path !== null)
  return within.length === 1 ? within[0]! : null
}

/** A path in the form that the client used: absolute, or from its current directory. */
export function asTyped(argument: string, path: string, cwd: string | null): string {
  return cwd && !argument.startsWith('/') ? posix.relative(cwd, path) : path
}

// asm-generic/fcntl.h, in the octal that /proc prints
const O_ACCMODE = 0o3
const O_RDONLY = 0
const O_WRONLY = 0o1
const O_APPEND = 0o2000
