import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** A server for whom each file in `sessions/` is a session of the login that is its name. What is ended goes to `ended/`. */
export function filesAsSessions(directory) {
  return {
    name: 'files',
    kind: 'ftp',
    evidence: 'live',
    list: async () => {
      const logins = await readdir(join(directory, 'sessions'))
      return logins.map((login) => ({ key: `key of ${login}`, login, ip: '192.0.2.1', status: 'idle', handle: login }))
    },
    end: ({ handle }) =>
      rename(join(directory, 'sessions', handle), join(directory, 'ended', handle)).then(
        () => 'asked',
        (error) => {
          if (error.code !== 'ENOENT') throw error
          return 'already-gone'
        },
      ),
  }
}
