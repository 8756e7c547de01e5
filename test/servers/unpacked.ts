import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Where Debian packages are unpacked that cannot be installed beside another: pure-ftpd, vsftpd and proftpd-core
 * conflict with one another. `apt-get download NAME` and `dpkg -x NAME.deb node_modules/.cache/debian`.
 */
const UNPACKED = join(process.cwd(), 'node_modules/.cache/debian')

/** Where a server's program is: installed, or unpacked; null where it is neither. */
export function programOf(name: string): string | null {
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...['/usr/sbin', `${UNPACKED}/usr/sbin`, `${UNPACKED}/usr/bin`],
  ]
  return places.map((place) => join(place, name)).find(mayRun) ?? null
}

/** The environment in which an unpacked program finds the libraries that were unpacked beside it. */
export const unpackedLibraries = {
  LD_LIBRARY_PATH: ['x86_64', 'aarch64'].map((cpu) => `${UNPACKED}/usr/lib/${cpu}-linux-gnu`).join(':'),
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
