// `npm run test:long`: the tests that kill, open and look a few times in everyday runs, as often as they were meant to.
import { fileURLToPath } from 'node:url'
import { jest, run } from './run.mjs'

run(
  process.execPath,
  [
    ...jest,
    '--runInBand',
    ...['test/crash', 'test/hosts/machines', 'test/engine/memory', 'test/trust', 'test/collectors/ftp/proftpd'],
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      ...process.env,
      THOROUGH: '1',
      ...{ KILLS: '200', LOOKS: '10000', TRUST_SESSIONS: '1000', STEPS: '2000' },
      ...{ FLOODS: '200', REMOVALS: '50', REMOVED: '500' },
    },
  },
)
