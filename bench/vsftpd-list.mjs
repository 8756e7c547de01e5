// How long `vsftpd()` takes to list, beside what Debian ships as vsftpdwho, a `ps` of the same titles, in one run: what
// is more goes to /proc and `ss`, for location, idle time and bytes. Needs the built package (npm run build), vsftpd and root.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vsftpd } from '../dist/collectors/ftp/vsftpd/vsftpd.js'
import { compare, freePort, programOf } from './sessions/open.mjs'

const program = programOf('vsftpd')
const port = await freePort()
const dir = mkdtempSync(join(tmpdir(), 'bench-'))
const config = join(dir, 'vsftpd.conf')
mkdirSync(join(dir, 'empty'))
const settings = [
  ...['listen=YES', 'listen_address=127.0.0.1', `listen_port=${port}`, 'background=NO', 'setproctitle_enable=YES'],
  ...[
    'nopriv_user=nobody',
    'ftp_username=nobody',
    `secure_chroot_dir=${dir}/empty`,
    'max_clients=1100',
    'max_per_ip=0',
  ],
  ...['isolate_network=NO', 'idle_session_timeout=600'],
]
writeFileSync(config, `${settings.join('\n')}\n`)
const source = vsftpd()
const { signal } = new AbortController()
const run = promisify(execFile)
try {
  await compare({
    program,
    args: [config],
    port,
    list: () => source.list(signal),
    theirs: () => run('ps', ['-C', 'vsftpd', '-o', 'user,pid,stime,cmd'], { maxBuffer: 16 << 20 }),
    tool: 'vsftpdwho',
  })
} finally {
  rmSync(dir, { recursive: true })
}
