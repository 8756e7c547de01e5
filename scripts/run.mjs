import { spawnSync } from 'node:child_process'

/** What Node runs for Jest, from the root. AdminJS is ESM; and threads that help to collect garbage take them from other workers. */
export const jest = [
  '--single-threaded-gc',
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
]

/**
 * Runs a program with its output on this console and ends this process where it fails: a set-up that goes on after a
 * failure only fails later, further from the cause.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit', ...options })
  if (status === 0) return
  console.error(
    `\n${program} ${args.join(' ')} failed: ${error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`)}`,
  )
  process.exit(status || 1)
}
