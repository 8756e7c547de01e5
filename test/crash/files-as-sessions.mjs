import { appendFileSync, existsSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A source for whom each file in a directory is a session.
 *
 * @param {string} directory
 * @param {() => void} [ended] told of each target that it has ended
 */
export function filesAsSessions(directory, ended = () => {}) {
  const sessions = join(directory, 'sessions')
  return {
    name: 'files',
    kind: 'ftp',
    evidence: 'live',
    list: async () =>
      readdirSync(sessions).map((key) => ({ key, login: key.split('-')[0], ip: '192.0.2.1', status: 'idle' })),
    end: async ({ key }) => {
      await sleep(Math.random() * 15)
      const file = join(sessions, key)
      if (!existsSync(file)) return 'already-gone'
      // What is known to have been ended, whatever becomes of this process.
      appendFileSync(join(directory, 'ended'), `${key}\n`)
      unlinkSync(file)
      if (key.startsWith('target')) ended()
      return 'asked'
    },
  }
}
