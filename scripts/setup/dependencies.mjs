import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../run.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** npm writes node_modules/.package-lock.json last of all: an install that was broken off has none. */
export function areDependenciesInstalled() {
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  const locked = statSync(join(root, 'package-lock.json'), { throwIfNoEntry: false })
  return installed !== undefined && (locked === undefined || installed.mtimeMs >= locked.mtimeMs)
}

export function installDependencies() {
  console.log(
    'Installing the dependencies. Where sqlite3 has no ready-made binary for this machine, it is compiled: ' +
      'npm then says nothing for a minute and a half or so.',
  )
  // Not `npm ci`, which refuses a lock file that was made where some platforms' optional packages could not be had.
  const args = ['install', '--no-save', '--no-fund', '--no-audit']
  // The npm that runs this very script, where there is one.
  const npm = process.env.npm_execpath
  if (npm) run(process.execPath, [npm, ...args], { cwd: root })
  else run('npm', args, { cwd: root })
}
