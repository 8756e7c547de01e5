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
 * asks it at another port.
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
    async stop(): Promise<void> {
      for (const socket of sessions.values()) socket?.destroy()
      await Promise.all([close(ftp), close(control)])
      rmSync(dir, { recursive: true })
    },
  }
  server.replaceTool(toolFor(controlPort))
  return server
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
