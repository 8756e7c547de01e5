import { messageOf } from '../../text/error-message.js'
import { RemovalRefused, type ListedSession } from '../../session-source.js'
import { type Check, Finding, type Harness, NotChecked, type Opened } from '../harness.js'
import { shown } from '../row-rules.js'
import { gone } from './listing.js'

const endsAtAll = ['end-ends-that-one']

/** `end`: that session, no other, and only while it is still the same. */
export const ending: readonly Check[] = [
  {
    name: 'end-ends-that-one',
    says: "`end` answers 'asked', the server lets go of the session, and it leaves the list.",
    async run(harness) {
      const [opened] = await openToEnd(harness)
      const answer = await endIt(harness, opened)
      if (answer !== 'asked') throw new Finding(`${shown(answer)} was answered for a session that was there`)
      await harness.until('the client is not served any more', async () => !(await opened.client.isConnected()))
      await harness.until('the session is not listed any more', async () => !(await harness.find(opened.key)))
    },
  },
  {
    name: 'end-ends-no-other',
    says: '`end` leaves all other sessions alone, also those of the same login and from the same address.',
    needs: endsAtAll,
    async run(harness) {
      const [first, second] = harness.scenario.logins
      const [opened, sameLogin, other] = await openToEnd(harness, first, first, second)
      await endIt(harness, opened)
      await harness.until('the session is gone', async () => !(await harness.find(opened.key)))
      for (const [left, whose] of [
        [sameLogin!, 'of the same login'],
        [other!, 'of another login'],
      ] as const) {
        if (!(await left.client.isConnected())) throw new Finding(`a session ${whose} was ended with it`)
        if (!(await harness.find(left.key))) throw new Finding(`a session ${whose} is not listed any more`)
      }
    },
  },
  {
    name: 'end-says-already-gone',
    says: "For a session that has gone, `end` answers 'already-gone', as often as it is asked.",
    needs: ['gone-sessions-leave'],
    async run(harness) {
      const [opened] = await openToEnd(harness)
      const session = await listedAs(harness, opened)
      await gone(harness, opened)
      // It may be refused while the session is still closing.
      await harness.until("it answers 'already-gone'", () => saysAlreadyGone(harness, session))
      await saysAlreadyGone(harness, session).catch((error: unknown) => {
        throw new Finding(`the second time it threw: ${messageOf(error)}`)
      })
    },
  },
  {
    name: 'end-spares-successors',
    says: '`end` of a session that has gone does not hit the one that was given its place since.',
    needs: ['gone-sessions-leave'],
    async run(harness) {
      const [opened] = await openToEnd(harness)
      const session = await listedAs(harness, opened)
      await gone(harness, opened)
      const successor = await harness.open(harness.scenario.logins[0])
      await harness.end(session).catch(() => undefined)
      if (!(await successor.client.isConnected())) throw new Finding('the session that came after it was ended')
    },
  },
  {
    name: 'end-refuses-who-changed',
    says: "A session that has become another account's since it was listed is not ended: `end` throws RemovalRefused, or answers 'already-gone'.",
    async run(harness) {
      const [first, second] = harness.scenario.logins
      const [opened] = await openToEnd(harness)
      if (!opened.client.become) throw new NotChecked("the scenario's clients have no `become`")
      const session = await listedAs(harness, opened)
      await opened.client.become(second)
      let answer: string
      try {
        answer = await harness.end(session)
      } catch (error) {
        answer = refusal(error)
      }
      if (!(await opened.client.isConnected())) throw new Finding(`${second} was ended, where ${first} was meant`)
      if (answer === 'asked') throw new Finding("'asked' was answered")
    },
  },
  {
    name: 'end-honours-signal',
    says: '`end` does nothing once its signal is aborted, and stops waiting when that happens meanwhile: it throws.',
    async run(harness) {
      const [opened] = await openToEnd(harness)
      const session = await listedAs(harness, opened)
      const late = await settled(harness, harness.end(session, AbortSignal.abort(new Error('The kit aborted it.'))))
      if (!(await opened.client.isConnected()))
        throw new Finding('the session was ended, though its signal was aborted before')
      if (late !== 'thrown') throw new Finding(`${shown(late)} was answered, though its signal was aborted before`)
      if (!harness.scenario.stallServer) return
      const wake = await harness.scenario.stallServer()
      try {
        const stop = new AbortController()
        const answer = settled(harness, harness.end(session, stop.signal))
        setImmediate(() => stop.abort(new Error('The kit aborted it.')))
        await answer
      } finally {
        await wake()
      }
    },
  },
  {
    name: 'end-refuses-where-it-cannot',
    says: 'A source that has no way of ending sessions says so: `end` throws RemovalRefused and does nothing.',
    async run(harness) {
      if (!harness.scenario.cannotEnd) throw new NotChecked('the source can end sessions')
      const opened = await harness.open(harness.scenario.logins[0])
      const answer = await harness.end(await listedAs(harness, opened)).catch(refusal)
      if (answer !== refused) throw new Finding(`${shown(answer)} was answered`)
      if (!(await opened.client.isConnected())) throw new Finding('the session was ended')
    },
  },
]

const refused = 'refused'

/** Opens a session for each login, or one for the first of `scenario.logins` if none is given. */
async function openToEnd(harness: Harness, ...logins: string[]): Promise<[Opened, ...Opened[]]> {
  if (harness.scenario.cannotEnd) throw new NotChecked('the scenario says that the source cannot end sessions')
  const opened = [await harness.open(logins[0] ?? harness.scenario.logins[0])]
  for (const login of logins.slice(1)) opened.push(await harness.open(login))
  return opened as [Opened, ...Opened[]]
}

/** The session as the latest list has it: that is the object that `end` is given. */
async function listedAs(harness: Harness, { client, key }: Opened): Promise<ListedSession> {
  const session = await harness.find(key)
  if (!session) throw await harness.lacking(client, `the session ${shown(key)} is not listed any more`)
  return session
}

async function endIt(harness: Harness, opened: Opened): Promise<string> {
  const session = await listedAs(harness, opened)
  try {
    return await harness.end(session)
  } catch (error) {
    throw new Finding(`it threw: ${messageOf(error)}`)
  }
}

async function saysAlreadyGone(harness: Harness, session: ListedSession): Promise<true> {
  const answer = await harness.end(session)
  if (answer !== 'already-gone') throw new Finding(`${shown(answer)} was answered`)
  return true
}

/** @throws Finding if the error is no refusal */
function refusal(error: unknown): typeof refused {
  if (error instanceof RemovalRefused) return refused
  const copy = (error as { name?: unknown } | null)?.name === 'RemovalRefused'
  throw new Finding(
    copy
      ? 'it threw a RemovalRefused of another copy of adminjs-sessions: there must be one, whose class the engine knows'
      : `it threw an error that is no RemovalRefused, which is a failure and no refusal: ${messageOf(error)}`,
  )
}

/** The answer, or `'thrown'`. @throws Finding if it does not settle in time */
function settled<T>(harness: Harness, answer: Promise<T>): Promise<T | 'thrown'> {
  return harness
    .limited('anything', () => answer.catch(() => 'thrown' as const))
    .catch(() => {
      throw new Finding(`it had not settled ${harness.limits.within / 1000} s after its signal was aborted`)
    })
}
