import { transformFileSync } from '@swc/core'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const NOBODY = 65_534

/** A source of an FTP server in a process that is nobody's. */
export interface Unprivileged {
  /**
   * Lists with this source, and ends the session of a login where one is given.
   * @param factory the file and the name of the source's function: `vsftpd/vsftpd.js#vsftpd`
   */
  run(factory: string, options: object, login?: string): Promise<{ sessions?: object[]; error?: string; end?: string }>
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
  const wanted = /^(ftp\/([\w.-]+|(proftpd|pure-ftpd|vsftpd)\/.+)|engine\/session-source)\.ts$/
  for (const name of readdirSync('src/collectors', { recursive: true, encoding: 'utf8' })) {
    if (!wanted.test(name)) continue
    const target = join(to, name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const jsc = { target: 'es2022' as const, parser: { syntax: 'typescript' as const } }
    writeFileSync(target, transformFileSync(join('src/collectors', name), { jsc, module: { type: 'es6' } }).code)
  }
  writeFileSync(
    join(to, 'ask.js'),
    `const [factory, options, login] = process.argv.slice(2)
    const [file, name] = factory.split('#')
    const source = (await import('./ftp/' + file))[name](JSON.parse(options))
    const { signal } = new AbortController()
    const said = {}
    try {
      said.sessions = await source.list(signal)
      const session = said.sessions.find((one) => one.login === login)
      if (session) said.end = await source.end(session, signal).catch((error) => error.name + ': ' + error.message)
    } catch (error) {
      said.error = error.message
    }
    console.log(JSON.stringify(said))`,
  )
  return {
    run: (factory, options, login = '') =>
      new Promise((resolve, reject) => {
        const args = [join(to, 'ask.js'), factory, JSON.stringify(options), login]
        const env = { PATH: process.env.PATH }
        execFile(process.execPath, args, { uid: NOBODY, gid: NOBODY, cwd: '/', env }, (error, stdout) => {
          if (error) reject(error)
          else resolve(JSON.parse(stdout))
        })
      }),
    allowEnding() {
      const helper = join(to, 'ftp/end-program.js')
      chmodSync(helper, 0o755)
      writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${helper} ^[0-9]{1,10} [0-9]{1,20}$\n`, { mode: 0o440 })
      return helper
    },
    remove() {
      rmSync(sudoers, { force: true })
      rmSync(to, { recursive: true, force: true })
    },
  }
}
