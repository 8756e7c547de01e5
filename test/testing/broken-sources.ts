import { setInterval } from 'node:timers'
import { type FtpSource, type ListedFtpSession, RemovalRefused, type Site } from '../../src/session-source.js'
import type { FakeConnection, FakeServer } from './fake-server.js'
import { correctSource, totalBytes } from './fake-source.js'

/** A source with one fault, and the check that names it. */
export interface BrokenSource {
  fault: string
  failedBy: string
  source(server: FakeServer): FtpSource
}

/** Lists what the correct one lists, with each session changed. */
function listing(change: (session: ListedFtpSession, connection: FakeConnection) => object): BrokenSource['source'] {
  return withList(async (list, signal) =>
    (await list(signal)).map((session) => ({ ...session, ...change(session, session.handle as FakeConnection) })),
  )
}

type List = FtpSource['list']
type End = FtpSource['end']

function withList(list: (correct: List, signal: AbortSignal) => Promise<ListedFtpSession[]>): BrokenSource['source'] {
  return (server) => {
    const correct = correctSource(server)
    return { ...correct, list: (signal) => list(correct.list, signal) }
  }
}

function withEnd(make: (correct: End, server: FakeServer) => End): BrokenSource['source'] {
  return (server) => {
    const correct = correctSource(server)
    return { ...correct, end: make(correct.end, server) }
  }
}

const handleOf = ({ handle }: { handle?: unknown }) => handle as FakeConnection
const live = new AbortController().signal

export const brokenSources: BrokenSource[] = [
  {
    fault: 'takes two sessions of one login for one',
    failedBy: 'lists-every-session',
    source: withList(async (list, signal) => [
      ...new Map((await list(signal)).map((session) => [session.login, session])).values(),
    ]),
  },
  {
    fault: 'goes on listing who has left',
    failedBy: 'gone-sessions-leave',
    source(server) {
      const seen = new Map<string, ListedFtpSession>()
      const ended = new Set<string>()
      const correct = correctSource(server)
      return {
        ...correct,
        async list(signal) {
          for (const session of await correct.list(signal)) seen.set(session.key, session)
          // Whom it has ended itself it knows to be gone.
          return [...seen.values()].filter(({ key }) => !ended.has(key))
        },
        async end(session, signal) {
          const answer = await correct.end(session, signal)
          ended.add(session.key)
          return answer
        },
      }
    },
  },
  {
    fault: "says 'login' where the word is 'authenticating'",
    failedBy: 'fields-typed',
    source: listing(({ status }) => (status === 'authenticating' ? { status: 'login' } : {})),
  },
  {
    fault: 'gives times as texts',
    failedBy: 'fields-typed',
    source: listing(({ connectedAt }) => ({ connectedAt: connectedAt?.toISOString() })),
  },
  {
    fault: 'gives the address with its port',
    failedBy: 'fields-typed',
    source: listing(({ ip }) => ({ ip: `${ip}:2121` })),
  },
  {
    fault: 'leaves its own connection on the session',
    failedBy: 'fields-known',
    source: listing((_, connection) => ({ connection })),
  },
  {
    fault: 'names a session by the login and address of who has it',
    failedBy: 'keys-unique',
    source: listing(({ login, ip }) => ({ key: `${login}@${ip}` })),
  },
  {
    fault: 'puts the login into the key',
    failedBy: 'keys-stable',
    source: listing(({ key, login }) => ({ key: `${key}-${login}` })),
  },
  {
    fault: 'names a session by its place in the table',
    failedBy: 'keys-never-reused',
    source: listing((_, { slot }) => ({ key: `slot-${slot}` })),
  },
  {
    fault: 'names a session by its pid alone',
    failedBy: 'keys-safe',
    source: listing((_, { pid }) => ({ key: String(pid) })),
  },
  {
    fault: 'gives an empty domain for one that it does not know',
    failedBy: 'unknown-is-null',
    source: listing(() => ({ domain: '' })),
  },
  {
    fault: 'reckons with what it does not know',
    failedBy: 'unknown-is-null',
    source: listing(({ status }) => (status === 'downloading' ? { totalBytes: Number.NaN } : {})),
  },
  {
    fault: 'takes the bytes that came for the size of an upload',
    failedBy: 'unknown-is-null',
    source: listing(({ status }) => (status === 'uploading' ? { totalBytes } : {})),
  },
  {
    fault: 'reads local time as UTC',
    failedBy: 'times-true',
    source: listing((_, { connectedAt }) => ({ connectedAt: new Date(connectedAt.getTime() + 7_200_000) })),
  },
  {
    fault: 'takes seconds for milliseconds',
    failedBy: 'times-true',
    source: listing((_, { connectedAt }) => ({ connectedAt: new Date(Math.floor(connectedAt.getTime() / 1000)) })),
  },
  {
    fault: 'takes the time of the list for the last activity',
    failedBy: 'idle-grows',
    source: listing(() => ({ lastActiveAt: new Date() })),
  },
  {
    fault: 'takes the logon for the last activity',
    failedBy: 'idle-ends-with-activity',
    source: listing(({ connectedAt }) => ({ lastActiveAt: connectedAt })),
  },
  {
    fault: 'calls whoever uploads idle',
    failedBy: 'upload-shown',
    source: listing(({ status }) =>
      status === 'uploading' ? { status: 'idle', fileName: null, transferredBytes: null } : {},
    ),
  },
  {
    fault: 'takes a download for a listing',
    failedBy: 'download-shown',
    source: listing(({ status }) => (status === 'downloading' ? { status: 'listing' } : {})),
  },
  {
    fault: 'gives the bytes since the last list for those of the transfer',
    failedBy: 'upload-progress',
    source(server) {
      const before = new Map<string, number>()
      return listing(({ key, status, transferredBytes }) => {
        if (status !== 'uploading' || typeof transferredBytes !== 'number') return {}
        const last = before.get(key) ?? 0
        before.set(key, transferredBytes)
        return { transferredBytes: transferredBytes - last }
      })(server)
    },
  },
  {
    fault: 'counts the bytes of all downloads of a session',
    failedBy: 'download-progress',
    source(server) {
      const sums = new Map<string, { done: number; now: number }>()
      return listing(({ key, status, transferredBytes }) => {
        const sum = sums.get(key) ?? { done: 0, now: 0 }
        sums.set(key, sum)
        if (status === 'downloading' && typeof transferredBytes === 'number') {
          sum.now = transferredBytes
          return { transferredBytes: sum.done + transferredBytes }
        }
        sum.done += sum.now
        sum.now = 0
        return {}
      })(server)
    },
  },
  {
    fault: 'leaves the name of the last upload on an idle session',
    failedBy: 'upload-leaves-nothing',
    source: leaving('uploading', 'fileName'),
  },
  {
    fault: 'leaves the count of the last download on an idle session',
    failedBy: 'download-leaves-nothing',
    source: leaving('downloading', 'transferredBytes'),
  },
  {
    fault: 'breaks on a name with a bracket',
    failedBy: 'hostile-names',
    source: withList(async (list, signal) => {
      const sessions = await list(signal)
      if (sessions.some(({ location }) => location?.includes(']')))
        throw new Error('Unexpected token ] in the status page')
      return sessions
    }),
  },
  {
    fault: 'says that it has asked, and asks nobody',
    failedBy: 'end-ends-that-one',
    source: withEnd((end, server) => async (session, signal) => {
      signal.throwIfAborted()
      const { pid, login } = handleOf(session)
      const isThere = server.now().some((one) => one.pid === pid && one.login === login)
      return isThere ? 'asked' : end(session, signal)
    }),
  },
  {
    fault: 'ends whoever has the same login',
    failedBy: 'end-ends-no-other',
    source: withEnd((end, server) => async (session, signal) => {
      const { login } = handleOf(session)
      const answer = await end(session, signal)
      if (answer === 'asked') {
        for (const other of server.now()) if (other.login === login) await server.kill(other.pid, signal)
      }
      return answer
    }),
  },
  {
    fault: 'says that it has asked who has gone',
    failedBy: 'end-says-already-gone',
    source: withEnd((end) => async (session, signal) => {
      await end(session, signal)
      return 'asked'
    }),
  },
  {
    fault: 'ends whoever has the place of who has gone',
    failedBy: 'end-spares-successors',
    source: withEnd((end, server) => async (session, signal) => {
      const meant = handleOf(session)
      const answer = await end(session, signal)
      const successor = server.now().find(({ slot }) => slot === meant.slot)
      if (answer === 'already-gone' && successor) await server.kill(successor.pid, signal)
      return answer
    }),
  },
  {
    fault: 'does not ask whose the session is by now',
    failedBy: 'end-refuses-who-changed',
    source: withEnd(
      (_, server) => async (session, signal) =>
        (await server.kill(handleOf(session).pid, signal)) ? 'asked' : 'already-gone',
    ),
  },
  {
    fault: 'says that it has asked who changed',
    failedBy: 'end-refuses-who-changed',
    source: withEnd(
      (end) => (session, signal) =>
        end(session, signal).catch((error: unknown) => {
          if (error instanceof RemovalRefused) return 'asked'
          throw error
        }),
    ),
  },
  {
    fault: 'says that it has asked although its signal is aborted',
    failedBy: 'end-honours-signal',
    source: withEnd((end) => async (session, signal) => (signal.aborted ? 'asked' : end(session, signal))),
  },
  {
    fault: 'gives 1970 for a logon that it does not know',
    failedBy: 'unknown-is-null',
    source: listing(() => ({ connectedAt: new Date(0) })),
  },
  {
    fault: 'calls a refusal a failure',
    failedBy: 'end-refuses-who-changed',
    source: withEnd(
      (end) => (session, signal) =>
        end(session, signal).catch((error: Error) => {
          throw new Error(error.message)
        }),
    ),
  },
  {
    fault: 'ends although its signal is aborted',
    failedBy: 'end-honours-signal',
    source: withEnd((end) => (session) => end(session, live)),
  },
  {
    fault: 'lists although its signal is aborted',
    failedBy: 'list-honours-signal',
    source: withList((list) => list(live)),
  },
  {
    fault: 'never gives up a list when its signal is aborted',
    failedBy: 'list-honours-signal',
    source: withList(async (list, signal) => {
      signal.throwIfAborted()
      return list(live)
    }),
  },
  {
    fault: 'takes a server that is down for one without sessions',
    failedBy: 'failing-server-throws',
    source: withList(async (list, signal) => {
      signal.throwIfAborted()
      return list(signal).catch(() => {
        signal.throwIfAborted()
        return []
      })
    }),
  },
  {
    fault: 'does not say what is the matter',
    failedBy: 'failure-explained',
    source: withList((list, signal) =>
      list(signal).catch(() => {
        throw new Error('failed')
      }),
    ),
  },
  {
    fault: 'does not try again after a failure',
    failedBy: 'recovers',
    source(server) {
      let failure: unknown
      return withList(async (list, signal) => {
        if (failure !== undefined) throw failure
        try {
          return await list(signal)
        } catch (error) {
          if (!signal.aborted) failure = error
          throw error
        }
      })(server)
    },
  },
  {
    fault: 'lists the sessions of the running daemon alone',
    failedBy: 'survivors-listed',
    source: (server) =>
      withList(async (list, signal) =>
        (await list(signal)).filter((session) => handleOf(session).daemon === server.daemon),
      )(server),
  },
  ...(['upload', 'download'] as const).map((direction) => ({
    fault: `takes the beginning of the ${direction} for the last activity`,
    failedBy: `${direction}-is-activity`,
    source: duringTransfers(direction),
  })),
  ...(['login', 'ip'] as const).flatMap((by): BrokenSource[] => [
    {
      fault: `only ever adds to whom it keeps out by ${by}`,
      failedBy: 'keep-out-releases',
      source: keepingOut(by, (keptOut, held) => held.forEach((value) => keptOut.add(value))),
    },
    {
      fault: `keeps out everybody by ${by} as soon as anybody is to be kept out`,
      failedBy: 'keep-out-lets-others-in',
      source: keepingOut(by, (keptOut, held) => {
        keptOut.clear()
        const everybody = ['alice', 'bob', '127.0.0.1', '127.0.0.2']
        if (held.length > 0) everybody.forEach((value) => keptOut.add(value))
      }),
    },
    {
      fault: `keeps out nobody by ${by}`,
      failedBy: 'keep-out-keeps-out',
      source: keepingOut(by, () => undefined),
    },
  ]),
  {
    fault: 'goes on giving hints',
    failedBy: 'start-stops-with-its-signal',
    source: starting((site, server) => void server.events.on('change', () => site.changed())),
  },
  {
    fault: 'does not listen to its signal',
    failedBy: 'start-stops-with-its-signal',
    source: starting(() => new Promise<void>(() => undefined)),
  },
  {
    fault: 'leaves a timer',
    failedBy: 'start-leaks-nothing',
    source: starting((site, _, signal) => {
      // A real one, by whatever clock the checks go.
      timers.push(setInterval(() => void (signal.aborted || site.changed()), 60_000))
    }),
  },
]

/** What they leave, for the test to clear. */
export const timers: NodeJS.Timeout[] = []

/** Keeps a field of the last transfer of one direction while the session is idle. */
function leaving(direction: string, field: 'fileName' | 'transferredBytes'): BrokenSource['source'] {
  return (server) => {
    const last = new Map<string, unknown>()
    return listing((session) => {
      if (session.status === direction) last.set(session.key, session[field])
      return session.status === 'idle' && last.has(session.key) ? { [field]: last.get(session.key) } : {}
    })(server)
  }
}

/** Says of a running transfer's last activity what it said when the transfer began. */
function duringTransfers(direction: 'upload' | 'download'): BrokenSource['source'] {
  return (server) => {
    const began = new Map<string, Date>()
    return listing(({ key }, { transfer, lastActiveAt }) => {
      if (transfer?.direction !== direction) {
        began.delete(key)
        return {}
      }
      if (!began.has(key)) began.set(key, lastActiveAt)
      return { lastActiveAt: began.get(key) }
    })(server)
  }
}

function keepingOut(by: 'login' | 'ip', apply: (keptOut: Set<string>, held: string[]) => void): BrokenSource['source'] {
  return (server) => ({
    ...correctSource(server),
    keepOut: {
      by: [by],
      apply: async (all) =>
        apply(
          server.keptOut[by],
          all.map(({ value }) => value),
        ),
    },
  })
}

function starting(
  start: (site: Site, server: FakeServer, signal: AbortSignal) => void | Promise<void>,
): BrokenSource['source'] {
  return (server) => ({
    ...correctSource(server),
    start: (site, signal) => start(site, server, signal),
  })
}
