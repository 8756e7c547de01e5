// AdminJS and TypeORM as one file each: every test file with a back office loads them anew, and of hundreds of files each
// that takes three times as long and more.
import { readFileSync, renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const timeOf = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Its path: what a server needs of it. */
export function adminjsInOneFile() {
  const installed = join(modules, 'adminjs/index.js')
  return inOneFile('adminjs-server.mjs', {
    ...{ entryPoints: [installed], format: 'esm', banner: { js: requireOf(installed) } },
    plugins: [{ name: 'as it is where it is installed', setup }],
  })
}

/** Its path. @param format for Jest, where stores require it, `cjs`; what Node itself imports of that is undefined */
export function typeormInOneFile(format) {
  const installed = join(modules, 'typeorm')
  // The drivers, of which it is to use the host's.
  const { peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  return inOneFile(format === 'cjs' ? 'typeorm.cjs' : 'typeorm.mjs', {
    ...{ entryPoints: [join(installed, 'index.mjs')], format, external: Object.keys(peerDependencies) },
    banner: {
      js:
        format === 'cjs'
          ? ''
          : `${requireOf(join(installed, 'index.js'))} const __dirname = ${JSON.stringify(installed)};`,
    },
  })
}

/** What CommonJS needs in an ES module. @param path of the module that it was */
function requireOf(path) {
  return `import { createRequire as from } from 'node:module'; const require = from(${JSON.stringify(path)});`
}

/** It is made anew when npm has installed anything since. */
async function inOneFile(name, options) {
  const file = join(modules, '.cache/adminjs-sessions', name)
  if (timeOf(file) > timeOf(join(modules, '.package-lock.json'))) return file
  const { build } = await import('esbuild')
  const made = `${file}.${process.pid}`
  await build({
    ...{ outfile: made, bundle: true, platform: 'node', keepNames: true, minifyWhitespace: true, minifySyntax: true },
    ...options,
  })
  renameSync(made, file)
  return file
}

function setup({ onLoad }) {
  // Rollup and Babel: whoever tests has had components bundled before, or has none.
  onLoad({ filter: /[\\/]components\.bundler\.js$/ }, () => ({ contents: 'export default {}' }))
  // What pages are made of, nearly all of it: browsers load that, and no server.
  onLoad({ filter: /[\\/]adminjs[\\/]lib[\\/]frontend[\\/]index\.js$/ }, () => ({ contents: 'export {}' }))
  onLoad({ filter: /[\\/]design-system[\\/]build[\\/]index\.js$/ }, () => ({
    contents: `export { combineStyles } from './utils/combine-styles.js'
      export { DEFAULT_DRAWER_WIDTH } from './constants.js'`,
  }))
  // By it, it finds what it serves.
  onLoad({ filter: /[\\/]adminjs[\\/]lib[\\/].*\.js$/ }, async ({ path }) => {
    const url = JSON.stringify(pathToFileURL(path).href)
    return { contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', url) }
  })
}
