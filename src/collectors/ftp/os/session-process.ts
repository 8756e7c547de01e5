import { inBatches } from '../../../timing/event-loop.js'
import { type Asked, type OpenNow, isKnown, lookInto, type MovedFile, type OpenAtRest } from './moved-file.js'
import { allConnections, type Connection } from './tcp-connections.js'

/** A session's process that is to be read. */
export interface ToRead {
  /** The session's key. */
  key: string
  /** The process that has the session's directory, files and connections. */
  pid: number
  /** What it is read for; null where nothing new is to be seen in it. */
  asked: Asked | null
}

/** What the kernel knows of a session's process. */
export interface SessionProcess {
  /** The current directory as the client sees it. */
  cwd: string | null
  /** The file that the session moves; null where none is open that it must be. */
  file: MovedFile | null
  /** Whether it has opened sockets since it began. */
  hasSockets: boolean
  /** Null where they were not asked for, or `ss` is not to be had. */
  connections: SessionConnections | null
}

export interface SessionConnections {
  /** The one that the client gives its commands on; null where it is not known. */
  control: Connection | null
  /**
   * The one that carries the data: null where there is none yet, undefined where it cannot be told from others, such as
   * one to a database of users.
   */
  data: Connection | null | undefined
}

/** What is kept of a session from one reading to the next. */
interface Known {
  atRest: OpenAtRest | null
  /** The inode of its control connection; null where that is not known. */
  control: string | null
}

/**
 * Reads the processes of sessions: which directory, which file and how far, which connections. Needs root, or
 * CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH; what may not be read is null.
 *
 * One for each source: it remembers what a session had open before it moved anything.
 */
export class SessionProcesses {
  private known = new Map<string, Known>()

  /**
   * @param oldestIsControl whether, where a process's standard input is no connection, its oldest one is that of its
   * commands: it is, where the process is made with that in its hands and opens no other first
   */
  constructor(private readonly oldestIsControl: boolean) {}

  /** Whether it is known what a session has open while it moves no file. */
  knowsRest(key: string, loggedIn: boolean): boolean {
    return isKnown(this.known.get(key)?.atRest ?? null, loggedIn)
  }

  /** Whether it is known which connection a session is commanded by: its process need not be searched for it. */
  knowsControl(key: string): boolean {
    return this.known.get(key)?.control != null
  }

  /**
   * Reads the processes of all sessions that there are; the others are forgotten.
   *
   * @param needsConnections for which of them the machine's connections have to be asked for, which costs some ms
   */
  async read<Session extends ToRead>(
    sessions: readonly Session[],
    signal: AbortSignal,
    needsConnections: (session: Session, found: Pick<SessionProcess, 'file' | 'hasSockets'>) => boolean = () => true,
  ): Promise<(SessionProcess | null)[]> {
    const insides = sessions.map((): OpenNow | null => null)
    // Most sessions of a busy server are idle, and nothing is asked of them.
    const wanted = sessions.flatMap(({ key, pid, asked }, i) => (asked ? { key, pid, asked, i } : []))
    await inBatches(wanted, signal, async ({ key, pid, asked, i }) => {
      insides[i] = await lookInto(pid, asked, this.known.get(key)?.atRest ?? null)
    })
    const needed = sessions.some((session, i) => {
      const inside = insides[i]
      return inside && needsConnections(session, { file: inside.file, hasSockets: inside.sockets.length > 0 })
    })
    const connections = needed ? await allConnections(signal) : null
    const next = new Map<string, Known>()
    const read = sessions.map(({ key }, i) => {
      const inside = insides[i]
      const before = this.known.get(key)
      if (!inside) {
        // What was known of it still is.
        if (before) next.set(key, before)
        return null
      }
      const own = connections && this.connectionsOf(inside, before, connections)
      next.set(key, { atRest: inside.atRest, control: own?.control?.inode ?? null })
      return { cwd: inside.cwd, file: inside.file, hasSockets: inside.sockets.length > 0, connections: own }
    })
    this.known = next
    return read
  }

  private connectionsOf(
    { control: input, sockets }: OpenNow,
    before: Known | undefined,
    connections: ReadonlyMap<string, Connection>,
  ): SessionConnections {
    const inode = before?.control ?? input
    const oldest = this.oldestIsControl ? sockets.map((one) => connections.get(one)).find(Boolean) : undefined
    const control = (inode ? connections.get(inode) : oldest) ?? null
    return { control, data: dataConnection(sockets, control, connections) }
  }
}

/** Which of a process's sockets carries a session's data: see `SessionConnections`. */
export function dataConnection(
  sockets: string[],
  control: Connection | null,
  connections: ReadonlyMap<string, Connection>,
): Connection | null | undefined {
  const own = [...new Set(sockets)].flatMap((inode) => (inode === control?.inode ? [] : (connections.get(inode) ?? [])))
  if (own.length === 0) return null
  const [first, ...more] = own.filter(({ peer }) => peer.ip === control?.peer.ip)
  return more.length === 0 ? first : undefined
}
