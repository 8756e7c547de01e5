// Builds dist/ out of src/: TypeScript, and the components as plain JavaScript, which AdminJS's bundler reads as it is.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Is dist/ there and no older than anything it is made of? */
export function isBuilt() {
  const built = statSync(join(root, 'dist/index.js'), { throwIfNoEntry: false })
  return built !== undefined && built.mtimeMs >= newest(['src', 'tsconfig.json'])
}

/** Builds dist/ anew: what has left src/ must not stay in the package. A failed build leaves no dist/. */
export function build() {
  console.log('Building dist/.')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--noEmitOnError'], { cwd: root })
}

// Directories count as well: a file that was removed or renamed changes only them.
function newest(paths) {
  const times = paths.map((path) => {
    const info = statSync(join(root, path))
    const inside = info.isDirectory() ? readdirSync(join(root, path)).map((name) => join(path, name)) : []
    return Math.max(info.mtimeMs, newest(inside))
  })
  return Math.max(0, ...times)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
