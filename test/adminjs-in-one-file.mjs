// AdminJS as one file: every test file with a back office loads it anew, and of 600 files that takes three times as long.
import { renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const installed = join(modules, 'adminjs/index.js')
const file = join(modules, '.cache/adminjs-sessions/adminjs.mjs')
const timeOf = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Its path. It is made anew when npm has installed anything since. */
export async function adminjsInOneFile() {
  if (timeOf(file) > timeOf(join(modules, '.package-lock.json'))) return file
  const { build } = await import('esbuild')
  const made = `${file}.${process.pid}`
  const requires = `import { createRequire as from } from 'node:module'; const require = from(${JSON.stringify(installed)});`
  await build({
    ...{ entryPoints: [installed], outfile: made, bundle: true, format: 'esm', platform: 'node', keepNames: true },
    // As Jest has it; without it, React would be in it twice.
    define: { 'process.env.NODE_ENV': '"test"' },
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: requires },
    plugins: [{ name: 'as it is where it is installed', setup }],
  })
  renameSync(made, file)
  return file
}

function setup({ onLoad }) {
  // Rollup and Babel: who tests inside of Jest sets ADMIN_JS_SKIP_BUNDLE.
  onLoad({ filter: /[\\/]components\.bundler\.js$/ }, () => ({ contents: 'export default {}' }))
  // By it, it finds what it serves.
  onLoad({ filter: /[\\/]adminjs[\\/]lib[\\/].*\.js$/ }, async ({ path }) => {
    const url = JSON.stringify(pathToFileURL(path).href)
    return { contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', url) }
  })
}
