import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withComponents } from './components.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Example {
  /** Where the back office is mounted: `http://127.0.0.1:PORT/admin`. */
  url: string
  ftpPort: number
  /** The file of SQLite that its sessions are in. */
  database: string
  scoreboard: string
  passwordOf(login: string): string
  /** Ends it and starts it again: the same port, the same files, another ProFTPD. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the example back office on a free port, with files of its own, and with a real ProFTPD.
 *
 * @param asItIs as `npm start` does; else with AdminJS in one file, and components that were bundled before
 */
export async function startExample({ asItIs = false } = {}): Promise<Example> {
  await import('../fresh-dist.mjs')
  const data = await mkdtemp(join(tmpdir(), 'adminjs-sessions-browser-'))
  // production: AdminJS's pages are an eighth as big then.
  const plain = { execArgv: [], env: { ...process.env, NODE_ENV: 'production' } }
  const how = asItIs ? plain : await withComponents(data)
  let running = await run(how, data, '0')
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(running.said)
    if (!found) throw new Error(`Expected the example to say ${pattern}. It said:\n${running.said}`)
    return found[1]
  }
  const url = find(/The back office is at (\S+)/)
  return {
    url,
    database: join(data, 'adminjs-sessions.sqlite'),
    get ftpPort() {
      return Number(find(/ftp:\/\/127\.0\.0\.1:(\d+)/))
    },
    get scoreboard() {
      return find(/Its scoreboard is (\S+)/)
    },
    passwordOf: (login) => find(new RegExp(`^ {2}${login} +([0-9a-f]{8})`, 'm')),
    async restart() {
      await running.stop()
      running = await run(how, data, new URL(url).port)
    },
    async stop() {
      await running.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

type How = Awaited<ReturnType<typeof withComponents>>

async function run(
  { execArgv, env }: How,
  data: string,
  port: string,
): Promise<{ said: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [...execArgv, 'examples/back-office/start.mjs'], {
    cwd: root,
    env: { ...env, PORT: port, HOST: '127.0.0.1', EXAMPLE_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const exited = once(child, 'exit').then(() => process.off('exit', killAtExit))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Ctrl-C ends it all.')) resolve()
      })
    }
    void exited.then(() => reject(new Error(`The example ended before it was ready. It said:\n${said}`)))
  })
  return {
    said,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Why the browser tests cannot run on this machine, or null where they can. */
export function whatIsMissing(): string | null {
  const missing = ['chromium-headless-shell', 'proftpd', 'openssl', 'setpriv'].filter((name) => pathOf(name) === null)
  if (missing.length > 0) return `${missing.join(', ')} not installed`
  return process.getuid?.() === 0 ? null : "ProFTPD needs root to run the example's accounts"
}

export function pathOf(program: string): string | null {
  const paths = `${process.env.PATH}:/usr/sbin`.split(':').map((directory) => join(directory, program))
  return paths.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
