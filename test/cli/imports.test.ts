import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { servers } from '../../src/collectors/ftp/servers.js'

const source = fileURLToPath(new URL('../../src', import.meta.url))

/** The packages that a file imports, itself or through other files, at once or `lazily`. Types are no imports. */
function packagesOf(path: string, seen: Set<string>, lazily = true): string[] {
  if (seen.has(path)) return []
  seen.add(path)
  const text = readFileSync(path, 'utf8').replace(/^(import|export) type .*$/gm, '')
  const imported = [
    ...text.matchAll(/^(?:import|export|\}).*\bfrom '([^']+)'$|^import '([^']+)'$|import\('([^']+)'\)/gm),
  ]
  return imported
    .flatMap(([, by, plainly, late]) => by ?? plainly ?? (lazily ? late! : []))
    .flatMap((name) =>
      name.startsWith('.') ? packagesOf(join(dirname(path), name.replace(/\.js$/, '.ts')), seen, lazily) : name,
    )
}

test.each(['cli/main.ts', 'testing/index.ts'])('%s starts fast: it imports neither AdminJS nor TypeORM', (path) => {
  // What needs a database is loaded by whoever asks for one.
  const files = new Set(['collect-sessions.ts', 'ask-database.ts'].map((name) => join(source, name)))
  const packages = packagesOf(join(source, path), files).filter((name) => !name.startsWith('node:'))
  expect(packages.filter((name) => !['chokidar', 'get-east-asian-width', 'zod'].includes(name))).toEqual([])
  expect(files.size).toBeGreaterThan(10)
})

test.each(['collect.ts', 'ask-database.ts'])(
  '%s, for hosts without a back office, needs neither AdminJS nor Express',
  (path) => {
    const packages = new Set(packagesOf(join(source, path), new Set()))
    expect([...packages].filter((name) => /adminjs|^express/.test(name))).toEqual([])
    expect(packages).toContain('typeorm')
  },
)

test.each([
  'cli/end-session.ts',
  ...servers.flatMap(({ folder, asRoot }) => (asRoot ? `collectors/ftp/${folder}/end-${folder}-as-root.ts` : [])),
  ...['source.ts', 'collectors/ftp/os/index.ts'],
])('%s imports no package: it runs as root, or in an adapter of somebody else', (path) => {
  const packages = packagesOf(join(source, path), new Set(), false)
  expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([])
})
