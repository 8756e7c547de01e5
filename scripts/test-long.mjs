// `npm run test:long`: the tests that kill, open and look a few times in everyday runs, as often as they were meant to.
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

run(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    ...['test/crash', 'test/engine/memory', 'test/trust', 'test/collectors/ftp/proftpd'],
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      ...process.env,
      ...{ KILLS: '200', LOOKS: '10000', TRUST_SESSIONS: '1000' },
      ...{ FLOODS: '200', REMOVALS: '50', REMOVED: '500' },
    },
  },
)
