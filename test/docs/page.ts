import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What a page's programs import from packages, where it is here: the package itself as its source has it. */
const MODULES = new Map([
  ['adminjs-sessions/source', join(root, 'src/source.ts')],
  ['adminjs-sessions/testing', join(root, 'src/testing/index.ts')],
  ['basic-ftp', createRequire(import.meta.url).resolve('basic-ftp')],
])

/**
 * Writes the programs of a page into a directory of their own, as they stand there: fenced blocks of JavaScript that
 * begin with their file name, `// exampled.mjs`.
 *
 * @returns the directory
 */
export function programsOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8')
  const dir = mkdtempSync(join(tmpdir(), 'page-'))
  for (const [, name, code] of text.matchAll(/^```js\n\/\/ (\S+\.mjs)\n(.*?)^```$/gms)) {
    writeFileSync(
      join(dir, name!),
      code!.replace(/ from '([^']+)'/g, (whole, module: string) =>
        whole.replace(module, MODULES.get(module) ?? module),
      ),
    )
  }
  return dir
}
