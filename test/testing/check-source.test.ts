import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { FtpSource } from '../../src/session-source.js'
import { checkSource, type CheckReport, ContractBroken, type Scenario } from '../../src/testing/index.js'
import { brokenSources, timers } from './broken-sources.js'
import { fakeScenario, FakeServer } from './fake-server.js'
import { correctSource, withKeepOut, withStart } from './fake-source.js'

afterAll(() => timers.splice(0).forEach((timer) => clearInterval(timer)))

/**
 * Does the work by a clock that is moved on when nothing else is left to do: whatever waits in vain takes no time, and
 * however busy the machine is, nothing is late. Only for what goes on in memory.
 */
async function inItsOwnTime<T>(work: () => Promise<T>): Promise<T> {
  jest.useFakeTimers()
  try {
    let isOver = false
    const result = work().finally(() => (isOver = true))
    while (!isOver) await jest.advanceTimersToNextTimerAsync()
    return await result
  } finally {
    jest.useRealTimers()
  }
}

/** By such a clock nothing needs long: whoever looks in vain need not look often. */
const brief = { within: 1500 }

/** The checks that a source fails. */
async function failedChecks(source: FtpSource, scenario: Scenario): Promise<string[]> {
  try {
    await checkSource(source, scenario, brief)
    return []
  } catch (error) {
    if (error instanceof ContractBroken) return error.failed.map(({ name }) => name)
    throw error
  }
}

test('a source that keeps the contract passes every check, and for each there is a broken one', async () => {
  const server = new FakeServer()
  const source = withStart(withKeepOut(correctSource(server), server), server)
  const { passed, notChecked } = await inItsOwnTime(() => checkSource(source, fakeScenario(server)))
  expect(notChecked).toEqual([{ name: 'end-refuses-where-it-cannot', because: 'the source can end sessions' }])
  const named = new Set(brokenSources.map(({ failedBy }) => failedBy))
  expect(passed.filter((name) => !named.has(name))).toEqual([])
})

const sources = brokenSources.map((broken) => {
  const server = new FakeServer()
  return { ...broken, server, source: broken.source(server) }
})

describe('a broken source is failed by the check that names its fault, and by no other', () => {
  const failed = new Map<FtpSource, string[]>()
  let wronglyListing: Promise<unknown>
  let withLittle: Promise<CheckReport>
  let refusesToEnd: Promise<string[]>
  let neverListing: Promise<string[]>
  let dropping: Promise<string>
  let misnaming: Promise<string>

  beforeAll(() => inItsOwnTime(checkAll))

  async function checkAll(): Promise<void> {
    const server = new FakeServer()
    const correct = correctSource(server)
    wronglyListing = checkSource(
      {
        ...correct,
        list: async (signal) => (await correct.list(signal)).map((one) => ({ ...one, ip: 'here', domain: '?' })),
      },
      fakeScenario(server),
      brief,
    ).catch((error: unknown) => error)
    withLittle = checkSource(...little())
    const other = new FakeServer()
    refusesToEnd = failedChecks(correctSource(other), { ...fakeScenario(other), cannotEnd: true })
    neverListing = failedChecks(
      { ...correctSource(new FakeServer()), list: () => new Promise(() => undefined) },
      fakeScenario(new FakeServer()),
    )
    dropping = firstFinding(...droppingClients())
    misnaming = firstFinding(...hidingNames())
    await Promise.all(
      sources.map(async ({ source, server }) => failed.set(source, await failedChecks(source, fakeScenario(server)))),
    )
    await Promise.allSettled([wronglyListing, withLittle, refusesToEnd, neverListing, dropping, misnaming])
  }

  test.each(sources)('it $fault: $failedBy', ({ failedBy, source }) => {
    expect(failed.get(source)).toEqual([failedBy])
  })

  test('the error lists each rule that is broken, and what was found', async () => {
    expect(((await wronglyListing) as ContractBroken).message).toMatch(
      /^fake-ftpd breaks 2 of \d+ rules of the contract\.\n {2}✗ fields-typed: .*\n {4}Found: `ip` is "here", where an IP address without a port was expected \(in the session with the key "boot-\d+"\)\.\n {2}✗ unknown-is-null: .*\n {4}Found: `domain` is "\?", where null means unknown \(.*\)\.$/,
    )
  })

  test('what the scenario lacks is reported as not checked', async () => {
    const { notChecked } = await withLittle
    expect(notChecked).toContainEqual({
      name: 'upload-progress',
      because: "the scenario's clients have no `upload`",
    })
    expect(notChecked).toContainEqual({ name: 'recovers', because: 'the scenario has no `breakServer`' })
  })

  test('too short a time to be idle in is refused', async () => {
    const [source, scenario] = little()
    await expect(checkSource(source, scenario, { idleFor: 1000 })).rejects.toThrow(/idleFor is 1000; expected at least/)
  })

  test('a source that cannot end has to refuse', async () => {
    expect(await refusesToEnd).toEqual(['end-refuses-where-it-cannot'])
  })

  test('a client that the server has let go of is not missed in the list', async () => {
    expect(await dropping).toMatch(
      /the list holds 0 and 0 sessions more of theirs; but its client is not connected any more/,
    )
  })

  test('a session that is missing while it uses a name: what `useName` itself said stands beside it', async () => {
    expect(await misnaming).toMatch(/without the session that uses it; `useName` threw: 550 No such directory$/)
  })

  test('a list that never comes is waited for no longer than it may take', async () => {
    expect(await neverListing).toEqual(['lists-every-session'])
  })
})

/** What was found first. */
async function firstFinding(source: FtpSource, scenario: Scenario): Promise<string> {
  const error: unknown = await checkSource(source, scenario, brief).catch((thrown: unknown) => thrown)
  return (error as ContractBroken).failed[0]!.found
}

/** A server that hangs up on whoever has logged in. */
function droppingClients(): [FtpSource, Scenario] {
  const server = new FakeServer()
  const scenario = fakeScenario(server)
  return [
    correctSource(server),
    {
      ...scenario,
      async connect(login) {
        const client = await scenario.connect(login)
        await client.disconnect()
        return client
      },
    },
  ]
}

/** A source that lists nobody who is in another directory, and a server that says no and goes there all the same. */
function hidingNames(): [FtpSource, Scenario] {
  const server = new FakeServer()
  const source = correctSource(server)
  const { connect } = fakeScenario(server)
  return [
    { ...source, list: async (signal) => (await source.list(signal)).filter(({ location }) => location === '/') },
    {
      logins: ['alice', 'bob'],
      async connect(login) {
        const client = await connect(login)
        return {
          ...client,
          async useName(name) {
            await client.useName!(name)
            throw new Error('550 No such directory')
          },
        }
      },
    },
  ]
}

/** The least that a scenario can have. */
function little(): [FtpSource, Scenario] {
  const server = new FakeServer()
  const { connect } = fakeScenario(server)
  return [
    correctSource(server),
    {
      logins: ['alice', 'bob'],
      async connect(login) {
        const { isConnected, disconnect, act } = await connect(login)
        return { isConnected, disconnect, act }
      },
    },
  ]
}
