import type { Hold } from '../../session-source.js'
import { type Check, Finding, type Harness, NotChecked } from '../harness.js'

/** `keepOut`: always exactly the set that it was given last. */
export const keepingOut: readonly Check[] = [
  {
    name: 'keep-out-keeps-out',
    says: 'Whoever is in the set that `keepOut` was given does not get in.',
    run: (harness) =>
      eachWay(harness, async ({ by, values: [first], apply, getsIn }) => {
        await apply([first])
        await harness.until(`the ${by} ${first}, which is in the set, is kept out`, async () => !(await getsIn(first)))
      }),
  },
  {
    name: 'keep-out-lets-others-in',
    says: 'Whoever is not in the set gets in.',
    run: (harness) =>
      eachWay(harness, async ({ by, values: [first, second], apply, getsIn }) => {
        await apply([first])
        if (await getsIn(second)) return
        throw new Finding(`the ${by} ${second} is kept out, and the set holds ${first} alone`)
      }),
  },
  {
    name: 'keep-out-releases',
    says: 'Whoever is in the set no more gets in again: the set is all that holds, and not what is added to it.',
    needs: ['keep-out-lets-others-in'],
    run: (harness) =>
      eachWay(harness, async ({ by, values: [first, second], apply, getsIn }) => {
        await apply([first, second])
        await apply([second])
        await harness.until(`the ${by} ${first}, which has left the set, gets in`, () => getsIn(first))
        await apply([])
        await harness.until(`the ${by} ${second} gets in, when the set is empty`, () => getsIn(second))
      }),
  },
]

interface KeepOutWay {
  by: 'login' | 'ip'
  values: readonly [string, string]
  apply(values: string[]): Promise<void>
  getsIn(value: string): Promise<boolean>
}

/** Runs a check for each way in which the source keeps people out, and releases everybody afterwards. */
async function eachWay(harness: Harness, check: (way: KeepOutWay) => Promise<void>): Promise<void> {
  const { keepOut } = harness.source
  const { logins, addresses } = harness.scenario
  if (!keepOut) throw new NotChecked('the source has no `keepOut`')
  const apply = (holds: Hold[]) => {
    harness.holds = holds
    return harness.limited('`keepOut`', (signal) => keepOut.apply(holds, signal))
  }
  for (const by of keepOut.by) {
    const values = by === 'login' ? logins : addresses
    if (!values) continue
    const until = new Date(Date.now() + 3_600_000)
    try {
      await check({
        by,
        values,
        apply: (held) => apply(held.map((value) => ({ by, value, until }))),
        getsIn: (value) => (by === 'login' ? letIn(harness, value) : letIn(harness, logins[0], value)),
      })
    } finally {
      await apply([])
    }
  }
  if (keepOut.by.includes('ip') && !addresses) throw new NotChecked('not by ip: the scenario has no `addresses`')
}

async function letIn(harness: Harness, login: string, address?: string): Promise<boolean> {
  try {
    const client = await harness.connect(login, address)
    const served = await client.isConnected()
    await client.disconnect()
    return served
  } catch {
    return false
  }
}
