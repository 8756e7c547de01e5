import { setInterval } from 'node:timers'
import { type FtpSource, type ListedFtpSession, RemovalRefused } from '../../src/session-source.js'
import type { FakeConnection, FakeServer } from './fake-server.js'

/** The size of every file that the server has. */
export const totalBytes = 16 << 20

/** A source that keeps the contract. `start` and `keepOut` are added by `withStart` and `withKeepOut`. */
export function correctSource(server: FakeServer): FtpSource {
  return {
    name: 'fake-ftpd',
    kind: 'ftp',
    evidence: 'live',
    list: async (signal) => (await server.status(signal)).map(sessionOf),
    async end({ handle }, signal) {
      const meant = handle as FakeConnection
      const now = (await server.status(signal)).find(({ pid }) => pid === meant.pid)
      if (!now) return 'already-gone'
      if (now.login !== meant.login) {
        throw new RemovalRefused(`The session of ${meant.login} belongs to ${now.login} now.`)
      }
      return (await server.kill(meant.pid, signal)) ? 'asked' : 'already-gone'
    },
  }
}

function sessionOf(connection: FakeConnection): ListedFtpSession {
  const { pid, login, ip, connectedAt, lastActiveAt, location, transfer } = connection
  return {
    ...{ key: `boot-${pid}`, handle: connection, login, ip, connectedAt, lastActiveAt, location, protocol: 'ftp' },
    type: login === null ? null : 'domain-user',
    status: login === null ? 'authenticating' : transfer === null ? 'idle' : `${transfer.direction}ing`,
    fileName: transfer?.name ?? null,
    transferredBytes: transfer?.bytes ?? null,
    totalBytes: transfer?.direction === 'download' ? totalBytes : null,
  }
}

/** Looks as soon as something changes, and every so often in case nobody said so. */
export function withStart(source: FtpSource, server: FakeServer): FtpSource {
  return {
    ...source,
    start(site, signal) {
      const changed = () => site.changed()
      server.events.on('change', changed)
      // A real one, which is seen if it is left open, by whatever clock the checks go.
      const timer = setInterval(changed, 60_000)
      signal.addEventListener('abort', () => {
        server.events.off('change', changed)
        clearInterval(timer)
      })
    },
  }
}

export function withKeepOut(source: FtpSource, server: FakeServer): FtpSource {
  return {
    ...source,
    keepOut: {
      by: ['login', 'ip'],
      async apply(all) {
        for (const by of ['login', 'ip'] as const) {
          server.keptOut[by].clear()
          for (const hold of all) if (hold.by === by) server.keptOut[by].add(hold.value)
        }
      },
    },
  }
}
