import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What a page's code imports from the package, in the source. */
const SOURCE = new Map([
  ['adminjs-sessions', 'src/collectors/engine/session-source.ts'],
  ['adminjs-sessions/testing', 'src/testing/index.ts'],
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
      code!.replace(
        / from '(adminjs-sessions[^']*)'/g,
        (_, module: string) => ` from '${join(root, SOURCE.get(module)!)}'`,
      ),
    )
  }
  return dir
}
