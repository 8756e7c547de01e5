import { chmod, mkdir, mkdtemp, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ftpAccounts } from './accounts.mjs'

/**
 * Makes a directory with a home for each FTP account and one, `ftp`, for anonymous logins. It is a temporary one, because
 * FTP users must be able to enter their homes wherever this clone lies, also below /root.
 */
export async function makeHomes() {
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-example-'))
  await chmod(directory, 0o711)
  for (const home of [...ftpAccounts.map(({ login }) => login), 'ftp']) await mkdir(join(directory, home))
  await mkdir(join(directory, 'shop/htdocs'))
  const manual = join(directory, 'ftp/manual.pdf')
  await writeFile(manual, '')
  await truncate(manual, 16 * 2 ** 20)
  return directory
}
