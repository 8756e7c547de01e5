// All the set-up that a fresh clone needs, before `npm start` and `npm test`: nothing but Node's own modules, since
// nothing else is there yet. Quick and silent where everything is there.
import { build, isBuilt } from './build.mjs'
import { installDebianPackages } from './setup/debian-packages.mjs'
import { areDependenciesInstalled, installDependencies } from './setup/dependencies.mjs'

const what = process.argv[2]
if (what !== 'start' && what !== 'test') {
  console.error(
    `Expected "node scripts/setup.mjs start" or "node scripts/setup.mjs test", found ${JSON.stringify(what)}.`,
  )
  process.exit(2)
}

if (!areDependenciesInstalled()) installDependencies()
if (!isBuilt()) build()
if (what === 'test') installDebianPackages()
