import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src', import.meta.url))

/** The packages that a file imports, itself or through other files. Types are no imports. */
function packagesOf(path: string, seen: Set<string>): string[] {
  if (seen.has(path)) return []
  seen.add(path)
  const text = readFileSync(path, 'utf8').replace(/^(import|export) type .*$/gm, '')
  const imported = [
    ...text.matchAll(/^(?:import|export|\}).*\bfrom '([^']+)'$|^import '([^']+)'$|import\('([^']+)'\)/gm),
  ]
  return imported
    .map(([, by, plainly, lazily]) => (by ?? plainly ?? lazily)!)
    .flatMap((name) =>
      name.startsWith('.') ? packagesOf(join(dirname(path), name.replace(/\.js$/, '.ts')), seen) : name,
    )
}

test.each(['cli/main.ts', 'testing/index.ts'])('%s starts fast: it imports neither AdminJS nor TypeORM', (path) => {
  const files = new Set<string>()
  const packages = packagesOf(join(source, path), files).filter((name) => !name.startsWith('node:'))
  expect(packages.filter((name) => name !== 'chokidar')).toEqual([])
  expect(files.size).toBeGreaterThan(10)
})
