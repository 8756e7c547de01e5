import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isBuilt } from '../../scripts/build.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Example {
  /** Where the back office is mounted: `http://127.0.0.1:PORT/admin`. */
  url: string
  ftpPort: number
  scoreboard: string
  passwordOf(login: string): string
  stop(): Promise<void>
}

/** Starts the example back office as `npm start` does, on a free port, with files of its own, and with a real ProFTPD. */
export async function startExample(): Promise<Example> {
  if (!isBuilt())
    throw new Error('dist/ is missing or older than src/: the example runs what is built. Run "npm run build".')
  const data = await mkdtemp(join(tmpdir(), 'adminjs-sessions-browser-'))
  const child = spawn(process.execPath, ['example/start.mjs'], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', EXAMPLE_DATA: data, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const exited = once(child, 'exit').then(() => process.off('exit', killAtExit))
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Ctrl-C ends it all.')) resolve()
      })
    }
    void exited.then(() => reject(new Error(`The example ended before it was ready. It said:\n${said}`)))
  })
  await ready
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(said)
    if (!found) throw new Error(`Expected the example to say ${pattern}. It said:\n${said}`)
    return found[1]
  }
  const passwords = new Map(
    [...said.matchAll(/^ {2}(\S+) +([0-9a-f]{8})\b/gm)].map(([, login, password]) => [login, password]),
  )
  return {
    url: find(/The back office is at (\S+)/),
    ftpPort: Number(find(/ftp:\/\/127\.0\.0\.1:(\d+)/)),
    scoreboard: find(/Its scoreboard is (\S+)/),
    passwordOf(login) {
      const password = passwords.get(login)
      if (password === undefined) throw new Error(`The example has no account ${login}. It said:\n${said}`)
      return password
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Why the browser tests cannot run on this machine, or null where they can. */
export function whatIsMissing(): string | null {
  const missing = ['chromium', 'proftpd', 'openssl', 'setpriv'].filter((name) => pathOf(name) === null)
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
