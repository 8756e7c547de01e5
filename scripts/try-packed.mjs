// Installs the packed package into fresh apps as a stranger would, by npm and by pnpm, and opens their pages:
//   npm run test:packed -- [npm] [pnpm]
// With the newest of everything from the registry, AdminJS is big, and sqlite3 may have to be compiled by each of them:
// it takes some twenty minutes, so it is no part of the tests.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tryNpm } from './try-packed/by-npm.mjs'
import { tryPnpm } from './try-packed/by-pnpm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const asked = process.argv.slice(2)
const by = (who) => asked.length === 0 || asked.includes(who)

const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-fresh-'))
try {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: root, stdio: 'inherit' })
  const tarball = join(directory, `${name}-${version}.tgz`)
  if (by('npm')) await tryNpm(join(directory, 'npm'), tarball)
  // Those that run on Node 20 today: pnpm 11 wants Node 22, and 12 is a program of its own.
  for (const major of by('pnpm') ? [10, 12] : []) {
    await tryPnpm(join(directory, `pnpm-${major}`), tarball, major)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
