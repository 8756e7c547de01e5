// `npm run test:busy`: the everyday tests five times in a row (or as often as is said) beside two busy loops. Ends at the
// first failure: no test may depend on how fast the machine is.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { jest, run } from './run.mjs'

const times = Number(process.argv[2] ?? 5)
if (!Number.isInteger(times) || times < 1) {
  console.error(`Expected how many times, like "npm run test:busy -- 2", found ${JSON.stringify(process.argv[2])}.`)
  process.exit(2)
}

// They end with this process, however it ends.
const loop = ['-e', `while (process.ppid === ${process.pid});`]
const loops = [1, 2].map(() => spawn(process.execPath, loop, { stdio: 'ignore' }))
process.once('exit', () => loops.forEach((each) => each.kill()))

const root = fileURLToPath(new URL('..', import.meta.url))
for (let time = 1; time <= times; time++) {
  console.log(`\nRound ${time} of ${times}, beside two busy loops`)
  run(process.execPath, jest, { cwd: root })
}
console.log(`\n${times} rounds, and no failure.`)
