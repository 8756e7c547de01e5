import { readFile } from 'node:fs/promises'
import * as linux from 'adminjs-sessions/linux'

/**
 * An adapter for the ftpd of GNU inetutils, which tells nobody who is connected: each session is a process of its own,
 * started by inetd, xinetd or `ftpd -D`, and all is read from the kernel. It takes root, on Linux. Copy it for a server
 * that works alike, and change what is this one's own.
 *
 * Whose session it is says the user that the process acts as: root before the logon, and the account after it.
 *
 * @param {{ program?: string, passwd?: string }} options the name of its program, and where its accounts stand
 * @returns {import('adminjs-sessions/source').FtpSource}
 */
export function inetutilsFtpd({ program = 'ftpd', passwd = '/etc/passwd' } = {}) {
  const runsIt = (stat) => linux.isProgram(program, linux.programOf(stat))
  /** How much of its download each client had confirmed when this was last seen to grow, and when that was. */
  let downloads = new Map()

  async function list(signal) {
    signal.throwIfAborted()
    // In another PID namespace a pid means another process.
    linux.expectOwnProc()
    const logins = await loginsOf(passwd)
    const connections = await linux.allConnections(signal)
    if (!connections) throw new Error('ss, which tells of connections, gives none: install iproute2.')
    const sessions = []
    const stillMoving = new Map()
    // In slices, which let the event loop go: there may be thousands of processes.
    await linux.inSlices(linux.allPids(), signal, (pid) => {
      const stat = linux.processStat(pid)
      const found = stat && runsIt(stat) && toSession(stat, connections, logins)
      if (!found) return
      const { download, ...session } = found
      if (download) {
        // The kernel tells when something has come from a client, and not when it took something.
        const before = downloads.get(session.key)
        const same = before?.inode === download.inode && before.confirmed === download.confirmed
        const now = same ? before : { ...download, at: new Date() }
        stillMoving.set(session.key, now)
        if (now.at > session.lastActiveAt) session.lastActiveAt = now.at
      }
      sessions.push(session)
    })
    downloads = stillMoving
    return sessions
  }

  return {
    name: 'inetutils-ftpd',
    kind: 'ftp',
    evidence: 'live',
    list,

    async end({ handle, login }, signal) {
      signal.throwIfAborted()
      const logins = await loginsOf(passwd)
      signal.throwIfAborted()
      // Nothing is awaited from here to the signal, so that what was looked at is what is ended.
      return linux.endProcess(handle, 'SIGTERM', (stat) => {
        if (!runsIt(stat)) return `Process ${stat.pid} does not run ${program}.`
        return loginOf(stat.pid, logins) === login ? null : `Session ${stat.pid} is not ${login}'s any more.`
      })
    },

    endsBy: 'by SIGTERM to its process.',
    missingRights: async () =>
      process.getuid() === 0 ? [] : ['Only root may see the files and connections of its sessions: run this as root.'],
  }
}

/** Null where the process is none: its descriptor 0 is the client's connection, and no other process of it has one there. */
function toSession(stat, connections, logins) {
  const { pid, startTicks } = stat
  const files = linux.openFilesOf(pid)
  if (!files) {
    // It has gone, or it may not be seen: then the list would lack it.
    if (!linux.processStat(pid)) return null
    throw new Error(`The open files of process ${pid} may not be read: the back office must run as root.`)
  }
  const inode = /^socket:\[(\d+)\]$/.exec(files.find(({ handle }) => handle.endsWith('/fd/0'))?.path ?? '')?.[1]
  const control = connections.get(inode)
  if (!control) return null
  const at = linux.directoriesOf(pid)
  const login = loginOf(pid, logins)
  const moved = movedFile(files, connections)
  return {
    key: `${linux.bootId().slice(0, 12)}-${pid}-${startTicks}`,
    handle: { bootId: linux.bootId(), pid, startTicks },
    login,
    // Root may be a session before its logon, or root's: nothing tells.
    status: moved ? (moved.up ? 'uploading' : 'downloading') : login === null ? null : 'idle',
    ip: control.peer.ip,
    protocol: 'ftp',
    location: at && linux.seenFrom(at.root, at.cwd),
    fileName: moved && at && linux.seenFrom(at.root, moved.path),
    // Of a download the server has read more than its client has, and the client's share is not told of a resumed one.
    transferredBytes: moved?.up ? moved.position : null,
    // To ask for its size may take for ever where its disk hangs.
    totalBytes: null,
    connectedAt: linux.startedAt(stat),
    lastActiveAt: lastActive(control, moved?.data),
    download: moved && !moved.up ? moved.data : null,
  }
}

/** The one file that is open beside a data connection; what was opened for writing is an upload. Null where nothing moves. */
function movedFile(files, connections) {
  const data = files
    .slice(1)
    .map(({ path }) => connections.get(/^socket:\[(\d+)\]$/.exec(path)?.[1]))
    .at(-1)
  const regular = files.filter(({ path }) => /^\/(?!dev\/|var\/log\/wtmp$)/.test(path))
  if (!data || regular.length !== 1) return null
  const found = linux.positionOf(regular[0])
  return found && { path: regular[0].path, position: found.position, up: (found.flags & 3) !== 0, data }
}

/** The latest of what has come from the client: a command, or a part of an upload. */
function lastActive(...connections) {
  const quiet = connections.flatMap((connection) => connection?.quietFor ?? [])
  return quiet.length === 0 ? null : new Date(Date.now() - Math.min(...quiet))
}

/** Null before the logon, and where the user has several names or none. */
function loginOf(pid, logins) {
  const uid = linux.standingOf(pid)?.effectiveUid
  return uid === 0 ? null : (logins.get(uid) ?? null)
}

async function loginsOf(passwd) {
  const logins = new Map()
  for (const line of (await readFile(passwd, 'utf8')).split('\n')) {
    const [login, , uid] = line.split(':')
    if (/^\d+$/.test(uid)) logins.set(Number(uid), logins.has(Number(uid)) ? null : login)
  }
  return logins
}
