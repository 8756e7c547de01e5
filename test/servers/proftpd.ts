import { execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { allPids, openFilesOf } from '../../src/collectors/ftp/os/proc.js'
import { until as named } from '../until.js'
import { makeCertificate, makeFtpHome } from './ftp-home.js'
import { type Descriptors, stdioOf } from './greeted.js'
import { type Inetd, startInetd } from './inetd.js'
import { freePort } from './server.js'
import { childrenOf } from './tree.js'

const run = promisify(execFile)

/** Why no ProFTPD can be started here, or null: for `describe.skip`. */
export const proftpdMissing = missing()

function missing(): string | null {
  if (process.getuid?.() !== 0) return 'ProFTPD can only be started by root'
  try {
    execFileSync('proftpd', ['-v'], { stdio: 'ignore' })
  } catch {
    return 'no proftpd on the PATH (apt-get install proftpd-core)'
  }
  const crypto = existsSync('/usr/lib/proftpd/mod_sftp.so') && existsSync('/usr/lib/proftpd/mod_tls.so')
  return crypto ? null : 'no mod_tls and mod_sftp (apt-get install proftpd-mod-crypto)'
}

export interface ProftpdServer {
  /** Plain FTP and FTPS (`AUTH TLS`) at one port, as most servers do. */
  port: number
  sftpPort: number
  /** A second virtual host, whose name is `Second host`. */
  vhostPort: number
  scoreboard: string
  /** For `ftpdctl -s`. */
  controls: string
  /** The running master, or the program that starts ProFTPD for each connection. */
  readonly pid: number
  dir: string
  users: Record<'alice' | 'bob' | 'carol' | 'dave', ProftpdUser>
  /** One more login, longer than the scoreboard has room for. */
  longLogin: string
  /** The home of anonymous logins; their system user is `ftp`. */
  anonymousHome: string
  /** Kills the master and nothing else, as a crash does: its sessions live on. */
  crash(): Promise<void>
  /** Starts it again after a crash. */
  start(): Promise<void>
  /** Ends the server and every session, also those that outlived a crash, and deletes all that they had. */
  stop(): Promise<void>
}

interface ProftpdUser {
  password: string
  home: string
  uid: number
}

/**
 * Starts a ProFTPD of its own on free loopback ports; nothing of the system's own is used.
 * `alice`, `carol` and `dave` are locked into their homes, `bob` is not; `carol` gets 100 KB/s either way, and so does
 * `bob`. `UseSendfile` is on, as it is by default. Every password is `secret`.
 *
 * @param settings lines to add to the main server's part of proftpd.conf; `{dir}` stands for the directory below which the
 *   homes are
 * @param how `namespace`: in a PID namespace of its own, as in a container; there the master is process 1, and `pid` what
 *   it is here. `descriptors`: what is open in it from the start; then it is started to stay in the foreground, as by a
 *   supervisor. `inetd`: who starts it for each connection to `port`: then there is no master
 */
export async function startProftpd(
  settings: string[] = [],
  how: {
    namespace?: boolean
    descriptors?: (dir: string) => Descriptors | Promise<Descriptors>
    inetd?: Inetd
  } = {},
): Promise<ProftpdServer> {
  const dir = mkdtempSync(join(tmpdir(), 'proftpd-'))
  chmodSync(dir, 0o755)
  const runDir = join(dir, 'run')
  mkdirSync(runDir)
  const [port, vhostPort, sftpPort] = [await freePort(), await freePort(), await freePort()]
  const users = makeUsers(dir)
  const anonymousHome = makeFtpHome(dir, 'anonymous', 2050)
  makeCertificate(join(dir, 'key.pem'), join(dir, 'cert.pem'))
  const config = join(dir, 'proftpd.conf')
  const lines = configuration(dir, { port, vhostPort, sftpPort }, [
    ...(how.inetd ? ['ServerType inetd'] : []),
    ...settings,
  ])
  writeFileSync(config, [...lines, ''].join('\n').replaceAll('{dir}', dir))

  const masters: number[] = []
  const start = async () => {
    if (how.namespace) {
      masters.push(await startInside(config))
      await until(() => greeting(port).catch(() => false))
      return
    }
    if (how.inetd) {
      masters.push(startInetd(how.inetd, dir, port, ['/usr/sbin/in.proftpd', '-c', config]))
      await until(() => greeting(port).catch(() => false))
      await until(() => sessions().length === 0)
      return
    }
    if (how.descriptors) superviseProftpd(config, await how.descriptors(dir))
    else await run('proftpd', ['-c', config])
    masters.push(await until(() => Number(readIfThere(join(runDir, 'pid'))) || null))
    await until(() => greeting(port).catch(() => false))
  }
  // Each has the server's log open.
  const sessions = () =>
    allPids().filter((pid) => openFilesOf(pid)?.some(({ path }) => path === join(dir, 'system.log')))
  // The first process of a namespace takes all of it along.
  const killEverything = () => {
    masters.forEach((pid) => signalAll(how.namespace || how.inetd ? pid : -pid))
    if (how.inetd) sessions().forEach(signalAll)
  }
  process.once('exit', killEverything)
  await start()
  return {
    ...{ port, sftpPort, vhostPort, dir, users, anonymousHome, longLogin: LONG_LOGIN },
    scoreboard: join(runDir, 'scoreboard'),
    controls: join(runDir, 'controls'),
    get pid() {
      return masters.at(-1)!
    },
    start,
    async crash() {
      const pid = masters.at(-1)!
      process.kill(pid, 'SIGKILL')
      await until(() => !isRunning(pid))
      rmSync(join(runDir, 'pid'))
    },
    async stop() {
      const pid = masters.at(-1)!
      if (isRunning(pid)) process.kill(pid, 'SIGTERM')
      await until(() => !isRunning(pid))
      // A session waits up to five seconds before it obeys SIGTERM: not here.
      killEverything()
      process.removeListener('exit', killEverything)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Starts a master that is the first process of a PID namespace, and gives its number here. With it all of them end. */
async function startInside(config: string): Promise<number> {
  const args = ['--pid', '--fork', '--kill-child', '--mount-proc', 'proftpd', '-n', '-c', config]
  const { pid } = spawn('unshare', args, { stdio: 'ignore' })
  return until(() => childrenOf(pid!)[0])
}

/** It ends with the test; a group of its own is ended with it, as one that has gone to the background is. */
function superviseProftpd(config: string, descriptors: Descriptors): void {
  const child = spawn('proftpd', ['-n', '-c', config], { stdio: stdioOf(descriptors), detached: true })
  child.unref()
  new Set(descriptors).forEach((open) => open !== null && closeSync(open))
}

/** Waits until `condition` gives something that is true, and gives that. */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
): Promise<NonNullable<Exclude<Value, false | 0 | ''>>> {
  return (await named(`${condition}`, condition)) as NonNullable<Exclude<Value, false | 0 | ''>>
}

/** Whether this process is there and is not only waiting to be reaped. */
export function isRunning(pid: number): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`)
  return stat !== '' && !/^\d+ \(.*\) [ZX]/s.test(stat)
}

function configuration(
  dir: string,
  ports: { port: number; vhostPort: number; sftpPort: number },
  settings: string[],
): string[] {
  const tls = [
    ...['TLSEngine on', `TLSECCertificateFile ${dir}/cert.pem`, `TLSECCertificateKeyFile ${dir}/key.pem`],
    ...['TLSRequired off', 'TLSOptions NoSessionReuseRequired', `TLSLog ${dir}/tls.log`],
  ]
  // Every virtual host keeps its own copy of these.
  const server = [
    ...[
      `AuthUserFile ${dir}/passwd`,
      `AuthGroupFile ${dir}/group`,
      'RequireValidShell off',
      'AllowOverwrite on',
      'AllowStoreRestart on',
    ],
    ...[
      'AuthOrder mod_auth_file.c',
      'DefaultRoot ~ !staff',
      'WtmpLog off',
      'TransferRate RETR,STOR,APPE,STOU 100 user carol,bob',
    ],
  ]
  return [
    ...['ctrls_admin', 'ban', 'tls', 'sftp'].map((name) => `LoadModule mod_${name}.c`),
    ...['ServerName "Main host"', 'ServerType standalone', 'DefaultServer on', 'DefaultAddress 127.0.0.1'],
    ...[`Port ${ports.port}`, 'User nobody', 'Group nogroup', 'UseReverseDNS off', 'DelayEngine off'],
    ...['MaxInstances none'],
    ...[`ScoreboardFile ${dir}/run/scoreboard`, `PidFile ${dir}/run/pid`, 'SocketBindTight on'],
    ...[`SystemLog ${dir}/system.log`, `TransferLog ${dir}/transfer.log`],
    ...[
      'ControlsEngine on',
      `ControlsSocket ${dir}/run/controls`,
      'ControlsInterval 1',
      `ControlsLog ${dir}/controls.log`,
    ],
    ...['ControlsACLs all allow user root', 'AdminControlsEngine on', 'AdminControlsACLs all allow user root'],
    ...['BanEngine on', `BanTable ${dir}/run/bans`, `BanLog ${dir}/ban.log`, 'BanControlsACLs all allow user root'],
    ...server,
    ...tls,
    ...settings,
    ...[
      `<Anonymous ${dir}/anonymous>`,
      'User ftp',
      'Group nogroup',
      'UserAlias anonymous ftp',
      'RequireValidShell off',
    ],
    ...['AnonRequirePassword off', '</Anonymous>'],
    ...['<VirtualHost 127.0.0.1>', 'ServerName "Second host"', `Port ${ports.vhostPort}`, ...server, '</VirtualHost>'],
    ...['<VirtualHost 127.0.0.1>', 'ServerName "SFTP host"', `Port ${ports.sftpPort}`, ...server],
    ...['SFTPEngine on', `SFTPHostKey ${dir}/key.pem`, `SFTPLog ${dir}/sftp.log`, 'SFTPAuthMethods password'],
    '</VirtualHost>',
  ]
}

const LONG_LOGIN = 'somebody.with.a.long.name@customers.example.org'

function makeUsers(dir: string): ProftpdServer['users'] {
  const hash = execFileSync('openssl', ['passwd', '-6', 'secret'], { encoding: 'utf8' }).trim()
  const user = (name: string, uid: number) => ({ password: 'secret', uid, home: makeFtpHome(dir, name, uid) })
  const users = {
    alice: user('alice', 2041),
    bob: user('bob', 2042),
    carol: user('carol', 2043),
    dave: user('dave', 2044),
  }
  const line = ([name, { uid, home }]: [string, ProftpdUser]) =>
    `${name}:${hash}:${uid}:${name === 'bob' ? 2042 : 2041}::${home}:/bin/false\n`
  const long = `${LONG_LOGIN}:${hash}:2045:2041::${makeFtpHome(dir, 'long', 2045)}:/bin/false\n`
  const guest = `ftp:${hash}:2050:65534::${join(dir, 'anonymous')}:/bin/false\n`
  writeFileSync(join(dir, 'passwd'), Object.entries(users).map(line).join('') + long + guest, { mode: 0o600 })
  writeFileSync(join(dir, 'group'), 'users:x:2041:\nstaff:x:2042:bob\nnogroup:x:65534:\n', { mode: 0o600 })
  return users
}

/** The port listens before the master is ready to fork: a greeting is the proof. */
async function greeting(port: number): Promise<true> {
  const socket = connect(port, '127.0.0.1')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('data', () => resolve())
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('ProFTPD closed the connection where its greeting was expected.')))
    })
    return true
  } finally {
    socket.destroy()
  }
}

function signalAll(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
