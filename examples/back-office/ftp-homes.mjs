import { chmod, mkdir, mkdtemp, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ftpAccounts } from './accounts.mjs'

/**
 * A directory for an FTP server's files: a temporary one, because FTP users must be able to enter their homes wherever this
 * clone lies, also below /root.
 */
export async function makeDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-example-'))
  await chmod(directory, 0o711)
  return directory
}

/** Makes a home for each FTP account and one, `ftp`, for anonymous logins. */
export async function makeHomes(directory) {
  for (const home of [...ftpAccounts.map(({ login }) => login), 'ftp']) await mkdir(join(directory, home))
  await mkdir(join(directory, 'shop/htdocs'))
  const manual = join(directory, 'ftp/manual.pdf')
  await writeFile(manual, '')
  await truncate(manual, 16 * 2 ** 20)
}
