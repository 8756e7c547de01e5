import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../run.mjs'

/** What the tests drive for real, by Debian's package: how to see that it is there. */
const packages = {
  'proftpd-core': () => hasProgram('proftpd'),
  'proftpd-mod-crypto': () => existsSync('/usr/lib/proftpd/mod_tls.so'),
  chromium: () => hasProgram('chromium'),
  'redis-server': () => hasProgram('redis-server'),
  postgresql: () => existsSync('/usr/lib/postgresql'),
  lftp: () => hasProgram('lftp'),
  curl: () => hasProgram('curl'),
  openssl: () => hasProgram('openssl'),
  sudo: () => hasProgram('sudo'),
  iproute2: () => hasProgram('ss'),
}

/** Installs what the tests need where that can be done (Debian, root); otherwise says what will be skipped. */
export function installDebianPackages() {
  if (missing().length === 0) return
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) aptGet(missing())
  if (missing().length === 0) return
  console.warn(
    `\n*** These are not installed: ${missing().join(', ')}.\n` +
      '*** The tests that need them are SKIPPED. On Debian, as root, "npm test" installs them by itself; elsewhere install their like.\n',
  )
}

const missing = () => Object.keys(packages).filter((name) => !packages[name]())

function aptGet(names) {
  console.log(`Installing what the tests drive for real: ${names.join(', ')}.`)
  // The tests start servers of their own; none may start as a service of this machine. RUNLEVEL is read by invoke-rc.d(8),
  // SYSTEMD_OFFLINE makes systemctl(1) ignore "start".
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' }
  run('apt-get', ['update', '-q'], { env })
  run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...names], { env })
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
