import type { ListedSession } from '../../session-source.js'
import { messageOf } from '../../text/error-message.js'
import { type Check, Finding, type Harness, NotChecked, type Opened } from '../harness.js'
import { shown } from '../row-rules.js'

/** A server that cannot be read. */
export const failing: readonly Check[] = [
  {
    name: 'list-honours-signal',
    says: '`list` throws once its signal is aborted, and stops waiting when that happens meanwhile.',
    async run(harness) {
      const { source, scenario } = harness
      const abort = () => AbortSignal.abort(new Error('The kit aborted it.'))
      const answer = await settles(harness, () => source.list(abort()))
      if (answer !== 'thrown') throw new Finding('it gave a list, though its signal was aborted before')
      if (!scenario.stallServer) return
      const wake = await scenario.stallServer()
      try {
        await settles(harness, () => {
          const stop = new AbortController()
          setImmediate(() => stop.abort(new Error('The kit aborted it.')))
          return source.list(stop.signal)
        })
      } finally {
        await wake()
      }
    },
  },
  {
    name: 'failing-server-throws',
    says: 'Where it cannot be known which sessions there are, `list` throws; it does not give an empty or an old list.',
    async run(harness) {
      await whileBroken(harness, async () => {
        let found = ''
        const thrown = await harness
          .until('', async () => {
            try {
              found = `a list of ${(await listed(harness)).length} sessions`
              return false
            } catch {
              return true
            }
          })
          .catch(() => false)
        if (!thrown) throw new Finding(`${found} of a server that was broken`)
      })
    },
  },
  {
    name: 'failure-explained',
    says: 'What `list` throws is an Error whose message tells the admin what was expected, what was found, or what to do.',
    needs: ['failing-server-throws'],
    async run(harness) {
      await whileBroken(harness, async () => {
        const thrown = await harness.until('`list` throws', async () => {
          try {
            await listed(harness)
            return undefined
          } catch (error) {
            return { error }
          }
        })
        const message = messageOf(thrown.error).trim()
        if (message.length < 20 || !/\S\s+\S+\s+\S/.test(message) || /\[object |^undefined\b/.test(message)) {
          throw new Finding(`the message ${shown(message)}`)
        }
      })
    },
  },
  {
    name: 'recovers',
    says: 'When the server is back, `list` works again by itself.',
    needs: ['failing-server-throws'],
    async run(harness) {
      await whileBroken(harness, async () => void (await listed(harness).catch(() => undefined)))
      await harness.open(harness.scenario.logins[0])
    },
  },
  {
    name: 'survivors-listed',
    says: 'Whoever stays connected while the server breaks is listed, or `list` throws: while it is broken, and when it is back.',
    needs: ['failing-server-throws', 'recovers'],
    async run(harness) {
      const [first, second] = harness.scenario.logins
      const survivor = await harness.open(first)
      await whileBroken(harness, async () => {
        const sessions = await listed(harness).catch(() => undefined)
        if (sessions) await isAmong(harness, sessions, survivor, 'while the server was broken')
      })
      // A list with a newcomer in it is no old one.
      await harness.open(second)
      await isAmong(harness, await harness.list(), survivor, 'when the server was back')
    },
  },
]

/** Says nothing of a session whose client is no longer connected: sessions may be lost when a server breaks. */
async function isAmong(harness: Harness, sessions: ListedSession[], { client, key }: Opened, when: string) {
  if (sessions.some((session) => session.key === key) || !(await harness.isConnected(client))) return
  throw new Finding(`${when} the list was without a session whose client was still connected`)
}

/** Breaks the server, does `work`, mends it. */
async function whileBroken(harness: Harness, work: () => Promise<void>): Promise<void> {
  if (!harness.scenario.breakServer) throw new NotChecked('the scenario has no `breakServer`')
  const mend = await harness.scenario.breakServer()
  try {
    await work()
  } finally {
    await mend()
  }
}

/** Not judged by the rules for rows: what a broken server gives may be incomplete. */
function listed(harness: Harness): Promise<ListedSession[]> {
  return harness.limited('The list', (signal) => harness.source.list(signal))
}

async function settles(harness: Harness, list: () => Promise<unknown>): Promise<'given' | 'thrown'> {
  const answer = list().then(
    () => 'given' as const,
    () => 'thrown' as const,
  )
  return harness
    .limited('anything', () => answer)
    .catch(() => {
      throw new Finding(`it had not settled ${harness.limits.within / 1000} s after its signal was aborted`)
    })
}
