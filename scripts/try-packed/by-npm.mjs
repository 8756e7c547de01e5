import { execFileSync, spawnSync } from 'node:child_process'
import { expect, expectPages, makeApp, openApp, packages } from './fresh-app.mjs'

/** Installs without flags, as a stranger would. */
export async function tryNpm(directory, tarball) {
  const cwd = makeApp(directory)
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', tarball, ...packages], {
    cwd,
    encoding: 'utf8',
  })
  expect(install.status === 0, 'npm install, without flags', install.stderr)
  expect(!/ERESOLVE|peer/i.test(install.stderr), 'no word about peers', install.stderr)
  const { dependencies } = JSON.parse(
    execFileSync('npm', ['ls', 'typeorm', '--all', '--json'], { cwd, encoding: 'utf8' }),
  )
  const versions = new Set(JSON.stringify(dependencies).match(/"typeorm":\{"version":"[^"]+"/g))
  expect(versions.size === 1, 'one typeorm', [...versions])
  expectPages(await openApp(cwd))
}
