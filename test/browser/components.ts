import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { takeTurn } from '../servers/turn.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const child = fileURLToPath(new URL('../../examples/hosts/bundle-components.mjs', import.meta.url))
const quickly = pathToFileURL(join(root, 'test/in-one-file.hook.mjs')).href

/**
 * What a back office is started with that finds its components bundled, in a directory of its own: to bundle them takes
 * four seconds of a processor, and to read AdminJS file by file two.
 */
export async function withComponents(directory: string): Promise<{ execArgv: string[]; env: NodeJS.ProcessEnv }> {
  const bundled = join(root, 'node_modules/.cache/adminjs-sessions', `components-${digestOf(join(root, 'dist'))}`)
  const giveBack = await takeTurn('components')
  try {
    if (!existsSync(bundled)) {
      const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }
      const made = `${bundled}.${process.pid}`
      await promisify(execFile)(process.execPath, [child, made], { env })
      renameSync(made, bundled)
    }
  } finally {
    giveBack()
  }
  // A copy: Express 5 serves nothing below a directory with a dot in front.
  const own = join(directory, 'adminjs-bundle')
  cpSync(bundled, own, { recursive: true })
  const environment = { NODE_ENV: 'production', NODE_OPTIONS: '', ADMIN_JS_SKIP_BUNDLE: 'true' }
  return { execArgv: ['--import', quickly], env: { ...process.env, ...environment, ADMIN_JS_TMP_DIR: own } }
}

/** Components import what is beside them as well. */
function digestOf(directory: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(directory, file)))
  return hash.digest('hex').slice(0, 16)
}
