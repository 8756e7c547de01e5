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
 * Starts an *exampled*: a small FTP server without files, which lets everybody in, and its tool, a real program, which
 * asks it over a Unix socket.
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
    const session = connect({}, socket)
    socket.on('error', () => {}).on('close', () => sessions.delete(session))
    socket.write('220 exampled\r\n')
    socket.on('data', (lines) => {
      for (const [, verb, argument] of lines.toString().matchAll(/^(\w+) ?(.*)\r$/gm)) {
        session.active = now()
        if (verb === 'USER') Object.assign(session, { login: null, state: 'login', user: argument })
        if (verb === 'PASS') Object.assign(session, { login: (session as { user?: string }).user, state: 'idle' })
        if (verb === 'CWD') session.directory = argument!
        socket.write(
          { USER: '331 Password?\r\n', PASS: '230 Welcome\r\n', FEAT: '502 None\r\n' }[verb!] ?? '200 OK\r\n',
        )
      }
    })
  })
  const control = createServer({ allowHalfOpen: true }, (socket) => {
    socket
      .on('error', () => {})
      .on('data', (request) => {
        const [command, id] = request.toString().trim().split(' ')
        if (command === 'sessions') return socket.end(['0exampled 1', ...[...sessions.keys()].map(line), ''].join('\n'))
        const found = [...sessions].find(([session]) => String(session.id) === id)
        if (found) sessions.delete(found[0])
        found?.[1]?.destroy()
        socket.end(found ? '0' : '3')
      })
  })
  await listen(ftp, { port: 0, host: '127.0.0.1' })
  await listen(control, { path: join(dir, 'socket') })

  const server = {
    program,
    runDirectory,
    port: (ftp.address() as AddressInfo).port,
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
      return () => listen(control, { path: join(dir, 'socket') })
    },
    async stop(): Promise<void> {
      for (const socket of sessions.values()) socket?.destroy()
      await Promise.all([close(ftp), close(control)])
      rmSync(dir, { recursive: true })
    },
  }
  server.replaceTool(TOOL)
  return server
}

const TOOL = `#!${process.execPath}
const socket = require('node:net').connect(require('node:path').join(__dirname, 'socket'))
socket.on('error', () => { console.error('exampled is not running'); process.exitCode = 1 })
let answer = ''
socket.on('data', (data) => (answer += data)).on('end', () => {
  process.exitCode = Number(answer[0])
  process.stdout.write(answer.slice(1))
})
socket.end(process.argv.slice(2).join(' '))
`

const now = () => new Date().toISOString()

const line = ({ id, since, login, ip, state, directory, file, done, size, active }: ExampledSession) =>
  [id, since, login, ip, state, directory, file, done, size, active]
    .map((field) => (field === null ? '-' : String(field).replace(/[\\\t\n]/g, escaped)))
    .join('\t')

const escaped = (character: string) => ({ '\t': '\\t', '\n': '\\n' })[character] ?? '\\\\'

async function listen(server: Server, where: { port?: number; host?: string; path?: string }): Promise<void> {
  server.listen(where)
  await once(server, 'listening')
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}
