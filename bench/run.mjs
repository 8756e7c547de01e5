// `npm run bench`: each file of this directory in a process of its own, one after the other. Ratios count; times are this machine's.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** By its name only: it takes minutes, and the machine for itself. */
const notByItself = ['scale.mjs']
const wanted = process.argv.slice(2)
const files = readdirSync(new URL('.', import.meta.url)).filter(
  (name) =>
    name.endsWith('.mjs') &&
    !['run.mjs', 'report.mjs'].includes(name) &&
    (wanted.length === 0 ? !notByItself.includes(name) : wanted.includes(name.replace('.mjs', ''))),
)
for (const name of files) {
  console.log(`\n## ${name}`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
