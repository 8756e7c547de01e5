// A ProFTPD of the example's own: its config, accounts, port and scoreboard touch nothing of the machine's.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { proftpd } from 'adminjs-sessions/collect'
import { freePort } from '../servers/free-port.mjs'
import { findFtpAccount, ftpAccounts } from './accounts.mjs'
import { makeDirectory, makeHomes } from './ftp-homes.mjs'

const execute = promisify(execFile)
process.env.PATH += ':/usr/sbin'

/** Throws where ProFTPD cannot be had; the message says why. */
export async function startProftpd() {
  if (process.getuid?.() !== 0) throw new Error('ProFTPD is started as root only')
  await execute('proftpd', ['-v']).catch(() => {
    throw new Error('ProFTPD is not installed')
  })
  const directory = await makeDirectory()
  const port = await freePort()
  const { program, args, scoreboard, controls } = await proftpdIn(directory, port)

  // A back office that is killed with -9 leaves no ProFTPD behind.
  const server = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(server, 'exit').catch(() => {})
  const stop = async () => {
    server.kill('SIGTERM')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await greets(server, port)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: 'ProFTPD',
    port,
    scoreboard,
    source: proftpd({ scoreboard, controls: { socket: controls }, accounts: findFtpAccount }),
    stop,
  }
}

/**
 * Puts homes and a configuration into `directory`.
 *
 * @returns the program to run, which stays in the foreground, and which `setpriv --pdeathsig TERM` ends with whoever starts
 *   it; its scoreboard, the socket of its controls, and the file of its own pid
 */
export async function proftpdIn(directory, port) {
  await makeHomes(directory)
  await configure(directory, port)
  return {
    // ProFTPD goes on as another user, and the kernel forgets the signal then (PR_SET_PDEATHSIG(2const)); timeout does not,
    // and hands signals on.
    program: 'timeout',
    args: ['0', 'proftpd', '-n', '-q', '-c', join(directory, 'proftpd.conf')],
    scoreboard: join(directory, 'scoreboard'),
    controls: join(directory, 'controls'),
    pidFile: join(directory, 'pid'),
  }
}

async function configure(directory, port) {
  const nobody = await idsOf('nobody')
  const users = [...ftpAccounts, { login: 'ftp', password: null }]
  const lines = await Promise.all(
    users.map(async ({ login, password }) => {
      const home = join(directory, login)
      await chown(home, nobody.uid, nobody.gid)
      const hash = password === null ? '*' : await crypt(password)
      return `${login}:${hash}:${nobody.uid}:${nobody.gid}::${home}:/bin/false\n`
    }),
  )
  await writeFile(join(directory, 'passwd'), lines.join(''), { mode: 0o600 })
  await writeFile(join(directory, 'proftpd.conf'), config(directory, port, nobody))
}

// TransferRate: slow enough to be watched. Timeouts off: the example's clients idle for as long as it runs.
const config = (directory, port, nobody) => `
ServerName "example.com"
ServerType standalone
DefaultAddress 127.0.0.1
UseIPv6 off
Port ${port}
SocketBindTight on
User ${nobody.user}
Group ${nobody.group}
AuthOrder mod_auth_file.c
AuthUserFile ${directory}/passwd
RequireValidShell off
DefaultRoot ~
AllowOverwrite on
TransferRate RETR 96
TransferRate STOR 96
TimeoutIdle 0
TimeoutNoTransfer 0
TimeoutStalled 0
UseReverseDNS off
WtmpLog off
TransferLog none
SystemLog ${directory}/log
ScoreboardFile ${directory}/scoreboard
PidFile ${directory}/pid
DelayTable none
LoadModule mod_ctrls_admin.c
LoadModule mod_ban.c
ControlsEngine on
ControlsInterval 1
ControlsSocket ${directory}/controls
ControlsLog ${directory}/log
ControlsSocketACL allow user root
BanEngine on
BanLog ${directory}/log
BanTable ${directory}/bans
BanControlsACLs ban,permit allow user root
<Anonymous ${directory}/ftp>
  User ftp
  UserAlias anonymous ftp
  AnonRequirePassword off
</Anonymous>
`

async function idsOf(user) {
  const [uid, gid, group] = await Promise.all(
    ['-u', '-g', '-gn'].map(async (option) => (await execute('id', [option, user])).stdout.trim()),
  )
  return { user, uid: Number(uid), gid: Number(gid), group }
}

// By standard input: what stands on a command line can be read by everybody on the machine.
async function crypt(password) {
  const running = execute('openssl', ['passwd', '-6', '-stdin'])
  running.child.stdin.end(`${password}\n`)
  return (await running).stdout.trim()
}

/** Waits for a first greeting: it says nothing when it is ready, and listens before. */
export async function greets(server, port) {
  let said = ''
  let failed
  server.stderr.on('data', (text) => (said += text))
  server.on('error', (error) => (failed = error.message))
  for (let tries = 0; tries < 100; tries++) {
    if (failed || (server.exitCode ?? server.signalCode) !== null)
      throw new Error(`ProFTPD did not start: ${failed ?? said.trim()}`)
    const socket = createConnection(port, '127.0.0.1')
    const [greeting] = await once(socket, 'data').catch(() => [])
    socket.destroy()
    if (greeting) return
    await delay(50)
  }
  throw new Error(`ProFTPD did not answer on port ${port} within 5 s: ${said.trim()}`)
}
