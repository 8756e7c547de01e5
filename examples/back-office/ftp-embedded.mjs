// An FTP server in this very process, where there is no ProFTPD, and the source that shows and ends its sessions: a
// worked example of the contract that every source keeps (SessionSource in src/session-source.ts).
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { FileSystem, FtpSrv } from 'ftp-srv'
import { findFtpAccount } from './accounts.mjs'
import { makeDirectory, makeHomes } from './ftp-homes.mjs'

export async function startEmbedded() {
  const directory = await makeDirectory()
  await makeHomes(directory)
  const server = createServer()
  /** What ftp-srv does not remember of its connections, by their ids. */
  const sessions = new Map()
  let changed = () => {}

  server.on('connect', ({ connection }) => {
    const session = { connectedAt: new Date(), lastActiveAt: new Date(), login: null, transfer: null }
    sessions.set(connection.id, session)
    const socket = connection.commandSocket
    socket.on('data', () => (session.lastActiveAt = new Date()))
    socket.on('close', () => {
      session.transfer?.stream.destroy()
      sessions.delete(connection.id)
      changed()
    })
    for (const command of ['RETR', 'STOR']) connection.on(command, () => (session.transfer = null))
    changed()
  })
  server.on('login', ({ connection, username, password }, resolve, reject) => {
    const anonymous = username === 'anonymous' || username === 'ftp'
    if (!anonymous && findFtpAccount(username)?.password !== password) return reject(new Error('Login incorrect'))
    const session = sessions.get(connection.id)
    session.login = username
    session.type = anonymous ? 'anonymous' : findFtpAccount(username).type
    session.domain = anonymous ? 'example.com' : findFtpAccount(username).domain
    resolve({
      fs: new WatchedFiles(connection, join(directory, anonymous ? 'ftp' : username), session, () => changed()),
    })
    changed()
  })
  await server.listen()

  const source = {
    name: 'embedded',
    kind: 'ftp',
    evidence: 'live',
    async list() {
      return [...sessions].map(([id, session]) => toSession(server.connections[id], noteMovement(session)))
    },
    async end({ handle }) {
      const connection = server.connections[handle]
      if (!connection) return 'already-gone'
      await connection.close(421, 'Ended by an administrator')
      return 'asked'
    },
    start(site) {
      changed = () => site.changed()
    },
  }
  const stop = async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { name: 'an FTP server in this process', port: server.server.address().port, source, stop }
}

/** Bytes that move are activity. */
function noteMovement(session) {
  const bytes = session.transfer?.bytes()
  if (bytes > session.transfer?.seen) session.lastActiveAt = new Date()
  if (session.transfer) session.transfer.seen = bytes
  return session
}

function toSession(connection, { transfer, ...session }) {
  return {
    key: connection.id,
    handle: connection.id,
    login: session.login,
    type: session.type ?? null,
    domain: session.domain ?? null,
    ip: connection.ip,
    protocol: 'ftp',
    connectedAt: session.connectedAt,
    lastActiveAt: session.lastActiveAt,
    location: connection.fs?.currentDirectory() ?? null,
    status: transfer?.status ?? (session.login ? 'idle' : 'authenticating'),
    command: transfer?.command ?? null,
    fileName: transfer?.fileName ?? null,
    transferredBytes: transfer?.bytes() ?? null,
    totalBytes: transfer?.total ?? null,
  }
}

/** The files of one connection. It notes what is being moved, and serves downloads slowly enough to be watched. */
class WatchedFiles extends FileSystem {
  constructor(connection, root, session, changed) {
    super(connection, { root, cwd: '/' })
    this.begin = (transfer) => {
      session.transfer = transfer
      // A client that vanishes: ftp-srv goes on waiting for a transfer that can neither end nor fail any more.
      const { stream } = transfer
      connection.connector.socket.once('close', () => {
        if (!stream.readableEnded && !stream.writableEnded) stream.destroy(new Error('Data connection closed'))
      })
      changed()
    }
  }

  write(fileName, options) {
    const answer = super.write(fileName, options)
    const { stream } = answer
    const bytes = () => stream.bytesWritten
    this.begin({ status: 'uploading', command: `STOR ${fileName}`, fileName, total: null, bytes, stream })
    return answer
  }

  async read(fileName, { start = 0 } = {}) {
    const { fsPath, clientPath } = this._resolvePath(fileName)
    const { size } = await stat(fsPath)
    let sent = start
    const stream = Readable.from(slowly(fsPath, start, (count) => (sent += count)))
    const bytes = () => sent
    this.begin({ status: 'downloading', command: `RETR ${fileName}`, fileName, total: size, bytes, stream })
    return { clientPath, stream }
  }
}

async function* slowly(path, start, sent) {
  for await (const chunk of createReadStream(path, { start, highWaterMark: 2 ** 15 })) {
    yield chunk
    sent(chunk.length)
    await delay(300)
  }
}

function createServer() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT']
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]))
  const passive = { pasv_url: '127.0.0.1', pasv_min: 49152 }
  const server = new FtpSrv({ url: 'ftp://127.0.0.1:0', ...passive, anonymous: true, log: silence })
  // ftp-srv ends the whole process at a signal; here that is start.mjs's to do.
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal).includes(listener)) process.off(signal, listener)
    }
  }
  return server
}

const silence = { child: () => silence, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
