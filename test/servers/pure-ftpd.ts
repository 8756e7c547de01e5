import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FtpSource } from '../../src/session-source.js'
import { makeFtpHome, makePem } from './ftp-home.js'
import { type Descriptors, type Greeted, startGreeted } from './greeted.js'
import { xinetdCommand } from './inetd.js'
import { freePort } from './server.js'
import { childrenOf } from './tree.js'
import { Turn } from './turn.js'
import { programOf, unpackedLibraries } from './unpacked.js'

/** The pure-ftpwho beside the server that the tests start: one in /usr/sbin may be another test's, and gone in a moment. */
export const pureFtpwho = join(dirname(programOf('pure-ftpd') ?? '/usr/sbin/pure-ftpd'), 'pure-ftpwho')

/** Why no Pure-FTPd can be started here, or null: for `describe.skip`. */
export const pureFtpdMissing =
  process.getuid?.() !== 0
    ? 'Pure-FTPd can only be started by root'
    : ['pure-ftpd', 'pure-pw', 'pure-ftpwho'].every(programOf)
      ? null
      : "no pure-ftpd, pure-pw and pure-ftpwho (Debian's packages pure-ftpd and pure-ftpd-common)"

/** The program of a Pure-FTPd or of one of its variants, and its pure-ftpwho beside it, copied to where they are this test's alone. */
export function copyPureFtpd(name = 'pure-ftpd'): { dir: string; program: string; who: string } {
  const dir = mkdtempSync(join(tmpdir(), 'pure-ftpd-copy-'))
  chmodSync(dir, 0o755)
  const copies = { dir, program: join(dir, name), who: join(dir, 'pure-ftpwho') }
  copyFileSync(programOf(name)!, copies.program)
  copyFileSync(pureFtpwho, copies.who)
  return copies
}

export interface PureFtpdServer extends Greeted {
  dir: string
  users: Record<'alice' | 'carol' | 'dave', { home: string }>
  /** A source that lists this server's sessions alone: all Pure-FTPd of a machine have one list. */
  alone(source: FtpSource): FtpSource
}

/**
 * Starts a Pure-FTPd of its own on a free loopback port, with users of its own, each locked into its home; `carol` gets
 * 100 KB/s either way. It takes `AUTH TLS`. Every password is `secret`.
 *
 * @param options more of its command line; `{dir}` stands for the directory below which the homes are
 * @param how `within`: a command that runs it, as `unshare` does in a namespace of its own. `program`: what runs: Pure-FTPd,
 *   a variant or a copy of it. `descriptors`: what is open in it from the start. `xinetd`: that starts it for each connection
 */
export function startPureFtpd(options: string[] = [], how: How = {}): Promise<PureFtpdServer> {
  return turn.start(() => start(options, how))
}

interface How {
  within?: string[]
  program?: string
  descriptors?: (dir: string) => Descriptors
  xinetd?: boolean
}

/** Their sources list the sessions of every Pure-FTPd of the machine. */
const turn = new Turn('pure-ftpd')

async function start(
  options: string[],
  { within, program = programOf('pure-ftpd')!, descriptors, xinetd = false }: How,
): Promise<PureFtpdServer> {
  const dir = mkdtempSync(join(tmpdir(), 'pure-ftpd-'))
  chmodSync(dir, 0o755)
  const users = makeUsers(dir, ['alice', 'carol', 'dave'])
  const port = await freePort()
  const more = options.map((option) => option.replaceAll('{dir}', dir))
  const args = [
    ...(xinetd ? [] : ['-S', `127.0.0.1,${port}`, '-g', join(dir, 'pid')]),
    ...['-l', `puredb:${join(dir, 'users.pdb')}`],
    ...['-c', '1100', '-C', '1100', '-H', '-A', '-E', '-Y', '1', '-2', makePem(dir), ...more],
  ]
  const how = { within, descriptors: descriptors?.(dir) }
  const [command, ...rest] = xinetd ? xinetdCommand(dir, port, [program, ...args]) : [program, ...args]
  const server = await startGreeted(command!, port, rest, unpackedLibraries, how)
  return {
    ...server,
    ...{ dir, users },
    alone: (source) => ({
      ...source,
      list: async (signal) => {
        const sessions = await source.list(signal)
        const own = childrenOf(server.pid)
        return sessions.filter(({ handle }) => own.includes((handle as { pid: number }).pid))
      },
    }),
    async stop() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The fields of a line are those that `pure-pw useradd` writes. Its own hash would cost a second for every logon. */
function makeUsers<Name extends string>(dir: string, names: Name[]): Record<Name, { home: string }> {
  const hash = execFileSync('openssl', ['passwd', '-5', 'secret'], { encoding: 'utf8' }).trim()
  const homes = names.map((name) => [name, { home: makeFtpHome(dir, name, 2061) }] as const)
  const lines = homes.map(([name, { home }]) => {
    const bytesPerSecond = name === 'carol' ? 100 << 10 : ''
    return `${name}:${hash}:2061:65534::${home}/./:${bytesPerSecond}:${bytesPerSecond}::::::::::\n`
  })
  writeFileSync(join(dir, 'passwd'), lines.join(''), { mode: 0o600 })
  execFileSync(programOf('pure-pw')!, ['mkdb', join(dir, 'users.pdb'), '-f', join(dir, 'passwd')])
  return Object.fromEntries(homes) as Record<Name, { home: string }>
}
