import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../run.mjs'

/** What the tests drive for real, by Debian's package: how to see that it is there. */
const packages = {
  'proftpd-core': () => hasProgram('proftpd'),
  'proftpd-mod-crypto': () => existsSync('/usr/lib/proftpd/mod_tls.so'),
  'proftpd-mod-sqlite': () => existsSync('/usr/lib/proftpd/mod_sql_sqlite.so'),
  'chromium-headless-shell': () => hasProgram('chromium-headless-shell'),
  'redis-server': () => hasProgram('redis-server'),
  'nginx-light': () => hasProgram('nginx'),
  'mariadb-server-core': () => hasProgram('mariadbd'),
  postgresql: () => existsSync('/usr/lib/postgresql'),
  'php-cli': () => hasProgram('php'),
  lftp: () => hasProgram('lftp'),
  curl: () => hasProgram('curl'),
  openssl: () => hasProgram('openssl'),
  sudo: () => hasProgram('sudo'),
  iproute2: () => hasProgram('ss'),
  libsodium23: () => hasLibrary('libsodium.so.23'),
}

/** Debian's FTP servers conflict with one another: these are unpacked beside the installed one, with what they load. */
const unpacked = fileURLToPath(new URL('../../node_modules/.cache/debian', import.meta.url))
const unpackedPackages = [
  ...['pure-ftpd', 'pure-ftpd-common', 'pure-ftpd-mysql', 'pure-ftpd-postgresql', 'pure-ftpd-ldap', 'libmariadb3'],
  ...['vsftpd', 'libwrap0', 'xinetd', 'inetutils-ftpd'],
]
const unpackedPrograms = [
  ...['pure-ftpd', 'pure-ftpd-mysql', 'pure-ftpd-postgresql', 'pure-ftpd-ldap'],
  ...['vsftpd', 'xinetd', 'ftpd'],
]

/** Installs what the tests need where that can be done (Debian, root); otherwise says what will be skipped. */
export function installDebianPackages() {
  if (missing().length === 0) return
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) install()
  if (missing().length === 0) return
  console.warn(
    `\n*** These are not installed: ${missing().join(', ')}.\n` +
      '*** The tests that need them are SKIPPED. On Debian, as root, "npm test" installs them by itself; elsewhere install their like.\n',
  )
}

const notInstalled = () => Object.keys(packages).filter((name) => !packages[name]())
const notUnpacked = () =>
  unpackedPrograms.filter((name) => !hasProgram(name) && !existsSync(join(unpacked, 'usr/sbin', name)))
const missing = () => [...notInstalled(), ...notUnpacked()]

function install() {
  console.log(`Installing what the tests drive for real: ${missing().join(', ')}.`)
  // The tests start servers of their own; none may start as a service of this machine. RUNLEVEL is read by invoke-rc.d(8),
  // SYSTEMD_OFFLINE makes systemctl(1) ignore "start".
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' }
  run('apt-get', ['update', '-q'], { env })
  if (notInstalled().length > 0) {
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...notInstalled()], { env })
  }
  if (notUnpacked().length > 0) unpack()
}

function unpack() {
  const downloads = mkdtempSync(join(tmpdir(), 'adminjs-sessions-debian-'))
  run('apt-get', ['download', '-q', ...unpackedPackages], { cwd: downloads })
  mkdirSync(unpacked, { recursive: true })
  for (const file of readdirSync(downloads)) run('dpkg', ['-x', join(downloads, file), unpacked])
  rmSync(downloads, { recursive: true })
}

function hasLibrary(file) {
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].some((directory) => existsSync(join('/usr/lib', directory, file)))
}

// Servers live in /usr/sbin, which is not on everybody's PATH.
function hasProgram(name) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
