import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of `big.bin` in a home. */
export const BIG = 8 << 20

/** A home with an empty directory, `deep/er dir`, and 8 MiB to download, `big.bin`. */
export function makeFtpHome(dir: string, name: string, uid: number): string {
  const home = join(dir, name)
  mkdirSync(join(home, 'deep', 'er dir'), { recursive: true })
  writeFileSync(join(home, 'big.bin'), '')
  // A hole: nothing is written, for dozens of homes.
  truncateSync(join(home, 'big.bin'), BIG)
  for (const part of ['', 'deep', 'deep/er dir', 'big.bin']) chownSync(join(home, part), uid, 65534)
  return home
}

/** A key and its certificate in one file. */
export function makePem(dir: string): string {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'server.pem')]
  makeCertificate(key, cert)
  execFileSync('sh', ['-c', 'cat "$0" >> "$1"', key, cert])
  chmodSync(cert, 0o600)
  return cert
}

/** A key and its certificate. Of an elliptic curve: another kind takes seconds. */
export function makeCertificate(key: string, cert: string): void {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const request = ['req', '-x509', ...ec, '-keyout', key, '-out', cert, '-subj', '/CN=127.0.0.1', '-days', '2']
  execFileSync('openssl', request, { stdio: 'ignore' })
  chmodSync(key, 0o600)
}
