// `npm run test:mutants [word …]`: changes one crucial line at a time and expects a test to fail for each. In copies, so
// that the work tree stays as it is; in two at once, as a run of few tests mostly waits. The lines and their tests are in
// scripts/mutants/.
import { spawn } from 'node:child_process'
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

const leftOut = /^(node_modules|dist|\.git|\.adminjs|examples\/back-office\/data)(\/|$)/

/** A copy of the package in which lines are changed. */
class Copy {
  // Beside the work tree, not below it: jest would take the copy's tests for its own.
  directory = mkdtempSync(join(tmpdir(), 'mutants-'))
  group

  constructor() {
    cpSync(root, this.directory, { recursive: true, filter: (path) => !leftOut.test(relative(root, path)) })
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'))
    process.once('exit', () => {
      this.endGroup()
      rmSync(this.directory, { recursive: true, force: true })
    })
  }

  /** A mutant may run for ever, and `--bail` leaves the worker behind that does: all of them end together. */
  endGroup() {
    try {
      if (this.group) process.kill(-this.group, 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
    this.group = undefined
  }

  /** Runs this in the copy. True where it ends well, and within so many ms. */
  async run(args, { env = process.env, within, errors = 'ignore' } = {}) {
    const stdio = ['ignore', 'ignore', errors]
    const options = { cwd: this.directory, env, timeout: within, stdio, detached: true }
    const run = spawn(process.execPath, args, options)
    this.group = run.pid
    const [status] = await once(run, 'exit')
    this.endGroup()
    return status === 0
  }

  build() {
    return this.run(['scripts/build.mjs'])
  }

  /** Whether all of these tests pass. One project is enough to see a line's loss. */
  pass(tests, options) {
    const ends = ['--bail', '--reporters', '<rootDir>/scripts/mutants/first-failure.reporter.mjs']
    const only = ['--selectProjects', 'unit', 'engine', 'http', 'servers', 'e2e', '--', ...tests]
    return this.run([...jest, ...ends, ...only], { env: { ...process.env, THOROUGH: '1' }, ...options })
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

let killed = 0
const survivors = []
const broken = []

/** Changes this line in this copy, and back. */
async function tryOn(copy, i) {
  const { file, from, to, tests, inDist = false } = wanted[i]
  const path = join(copy.directory, file)
  const source = readFileSync(path, 'utf8')
  const name = `${file}: ${JSON.stringify(from.slice(0, 70))} -> ${JSON.stringify(to.slice(0, 50))}`
  const found = source.split(from).length - 1
  if (found !== 1) {
    broken.push(`${name}: expected once in the file, found ${found} times; mend scripts/mutants`)
    return
  }
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
  const beganMs = performance.now()
  const survived = (inDist && !(await copy.build())) || (await copy.pass(tests, { within: limit }))
  // No test has failed by then: whoever reads it must know.
  const hung = performance.now() - beganMs >= limit
  writeFileSync(path, source)
  if (inDist) await copy.build()
  if (survived) survivors.push(name)
  else killed++
  console.log(`${i + 1}/${wanted.length} ${survived ? 'SURVIVED' : hung ? 'hung    ' : 'killed  '} ${name}`)
}

const copies = [new Copy(), new Copy()]
for (const copy of copies) await copy.build()
const allTests = [...new Set(wanted.flatMap(({ tests }) => tests))]
const beganMs = performance.now()
if (!(await copies[0].pass(allTests, { errors: 'inherit' }))) {
  console.error('Without any mutant some of their tests fail, so none could tell.')
  process.exit(1)
}
// A mutant may hang. No part of the tests takes longer than all of them, each of two at once no longer than twice that.
const limit = Math.round(2 * (performance.now() - beganMs))
const left = wanted.keys()
await Promise.all(
  copies.map(async (copy) => {
    for (const i of left) await tryOn(copy, i)
  }),
)
for (const problem of broken) console.log(`BROKEN   ${problem}`)
console.log(`${killed} killed, ${survivors.length} survived, ${broken.length} broken`)
process.exitCode = survivors.length + broken.length > 0 ? 1 : 0
