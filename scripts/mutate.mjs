// `npm run test:mutants [word …]`: changes one crucial line at a time and expects a test to fail for each. In a copy, so
// that the work tree stays as it is. The lines and their tests are in scripts/mutants/.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jest } from './run.mjs'
import { mutants } from './mutants/mutants.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const wanted = mutants.filter(({ file }) => words.length === 0 || words.some((word) => file.includes(word)))

// Beside the work tree, not below it: jest would take the copy's tests for its own.
const copy = mkdtempSync(join(tmpdir(), 'mutants-'))
const leftOut = /^(node_modules|dist|\.git|\.adminjs|examples\/back-office\/data)(\/|$)/
cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.test(relative(root, path)) })
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
process.once('exit', () => rmSync(copy, { recursive: true, force: true }))

let group

/** A mutant may run for ever, and `--bail` leaves the worker behind that does: all of them end together. */
function endGroup() {
  try {
    if (group) process.kill(-group, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
  group = undefined
}
process.once('exit', endGroup)
process.once('SIGINT', () => process.exit(130))

/** Runs these tests in the copy. True where all of them pass. */
async function pass(tests) {
  // One project is enough to see a line's loss.
  const only = ['--bail', '--selectProjects', 'unit', 'engine', 'http', 'servers', 'e2e', '--', ...tests]
  const env = { ...process.env, THOROUGH: '1' }
  const options = { cwd: copy, env, timeout: 1_800_000, stdio: 'ignore', detached: true }
  const run = spawn(process.execPath, [...jest, ...only], options)
  group = run.pid
  const [status] = await once(run, 'exit')
  endGroup()
  return status === 0
}

function build() {
  return spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: copy, stdio: 'ignore' }).status === 0
}

let killed = 0
const survivors = []
const broken = []
build()
const allTests = [...new Set(wanted.flatMap(({ tests }) => tests))]
if (!(await pass(allTests))) broken.push('without any mutant, some of these tests fail')
for (const [i, { file, from, to, tests, inDist = false }] of wanted.entries()) {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  const name = `${file}: ${JSON.stringify(from.slice(0, 70))} -> ${JSON.stringify(to.slice(0, 50))}`
  if (source.split(from).length !== 2) {
    broken.push(
      `${name}: expected once in the file, found ${source.split(from).length - 1} times; mend scripts/mutants`,
    )
    continue
  }
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
  const survived = (inDist && !build()) || (await pass(tests))
  writeFileSync(path, source)
  if (inDist) build()
  if (survived) survivors.push(name)
  else killed++
  console.log(`${i + 1}/${wanted.length} ${survived ? 'SURVIVED' : 'killed  '} ${name}`)
}
for (const problem of broken) console.log(`BROKEN   ${problem}`)
console.log(`${killed} killed, ${survivors.length} survived, ${broken.length} broken`)
process.exitCode = survivors.length + broken.length > 0 ? 1 : 0
