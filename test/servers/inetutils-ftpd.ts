import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Greeted, startGreeted } from './greeted.js'
import { xinetdCommand, xinetdMissing } from './inetd.js'
import { freePort } from './server.js'
import { programOf, unpackedLibraries } from './unpacked.js'

/** Why no ftpd of GNU inetutils can be started here, or null: for a test's `skip`. */
export const inetutilsMissing =
  process.getuid?.() !== 0
    ? 'ftpd can only be started by root'
    : programOf('ftpd')
      ? xinetdMissing
      : "no ftpd (Debian's package inetutils-ftpd)"

/**
 * Starts a ftpd of GNU inetutils behind xinetd on a free loopback port. Its users are the system's: it sees another
 * `/etc/passwd`, with `alice` and `bob` alone, and another `/var/log`, in a mount namespace of its own. Every password is
 * `secret`; each home has 16 MiB to download, `big.bin`.
 */
export async function startInetutilsFtpd(): Promise<Greeted & { passwd: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'inetutils-ftpd-'))
  chmodSync(dir, 0o755)
  const [passwd, shadow, log] = ['passwd', 'shadow', 'log'].map((name) => join(dir, name)) as [string, string, string]
  const users = ['alice', 'bob'].map((name, i) => ({ name, uid: 2071 + i, home: join(dir, name) }))
  for (const { home, uid } of users) {
    mkdirSync(home)
    writeFileSync(join(home, 'big.bin'), Buffer.alloc(16 << 20))
    chownSync(home, uid, 65_534)
  }
  const hash = execFileSync('openssl', ['passwd', '-5', 'secret'], { encoding: 'utf8' }).trim()
  const lines = (line: (user: (typeof users)[number]) => string) => users.map((user) => `${line(user)}\n`).join('')
  writeFileSync(
    passwd,
    `root:x:0:0::/root:/bin/sh\n${lines(({ name, uid, home }) => `${name}:x:${uid}:65534::${home}:/bin/sh`)}`,
  )
  writeFileSync(shadow, `root:*:19000::::::\n${lines(({ name }) => `${name}:${hash}:19000::::::`)}`)
  mkdirSync(log)
  writeFileSync(join(log, 'wtmp'), '')
  const mounts = `mount --bind ${passwd} /etc/passwd && mount --bind ${shadow} /etc/shadow && mount --bind ${log} /var/log`
  const within = ['unshare', '--mount', 'sh', '-c', `${mounts} && exec "$0" "$@"`]
  const port = await freePort()
  const [command, ...rest] = xinetdCommand(dir, port, [programOf('ftpd')!, '--logging'])
  const server = await startGreeted(command, port, rest, unpackedLibraries, { within })
  return {
    ...server,
    passwd,
    async stop() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
