// What one installation of the example keeps: its directory, and a secret of its own.
// Import this before adminjs, which reads ADMIN_JS_TMP_DIR when it is imported.
import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const dataDirectory = resolve(process.env.EXAMPLE_DATA ?? fileURLToPath(new URL('data', import.meta.url)))
mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })

// Where components were bundled before, whoever did it says where they are.
if (process.env.ADMIN_JS_SKIP_BUNDLE !== 'true') {
  // AdminJS keeps its bundle of components in `.adminjs`, and Express 5 serves no file whose path has a dot in front.
  process.env.ADMIN_JS_TMP_DIR = join(dataDirectory, 'adminjs-bundle')
  // A bundle that is there already is served for ever, whatever has become of the components since.
  rmSync(process.env.ADMIN_JS_TMP_DIR, { recursive: true, force: true })
}

/** Signs the cookies. */
export const secret = ownSecret()

/** Passwords are this installation's own: nobody who has read this file can log in to a copy that runs elsewhere. */
export const passwordOf = (login) => createHmac('sha256', secret).update(login).digest('hex').slice(0, 8)

function ownSecret() {
  const file = join(dataDirectory, 'secret')
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8')
}
