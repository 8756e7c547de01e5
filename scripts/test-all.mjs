// `npm run test:all`: everything, also what only repeats what is tested every day. Words are passed on to Jest.
import { fileURLToPath } from 'node:url'
import { jest, run } from './run.mjs'

run(process.execPath, [...jest, ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, THOROUGH: '1' },
})
