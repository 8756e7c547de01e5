import { messageOf } from '../text/error-message.js'
import type { ListedSession, SessionSource } from '../session-source.js'
import { ending } from './checks/ending.js'
import { failing } from './checks/failing.js'
import { idle } from './checks/idle.js'
import { keepingOut } from './checks/keeping-out.js'
import { listing } from './checks/listing.js'
import { names } from './checks/names.js'
import { running } from './checks/running.js'
import { transfers } from './checks/transfers.js'
import { type Check, Finding, Harness, NotChecked } from './harness.js'
import { type CheckOptions, limitsOf } from './limits.js'
import { rowRules } from './row-rules.js'
import type { Scenario } from './scenario.js'

/** Every check, in the order in which they run: what others rest on comes first, what stops the source last. */
export const allChecks: readonly Check[] = [
  ...listing,
  ...idle,
  ...transfers,
  ...names,
  ...ending,
  ...failing,
  ...keepingOut,
  ...running,
]

/** If one of these fails, nothing else can be said of a source. */
const foundations = ['lists-every-session', 'keys-unique', 'keys-stable']

/** What `checkSource` found. */
export interface CheckReport {
  /** The names of the checks that hold. */
  passed: string[]
  /** What could not be checked, and why: what the scenario lacks, or the source does not know. */
  notChecked: { name: string; because: string }[]
}

/** Thrown by `checkSource`: its message lists each rule that is broken, and what was found. */
export class ContractBroken extends Error {
  override readonly name = 'ContractBroken'
  constructor(
    message: string,
    /** Each check that failed: its name, the rule, and what was found instead. */
    readonly failed: readonly { name: string; says: string; found: string }[],
    /** The rest of what was found. */
    readonly report: CheckReport,
  ) {
    super(message)
  }
}

/**
 * Checks that a source keeps the contract (see `SessionSource`), against a real server or a stand-in: opens sessions,
 * moves files, ends sessions, breaks and mends the server, as far as the scenario can, and judges every list.
 *
 * Runs under any test runner, or none. `start` is called once and its signal aborted at the end: the source cannot be
 * used afterwards. Takes 7 s and whatever the server takes.
 *
 * @param source what is to be checked
 * @param scenario who logs in at its server
 * @param options how long to wait for what
 * @returns which checks hold and which could not be made
 * @throws ContractBroken if a check fails
 * @example
 * test('keeps the contract', async () => {
 *   const { notChecked } = await checkSource(myFtpd({ port: server.port }), scenario)
 *   expect(notChecked).toEqual([])
 * }, 120_000)
 */
export async function checkSource<Session extends ListedSession>(
  source: SessionSource<Session>,
  scenario: Scenario,
  options: CheckOptions = {},
): Promise<CheckReport> {
  // A session is only ever given back to the source that listed it.
  const harness = new Harness(source as unknown as SessionSource<ListedSession>, scenario, limitsOf(options))
  const failed = new Map<string, string>()
  const notChecked = new Map<string, string>()
  harness.start()
  for (const check of allChecks) {
    const missing = neededAndFailed(check, new Map([...harness.rowFindings, ...failed]))
    if (missing !== undefined) notChecked.set(check.name, `${missing} has failed`)
    else await carryOut(check, harness, failed, notChecked)
  }
  await harness.over()
  for (const [name, found] of harness.rowFindings) failed.set(name, found)
  return judge(source.name, failed, notChecked)
}

function neededAndFailed(check: Check, failed: ReadonlyMap<string, string>): string | undefined {
  return [...foundations, ...(check.needs ?? [])].find((name) => name !== check.name && failed.has(name))
}

async function carryOut(
  check: Check,
  harness: Harness,
  failed: Map<string, string>,
  notChecked: Map<string, string>,
): Promise<void> {
  try {
    await check.run(harness)
  } catch (error) {
    if (error instanceof NotChecked) notChecked.set(check.name, error.message)
    else failed.set(check.name, error instanceof Finding ? error.message : `it broke off: ${messageOf(error)}`)
  }
  try {
    await harness.closeAll()
  } catch (error) {
    failed.set(check.name, `a client could not leave afterwards: ${messageOf(error)}`)
  }
}

function judge(
  source: string,
  failed: ReadonlyMap<string, string>,
  notChecked: ReadonlyMap<string, string>,
): CheckReport {
  const rules = [...rowRules, ...allChecks]
  const report: CheckReport = {
    passed: rules.map(({ name }) => name).filter((name) => !failed.has(name) && !notChecked.has(name)),
    notChecked: [...notChecked].map(([name, because]) => ({ name, because })),
  }
  if (failed.size === 0) return report
  const broken = rules.flatMap(({ name, says }) => {
    const found = failed.get(name)
    return found === undefined ? [] : [{ name, says, found }]
  })
  const lines = broken.map(({ name, says, found }) => `  ✗ ${name}: ${says}\n    Found: ${found}.`)
  const count = `${broken.length} of ${rules.length}`
  throw new ContractBroken([`${source} breaks ${count} rules of the contract.`, ...lines].join('\n'), broken, report)
}
