import { lstat, readlink, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { directoriesOf, executableOf, type OpenFile, openFilesOf, positionOf, processStat, seenFrom } from './proc.js'

/** A file that a session moves, as its server tells of it. */
export interface Sought {
  direction: 'up' | 'down'
  /** As the client named it; empty where the server does not say. */
  name: string
  /** Whether that may be no more than the beginning of the name. */
  cut: boolean
  /** Whether a name is this one, where the server does not tell it just as it was typed. */
  isNamed?(typed: string): boolean
  /** Whether the server opens no other file in this way after it has made the session's process: then the only one is it. */
  opensNoOther: boolean
  /** Whether it appends to what is uploaded, and not to its logs alone. */
  mayAppend?: boolean
  /** What the server counts, where that is all there is to know the file by: its size, and how much of it was read. */
  counted?: { size: number; read: number }
}

/** The file that a session moves, as the kernel knows it. What cannot be told of it for certain is null. */
export interface MovedFile {
  direction: 'up' | 'down'
  /** As the client sees it. */
  path: string | null
  /** Bytes of the whole file as it is now. */
  size: number | null
  /** How far the server has read or written it; stands still while sendfile(2) sends it, and at 0 under pread(2). */
  position: number | null
}

/**
 * What a session had open while it moved no file, and so moves none of. Each descriptor by its number and what it is: the
 * same file may be open a second time, and moved.
 *
 * A transfer may begin between a server's word that there is none and the look. What is open at two looks was not opened
 * for it.
 */
export interface OpenAtRest {
  /** What was open at two looks. */
  old: ReadonlySet<string>
  /** What was open at the last one. */
  last: ReadonlySet<string>
  looks: number
  /** How many of them were after the logon. */
  loggedIn: number
}

/** What the kernel says of a session's process. */
export interface OpenNow {
  /** The current directory as the client sees it. */
  cwd: string | null
  /** The inode of the connection in its hands from the start, where that is its standard input. */
  control: string | null
  /** The inodes of the sockets that it has opened since, in the order of their descriptors; none where it was at rest. */
  sockets: string[]
  /** Null where none is open that it must be. */
  file: MovedFile | null
  /** For the next look. */
  atRest: OpenAtRest | null
}

/** What a look is for. */
export type Asked =
  | { for: 'directory' }
  /** The file that the session moves, if it is one of these; the first that is found. */
  | { for: 'transfer'; sought: Sought[] }
  /** The session moves no file: this shows what is open anyway. */
  | { for: 'rest'; loggedIn: boolean }

/** Whether what a session has open at rest is known. */
export function isKnown(atRest: OpenAtRest | null, loggedIn: boolean): boolean {
  return atRest !== null && (loggedIn ? atRest.loggedIn >= 2 : atRest.looks >= 1)
}

/**
 * Looks into a session's process: needs root, or CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH.
 *
 * Beside the file that it moves, a process has others open: its output, what whoever started the server has left open,
 * logs, tables. None of them is moved: descriptors 0 to 2, what the server's own process has open too, and what was open
 * while the session was at rest. Of what is left it is the file that the client named, or the only one where there can be
 * no other.
 *
 * @returns null where it may not be looked into, or has gone
 */
export async function lookInto(pid: number, asked: Asked, atRest: OpenAtRest | null): Promise<OpenNow | null> {
  const directories = directoriesOf(pid)
  if (!directories) return null
  const { root } = directories
  const cwd = seenFrom(root, directories.cwd)
  if (asked.for === 'directory') return { cwd, control: null, sockets: [], file: null, atRest }
  const files = openFilesOf(pid)
  if (!files) return null
  const open = await describeAll(files)
  const control = open.find(({ number }) => number === 0)?.socket ?? null
  if (asked.for === 'rest') {
    return { cwd, control, sockets: [], file: null, atRest: remember(atRest, open, asked.loggedIn) }
  }
  const inherited = atRest && atRest.looks >= 2 ? NOTHING : await inheritedBy(pid)
  const fresh = open.filter(({ number, key }) => number > 2 && !inherited?.has(key) && !atRest?.old.has(key))
  const sockets = fresh.flatMap(({ socket }) => (socket === null || socket === control ? [] : socket))
  let file: MovedFile | null = null
  for (const sought of asked.sought) {
    const alone = isKnown(atRest, true) || (sought.opensNoOther && inherited !== null)
    file ??= await find(sought, candidates(sought, fresh, root), alone, { pid, cwd })
  }
  return { cwd, control, sockets, file, atRest }
}

/** A path in the form that the client used: absolute, or from its current directory. */
export function asTyped(argument: string, path: string, cwd: string | null): string {
  return cwd && !argument.startsWith('/') ? posix.relative(cwd, path) : path
}

const NOTHING: ReadonlySet<string> = new Set()

/** A descriptor of a process. */
interface Descriptor {
  number: number
  key: string
  /** Its inode, where it is a socket. */
  socket: string | null
  /** Null where it is no regular file. */
  file: { path: string; id: string; size: number; position: number; flags: number } | null
}

async function describeAll(files: OpenFile[]): Promise<Descriptor[]> {
  const all = await Promise.all(files.map(describe))
  return all.sort((a, b) => a.number - b.number)
}

async function describe(open: OpenFile): Promise<Descriptor> {
  const { handle, path } = open
  const number = Number(handle.slice(handle.lastIndexOf('/') + 1))
  const other = { number, key: `${number} ${path}`, socket: /^socket:\[(\d+)\]$/.exec(path)?.[1] ?? null, file: null }
  const place = path.startsWith('/') ? positionOf(open) : null
  const found = place && (await stat(handle).catch(() => null))
  if (!found?.isFile()) return other
  // A log that is moved away keeps its inode and not its path.
  const id = `${found.dev}:${found.ino}`
  const flags = place!.flags & ~O_CLOEXEC
  const file = { path, id, size: found.size, position: place!.position, flags }
  return { number, key: `${number} ${id} ${flags}`, socket: null, file }
}

/** What the server's own process has open: a session's has it from there. Null where the server has gone. */
async function inheritedBy(pid: number): Promise<ReadonlySet<string> | null> {
  const parent = processStat(pid)?.parent
  const program = executableOf(pid)
  if (!parent || !program || executableOf(parent) !== program) return null
  const files = openFilesOf(parent)
  return files && new Set((await describeAll(files)).map(({ key }) => key))
}

function remember(before: OpenAtRest | null, open: Descriptor[], loggedIn: boolean): OpenAtRest {
  const last = new Set(open.map(({ key }) => key))
  const again = [...last].filter((key) => before?.last.has(key))
  return {
    old: new Set([...(before?.old ?? []), ...again]),
    last,
    looks: (before?.looks ?? 0) + 1,
    loggedIn: (before?.loggedIn ?? 0) + (loggedIn ? 1 : 0),
  }
}

interface Candidate extends MovedFile {
  path: string
  id: string
}

/** A process that is locked into its root has opened nothing outside of it since. */
function candidates({ direction, mayAppend, counted }: Sought, fresh: Descriptor[], root: string): Candidate[] {
  return fresh.flatMap(({ file }) => {
    const path = file && seenFrom(root, file.path)
    if (!path || (file.flags & O_ACCMODE) !== (direction === 'up' ? O_WRONLY : O_RDONLY)) return []
    const appends = (file.flags & O_APPEND) !== 0
    if (appends && !mayAppend) return []
    const { id, size } = file
    // Before its first byte an appending one stands at 0.
    const position = appends ? size : file.position
    const unread = position === 0 || (position === counted?.read && position < size)
    if (counted && (counted.size !== size || !unread)) return []
    return { direction, path, id, size, position }
  })
}

/** Several may be it, as when one file is open twice: then what they agree on is true. */
async function find(
  { direction, name, cut, isNamed = (typed) => cut && typed.startsWith(name) }: Sought,
  found: Candidate[],
  alone: boolean,
  { pid, cwd }: { pid: number; cwd: string | null },
): Promise<MovedFile | null> {
  let named: Candidate[] = []
  if (name !== '') {
    const whole = posix.resolve(cwd ?? '/', name)
    named = found.filter(({ path }) => path === whole || isNamed(asTyped(name, path, cwd)))
    if (named.length === 0 && !(alone && found.length === 1)) {
      const id = cut ? null : await idWithin(`/proc/${pid}/root`, whole)
      named = found.filter((one) => one.id === id)
    }
  }
  const [first, ...more] = named.length > 0 ? named : alone ? found : []
  if (!first) return null
  const agreed = <Field extends 'path' | 'size' | 'position'>(field: Field) =>
    more.every((one) => one[field] === first[field]) ? first[field] : null
  return { direction, path: agreed('path'), size: agreed('size'), position: agreed('position') }
}

/** Which file a path is for a process with this root, through symbolic links; null where that cannot be told. */
async function idWithin(root: string, path: string): Promise<string | null> {
  let done = '/'
  const left = path.split('/').filter(Boolean)
  try {
    for (let steps = 0; left.length > 0; steps++) {
      if (steps > 100) return null
      const next = posix.join(done, left.shift()!)
      if (!(await lstat(root + next)).isSymbolicLink()) {
        done = next
        continue
      }
      const target = posix.resolve(done, await readlink(root + next))
      left.unshift(...target.split('/').filter(Boolean))
      done = '/'
    }
    const { dev, ino } = await lstat(root + done)
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

// asm-generic/fcntl.h, in the octal that /proc prints
const O_ACCMODE = 0o3
const O_RDONLY = 0
const O_WRONLY = 0o1
const O_APPEND = 0o2000
const O_CLOEXEC = 0o2000000
