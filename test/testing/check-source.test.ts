import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { FtpSource } from '../../src/collectors/engine/session-source.js'
import { checkSource, ContractBroken, type Scenario } from '../../src/testing/index.js'
import { brokenSources, timers } from './broken-sources.js'
import { fakeScenario, FakeServer } from './fake-server.js'
import { correctSource, withKeepOut, withStart } from './fake-source.js'

jest.setTimeout(60_000)
afterEach(() => timers.splice(0).forEach(clearInterval))

/** The checks that a source fails. */
async function failedChecks(source: FtpSource, scenario: Scenario): Promise<string[]> {
  try {
    await checkSource(source, scenario, { within: 400 })
    return []
  } catch (error) {
    if (error instanceof ContractBroken) return error.failed.map(({ name }) => name)
    throw error
  }
}

test('a source that keeps the contract passes every check', async () => {
  const server = new FakeServer()
  const source = withStart(withKeepOut(correctSource(server), server), server)
  const { passed, notChecked } = await checkSource(source, fakeScenario(server))
  expect(notChecked).toEqual([{ name: 'end-refuses-where-it-cannot', because: 'the source can end sessions' }])
  expect(new Set(passed).size).toBe(passed.length)
  const named = new Set(brokenSources.map(({ failedBy }) => failedBy))
  expect(passed.filter((name) => !named.has(name))).toEqual(['download-shown', 'upload-leaves-nothing'])
})

describe('a broken source is failed by the check that names its fault, and by no other', () => {
  // What keeps the process alive is counted: whoever has a `start` is checked alone.
  const sources = brokenSources.map((broken) => {
    const server = new FakeServer()
    return { ...broken, server, source: broken.source(server) }
  })
  const together = sources.filter(({ source }) => !source.start)
  let failed: Promise<string[][]> | undefined

  test.each(together)('it $fault: $failedBy', async ({ failedBy, source }) => {
    failed ??= Promise.all(together.map(({ source, server }) => failedChecks(source, fakeScenario(server))))
    expect((await failed)[together.findIndex((one) => one.source === source)]).toEqual([failedBy])
  })

  test.each(sources.filter(({ source }) => source.start))(
    'it $fault: $failedBy',
    async ({ failedBy, source, server }) => {
      expect(await failedChecks(source, fakeScenario(server))).toEqual([failedBy])
    },
  )
})

test('the error lists each rule that is broken, and what was found', async () => {
  const server = new FakeServer()
  const source: FtpSource = {
    ...correctSource(server),
    list: async (signal) =>
      (await correctSource(server).list(signal)).map((one) => ({ ...one, ip: 'here', domain: '?' })),
  }
  await expect(checkSource(source, fakeScenario(server), { within: 400 })).rejects.toThrow(
    /^fake-ftpd breaks 2 of \d+ rules of the contract\.\n  ✗ fields-typed: .*\n    Found: `ip` is "here", where an IP address without a port was expected \(in the session with the key "boot-\d+"\)\.\n  ✗ unknown-is-null: .*\n    Found: `domain` is "\?", where null means unknown \(.*\)\.$/,
  )
})

test('what the scenario lacks is reported as not checked', async () => {
  const server = new FakeServer()
  const { connect } = fakeScenario(server)
  const bare: Scenario = {
    logins: ['alice', 'bob'],
    async connect(login) {
      const { isConnected, disconnect, act } = await connect(login)
      return { isConnected, disconnect, act }
    },
  }
  const { notChecked } = await checkSource(correctSource(server), bare)
  expect(notChecked).toContainEqual({
    name: 'upload-progress',
    because: "the scenario's clients have no `upload`",
  })
  expect(notChecked).toContainEqual({ name: 'recovers', because: expect.stringContaining('failing-server-throws') })
})

test('a source that cannot end has to refuse', async () => {
  const server = new FakeServer()
  const scenario: Scenario = { ...fakeScenario(server), cannotEnd: true }
  expect(await failedChecks(correctSource(server), scenario)).toEqual(['end-refuses-where-it-cannot'])
})

test('a list that never comes is waited for no longer than it may take', async () => {
  const server = new FakeServer()
  const source: FtpSource = { ...correctSource(server), list: () => new Promise(() => undefined) }
  expect(await failedChecks(source, fakeScenario(server))).toEqual(['lists-every-session'])
})
