import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Starts an exampled, which stands in for your server until the adapter is put before the real one: a small FTP server
 * that lets everybody in, keeps no file, and sends 16 MiB of zeros under any name; and its tool, a real program.
 */
export async function startExampled() {
  const dir = mkdtempSync(join(tmpdir(), 'exampled-'))
  const runDirectory = join(dir, 'run')
  const program = join(dir, 'exampledctl')
  mkdirSync(runDirectory)
  let counter = 0
  /** What the tool prints of each, and its connection. */
  const sessions = new Map()
  let keptOut = new Set()

  function connect(fields = {}, socket = null) {
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
    socket.on('error', () => {})
    if (keptOut.has(`ip:${socket.remoteAddress}`)) return socket.end('421 Not from there\r\n')
    const session = connect({ ip: socket.remoteAddress }, socket)
    let user
    let data
    socket.on('close', () => sessions.delete(session))
    socket.setEncoding('latin1').write('220 exampled\r\n')
    const commands = {
      USER(argument) {
        Object.assign(session, { login: null, state: 'login' })
        user = argument
        return '331 Password?'
      },
      PASS() {
        if (keptOut.has(`login:${user}`)) return '530 Not you'
        Object.assign(session, { login: user, state: 'idle' })
        return '230 Welcome'
      },
      CWD(argument) {
        session.directory = argument
        return '250 There'
      },
      async PASV() {
        const passive = await dataPort()
        data = passive.connected
        return `227 Entering Passive Mode (127,0,0,1,${passive.port >> 8},${passive.port & 255})`
      },
      STOR: (argument) => transfer(receive, argument),
      RETR: (argument) => transfer(send, argument),
    }
    async function transfer(move, file) {
      socket.write('150 Go on\r\n')
      try {
        await move(session, file, await data)
        return '226 Done'
      } catch {
        // The client has gone in the middle of it.
        return '426 Broken off'
      } finally {
        endTransfer(session)
      }
    }
    socket.on('data', async (lines) => {
      for (const [, verb, argument] of lines.matchAll(/^(\w+) ?(.*)\r$/gm)) {
        session.active = now()
        const answer = (await commands[verb]?.(argument)) ?? '200 OK'
        socket.write(`${answer}\r\n`)
      }
    })
  })

  let awake = Promise.resolve()
  const control = createServer((socket) => {
    socket.on('error', () => {})
    let request = ''
    socket.on('data', async (chunk) => {
      request += chunk
      const [count, command, ...args] = request.split('\0').slice(0, -1)
      if (args.length + 1 !== Number(count)) return
      await awake
      if (command === 'keep-out') {
        keptOut = new Set(args)
        return socket.end('0')
      }
      if (command === 'sessions') return socket.end(['0exampled 1', ...[...sessions.keys()].map(line), ''].join('\n'))
      const [session, connection] = [...sessions].find(([{ id }]) => String(id) === args[0]) ?? []
      sessions.delete(session)
      connection?.destroy()
      socket.end(session ? '0' : '3')
    })
  })

  const port = await listen(ftp)
  const controlPort = await listen(control)
  const server = {
    program,
    runDirectory,
    port,
    /** A session without a client. */
    connect,
    isConnected: (session) => sessions.has(session),
    /** Ends all sessions and counts from 1 again. */
    restart() {
      counter = 0
      sessions.clear()
    },
    /** Puts another program in the place of the tool. */
    replaceTool(code) {
      writeFileSync(`${program}.new`, code, { mode: 0o755 })
      renameSync(`${program}.new`, program)
    },
    /** The tool finds nobody to ask from now on; clients stay connected. */
    async pause() {
      await close(control)
      return async () => void (await listen(control, controlPort))
    },
    /** The tool waits for an answer from now on. */
    async stall() {
      let wake
      awake = new Promise((resolve) => (wake = resolve))
      return async () => wake()
    },
    async stop() {
      for (const socket of sessions.values()) socket?.destroy()
      await Promise.all([close(ftp), close(control)])
      rmSync(dir, { recursive: true })
    },
  }
  server.replaceTool(toolFor(controlPort))
  return server
}

/** A port for one data connection. */
async function dataPort() {
  const server = createServer({ pauseOnConnect: true })
  const connected = once(server, 'connection').then(([socket]) => (server.close(), socket.on('error', () => {})))
  return { port: await listen(server), connected }
}

async function receive(session, file, data) {
  Object.assign(session, { state: 'upload', file, done: 0 })
  for await (const chunk of data) Object.assign(session, { done: session.done + chunk.length, active: now() })
}

async function send(session, file, data) {
  const size = 16 << 20
  Object.assign(session, { state: 'download', file, done: 0, size })
  const chunk = Buffer.alloc(64 << 10)
  // Not by events.once, which rejects where the client breaks off.
  const closed = new Promise((resolve) => data.once('close', resolve))
  while (session.done < size && !data.destroyed) {
    if (!data.write(chunk)) await Promise.race([once(data, 'drain'), closed])
    Object.assign(session, { done: session.done + chunk.length, active: now() })
  }
  data.end()
}

function endTransfer(session) {
  Object.assign(session, { state: 'idle', file: null, done: null, size: null })
}

/** In bash, as it starts in 3 ms. Sends how many arguments it has, and these, with a zero byte after each. */
const toolFor = (port) => `#!/bin/bash
if ! { exec 3<>/dev/tcp/127.0.0.1/${port}; } 2>/dev/null; then
  echo 'exampled is not running' >&2
  exit 1
fi
printf '%s\\0' $# "$@" >&3
read -r -n1 code <&3
cat <&3
exit $code
`

const now = () => new Date().toISOString()

const line = ({ id, since, login, ip, state, directory, file, done, size, active }) =>
  [id, since, login, ip, state, directory, file, done, size, active]
    .map((field) => (field === null ? '-' : String(field).replace(/[\\\t\n]/g, escaped)))
    .join('\t')

const escaped = (character) => ({ '\t': '\\t', '\n': '\\n' })[character] ?? '\\\\'

async function listen(server, port = 0) {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

async function close(server) {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}
