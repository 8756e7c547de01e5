import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A session of *exampled*, the FTP server of docs/write-an-adapter.md; null is shown as `-`. */
export interface ExampledSession {
  id: number
  since: string
  login: string | null
  ip: string
  state: string
  directory: string | null
  file: string | null
  done: number | null
  size: number | null
  active: string
}

/**
 * Starts an *exampled*: a small FTP server, which lets everybody in, keeps no file, and sends 16 MiB of zeros under any
 * name; and its tool, a real program, which asks it at another port.
 */
export async function startExampled() {
  const dir = mkdtempSync(join(tmpdir(), 'exampled-'))
  const runDirectory = join(dir, 'run')
  const program = join(dir, 'exampledctl')
  mkdirSync(runDirectory)
  let counter = 0
  const sessions = new Map<ExampledSession, Socket | null>()

  function connect(fields: Partial<ExampledSession> = {}, socket: Socket | null = null): ExampledSession {
    const session = {
      ...{ id: ++counter, since: now(), login: null, ip: '127.0.0.1', state: 'login', directory: null },
      ...{ file: null, done: null, size: null, active: now() },
      ...fields,
    }
    sessions.set(session, socket)
    writeFileSync(join(runDirectory, String(session.id)), '')
    return session
  }

  const ftp = createServer((socket) => {
    const session = connect({ ip: socket.remoteAddress }, socket)
    let data: Promise<Socket>
    socket.on('error', () => {}).on('close', () => sessions.delete(session))
    socket.write('220 exampled\r\n')
    socket.on('data', (lines) => {
      for (const [, verb, argument] of lines.toString().matchAll(/^(\w+) ?(.*)\r$/gm)) {
        session.active = now()
        if (verb === 'PASV') {
          const { port, connected } = passive()
          data = connected
          void port.then((number) =>
            socket.write(`227 Entering Passive Mode (127,0,0,1,${number >> 8},${number & 255})\r\n`),
          )
          continue
        }
        if (verb === 'STOR' || verb === 'RETR') {
          socket.write('150 Go on\r\n')
          void data!
            .then((connection) => (verb === 'STOR' ? receive : send)(session, argument!, connection))
            .then(() => socket.write('226 Done\r\n'))
          continue
        }
        if (verb === 'USER') Object.assign(session, { login: null, state: 'login', user: argument })
        if (verb === 'PASS') Object.assign(session, { login: (session as { user?: string }).user, state: 'idle' })
        if (verb === 'CWD') session.directory = argument!
        socket.write(
          { USER: '331 Password?\r\n', PASS: '230 Welcome\r\n', FEAT: '502 None\r\n' }[verb!] ?? '200 OK\r\n',
        )
      }
    })
  })
  let awake = Promise.resolve()
  const control = createServer({ allowHalfOpen: true }, (socket) => {
    socket
      .on('error', () => {})
      .on('data', async (request) => {
        await awake
        const [command, id] = request.toString().trim().split(' ')
        if (command === 'sessions') return socket.end(['0exampled 1', ...[...sessions.keys()].map(line), ''].join('\n'))
        const found = [...sessions].find(([session]) => String(session.id) === id)
        if (found) sessions.delete(found[0])
        found?.[1]?.destroy()
        socket.end(found ? '0' : '3')
      })
  })
  const port = await listen(ftp)
  const controlPort = await listen(control)

  const server = {
    program,
    runDirectory,
    port,
    connect,
    isConnected: (session: ExampledSession) => sessions.has(session),
    /** Ends all sessions and counts from 1 again. */
    restart(): void {
      counter = 0
      sessions.clear()
    },
    /** Puts another program in the place of the tool. */
    replaceTool(code: string): void {
      writeFileSync(`${program}.new`, code, { mode: 0o755 })
      renameSync(`${program}.new`, program)
    },
    /** The tool finds nobody to ask from now on. */
    async pause(): Promise<() => Promise<void>> {
      await close(control)
      return async () => void (await listen(control, controlPort))
    },
    /** The tool waits for an answer from now on. */
    async stall(): Promise<() => Promise<void>> {
      let wake = () => {}
      awake = new Promise((resolve) => (wake = resolve))
      return async () => wake()
    },
    async stop(): Promise<void> {
      for (const socket of sessions.values()) socket?.destroy()
      await Promise.all([close(ftp), close(control)])
      rmSync(dir, { recursive: true })
    },
  }
  server.replaceTool(toolFor(controlPort))
  return server
}

/** A port for one data connection. */
function passive(): { port: Promise<number>; connected: Promise<Socket> } {
  const server = createServer({ pauseOnConnect: true })
  const connected = once(server, 'connection').then(([socket]: Socket[]) => (server.close(), socket!))
  return { port: listen(server), connected }
}

async function receive(session: ExampledSession, file: string, data: Socket): Promise<void> {
  Object.assign(session, { state: 'upload', file, done: 0 })
  for await (const chunk of data) Object.assign(session, { done: session.done! + chunk.length, active: now() })
  endTransfer(session)
}

async function send(session: ExampledSession, file: string, data: Socket): Promise<void> {
  const size = 16 << 20
  Object.assign(session, { state: 'download', file, done: 0, size })
  const chunk = Buffer.alloc(64 << 10)
  const closed = new Promise((resolve) => data.on('error', () => {}).once('close', resolve))
  while (session.done! < size && !data.destroyed) {
    if (!data.write(chunk)) await Promise.race([once(data, 'drain'), closed])
    Object.assign(session, { done: session.done! + chunk.length, active: now() })
  }
  data.end()
  endTransfer(session)
}

function endTransfer(session: ExampledSession): void {
  Object.assign(session, { state: 'idle', file: null, done: null, size: null })
}

/** In bash, as it starts in 3 ms. */
const toolFor = (port: number) => `#!/bin/bash
if ! { exec 3<>/dev/tcp/127.0.0.1/${port}; } 2>/dev/null; then
  echo 'exampled is not running' >&2
  exit 1
fi
echo "$*" >&3
read -r -n1 code <&3
cat <&3
exit $code
`

const now = () => new Date().toISOString()

const line = ({ id, since, login, ip, state, directory, file, done, size, active }: ExampledSession) =>
  [id, since, login, ip, state, directory, file, done, size, active]
    .map((field) => (field === null ? '-' : String(field).replace(/[\\\t\n]/g, escaped)))
    .join('\t')

const escaped = (character: string) => ({ '\t': '\\t', '\n': '\\n' })[character] ?? '\\\\'

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}
