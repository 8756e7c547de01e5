import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { FtpSource } from '../../src/session-source.js'
import { makeFtpHome, makePem } from './ftp-home.js'
import { type Descriptors, type Greeted, startGreeted } from './greeted.js'
import { freePort } from './server.js'
import { childrenOf } from './tree.js'
import { Turn } from './turn.js'
import { programOf, unpackedLibraries } from './unpacked.js'

/** Why no vsftpd can be started here, or null: for `describe.skip`. */
export const vsftpdMissing =
  process.getuid?.() !== 0
    ? 'vsftpd can only be started by root'
    : programOf('vsftpd')
      ? null
      : "no vsftpd (Debian's package vsftpd)"

export interface VsftpdServer extends Greeted {
  dir: string
  users: Record<'alice' | 'carol', { home: string }>
  /** What vsftpd shows for anonymous sessions: the value of `ftp_username`, which is `ftp` unless it is set. */
  anonymousLogin: string
  /** A source that lists this server's sessions alone. */
  alone(source: FtpSource): FtpSource
}

/** vsftpd's guests need a system user with a home that is there: every Linux has this one. */
const GUEST = { name: 'daemon', uid: 1 }

/**
 * Starts a vsftpd of its own on a free loopback port. `alice` and `carol` are guests, each locked into a home;
 * anybody may come in anonymously; other logins are refused, and every password is right, for PAM asks a list of names
 * alone. It takes `AUTH TLS`.
 *
 * @param settings lines of vsftpd.conf that come after the others, and so before them; `{dir}` stands for the
 *   directory below which the homes are
 * @param how `within`: a command that runs it, as `unshare` does in a namespace of its own. `program`: what runs: vsftpd,
 *   or a copy of it. `owner`: of vsftpd.conf, which must be its own. `descriptors`: what is open in it from the start
 */
export function startVsftpd(settings: string[] = [], how: How = {}): Promise<VsftpdServer> {
  return turn.start(() => start(settings, how))
}

interface How {
  within?: string[]
  program?: string
  owner?: number
  descriptors?: (dir: string) => Descriptors
}

/** Their sources list the sessions of every vsftpd of the machine. */
const turn = new Turn('vsftpd')

async function start(
  settings: string[],
  { within, program = programOf('vsftpd')!, owner = 0, descriptors }: How,
): Promise<VsftpdServer> {
  const dir = mkdtempSync(join(tmpdir(), 'vsftpd-'))
  chmodSync(dir, 0o755)
  const home = (name: string) => ({ home: makeFtpHome(dir, name, GUEST.uid) })
  const users = { alice: home('alice'), carol: home('carol') }
  for (const empty of ['anonymous', 'empty']) mkdirSync(join(dir, empty))
  writeFileSync(join(dir, 'anonymous/big.bin'), Buffer.alloc(8 << 20))
  // PAM looks for its services in one place only, and by names without capitals.
  const service = `/etc/pam.d/adminjs-sessions-${basename(dir).toLowerCase()}`
  writeFileSync(join(dir, 'logins'), 'alice\ncarol\n', { mode: 0o600 })
  writeFileSync(
    service,
    `auth required pam_listfile.so item=user sense=allow onerr=fail file=${dir}/logins\n` +
      'account required pam_permit.so\nsession required pam_permit.so\n',
  )
  const removeAll = () => [dir, service].forEach((path) => rmSync(path, { recursive: true, force: true }))
  process.once('exit', removeAll)
  const port = await freePort()
  const config = join(dir, 'vsftpd.conf')
  writeFileSync(
    config,
    [...configuration(dir, port, basename(service)), ...settings, ''].join('\n').replaceAll('{dir}', dir),
  )
  chownSync(config, owner, owner)
  const how = { within, descriptors: descriptors?.(dir) }
  const server = await startGreeted(program, port, [config], unpackedLibraries, how)
  return {
    ...server,
    ...{ dir, users, anonymousLogin: GUEST.name },
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
      removeAll()
      process.removeListener('exit', removeAll)
    },
  }
}

function configuration(dir: string, port: number, service: string): string[] {
  return [
    ...['listen=YES', 'listen_address=127.0.0.1', `listen_port=${port}`, 'background=NO', 'setproctitle_enable=YES'],
    ...['local_enable=YES', 'guest_enable=YES', `guest_username=${GUEST.name}`, 'virtual_use_local_privs=YES'],
    ...['user_sub_token=$USER', `local_root=${dir}/$USER`, 'chroot_local_user=YES', 'allow_writeable_chroot=YES'],
    ...['anonymous_enable=YES', 'no_anon_password=YES', `anon_root=${dir}/anonymous`, `ftp_username=${GUEST.name}`],
    ...['write_enable=YES', 'nopriv_user=nobody', `secure_chroot_dir=${dir}/empty`, `pam_service_name=${service}`],
    ...['ssl_enable=YES', 'allow_anon_ssl=YES', 'force_local_logins_ssl=NO', 'force_local_data_ssl=NO'],
    ...['require_ssl_reuse=NO', `rsa_cert_file=${makePem(dir)}`, 'xferlog_enable=NO', 'max_clients=1100'],
    ...['isolate_network=NO', 'max_per_ip=0'],
  ]
}
