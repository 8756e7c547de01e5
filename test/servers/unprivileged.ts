import { transformFileSync } from '@swc/core'
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const NOBODY = 65_534

interface How {
  /** Ends by force. */
  force?: boolean
  /** The server whose child the session is: others may run beside it, with the same logins. */
  of?: number
  /** The command that runs it, as root, in place of nobody's process in this very namespace. */
  within?: string[]
}

interface Said {
  sessions?: object[]
  error?: string
  end?: string
}

/** Runs a program as nobody. */
export const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
/** Runs a program in a PID namespace of its own, as its first process. */
export const inOwnNamespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
/** The same, below an init that waits for every process that has lost its parent, as `docker run --init` has one. */
export const belowInit = [...inOwnNamespace, ...['sh', '-c', '"$0" "$@"; exit $?']]
/** Runs a program in another PID namespace than everybody else, as a container does, among 60 processes that have the first numbers there. */
export const inNamespace = [...inOwnNamespace, ...['sh', '-c', 'for i in $(seq 60); do sleep 600 & done; "$0" "$@"']]
/** Runs a program where another process runs, as `docker exec` does. */
export const beside = (pid: number) => ['nsenter', `--target=${pid}`, '--pid', '--mount']

/** A source of an FTP server in a process that is nobody's. */
export interface Unprivileged {
  /**
   * Lists with this source, and ends the session of a login where one is given.
   * @param factory the file and the name of the source's function: `vsftpd/vsftpd.js#vsftpd`
   */
  run(factory: string, options: object, login?: string, how?: How): Promise<Said>
  /** Lets nobody end sessions through sudo: the path of `adminjs-sessions-end`, to be given as `endHelper`. */
  allowEnding(): string
  remove(): void
}

/** Puts the sources of FTP servers where every user may read them. */
export function makeUnprivileged(): Unprivileged {
  const to = mkdtempSync(join(tmpdir(), 'unprivileged-'))
  const sudoers = `/etc/sudoers.d/${basename(to)}`
  chmodSync(to, 0o755)
  writeFileSync(join(to, 'package.json'), '{"type":"module"}')
  const wanted =
    /^(session-source|cli\/end-session|collectors\/(check-options|changed-hands|refusal|watch-directory)|translations\/languages\/en|(text|timing|collectors\/ftp)\/.+)\.ts$/
  for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!wanted.test(name)) continue
    const target = join(to, name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const jsc = { target: 'es2022' as const, parser: { syntax: 'typescript' as const } }
    writeFileSync(target, transformFileSync(join('src', name), { jsc, module: { type: 'es6' } }).code)
  }
  for (const name of ['chokidar', 'readdirp', 'zod'])
    cpSync(join('node_modules', name), join(to, 'node_modules', name), { recursive: true })
  writeFileSync(
    join(to, 'ask.js'),
    `import { processStat } from './collectors/ftp/os/proc.js'
    const { factory, options, login, force, of } = JSON.parse(process.argv[2])
    const [file, name] = factory.split('#')
    const source = (await import('./collectors/ftp/' + file))[name](options)
    const { signal } = new AbortController()
    const { end } = force ? source.byForce : source
    const said = {}
    try {
      said.sessions = await source.list(signal)
      const isOf = ({ pid }) => !of || processStat(pid)?.parent === of
      const session = said.sessions.find((one) => one.login === login && isOf(one.handle))
      if (session) said.end = await end(session, signal, () => source.list(signal)).catch((error) => error.name + ': ' + error.message)
    } catch (error) {
      said.error = error.message
    }
    console.log(JSON.stringify(said))`,
  )
  return {
    run: (factory, options, login = '', { force = false, within = [], of } = {}) =>
      new Promise((resolve, reject) => {
        const input = JSON.stringify({ factory, options, login, force, of })
        const [program, ...args] = [...within, process.execPath, join(to, 'ask.js'), input]
        const user = within.length > 0 ? {} : { uid: NOBODY, gid: NOBODY }
        execFile(program!, args, { ...user, cwd: '/', env: { PATH: process.env.PATH } }, (error, stdout) => {
          if (error) reject(error)
          else resolve(JSON.parse(stdout))
        })
      }),
    allowEnding() {
      const helper = join(to, 'cli/end-session.js')
      chmodSync(helper, 0o755)
      writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${helper} ^[0-9]{1,10} [0-9]{1,20}( force)?$\n`, {
        mode: 0o440,
      })
      return helper
    },
    remove() {
      rmSync(sudoers, { force: true })
      rmSync(to, { recursive: true, force: true })
    },
  }
}
