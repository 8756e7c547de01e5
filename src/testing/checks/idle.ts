import { setTimeout as sleep } from 'node:timers/promises'
import { Finding, NotChecked } from '../finding.js'
import { msOf } from '../row-rules.js'
import type { Trial } from '../trial.js'
import type { Check } from './check.js'

/** ms that a client does nothing; long enough for a server that counts whole seconds of idleness. */
const doesNothing = 1500
/** ms by which a time may move that is reckoned from whole seconds. */
const tolerance = 1250

/** Idle time, which is derived from `lastActiveAt`. */
export const idle: readonly Check[] = [
  {
    name: 'idle-grows',
    says: 'While nobody does anything, `lastActiveAt` stays as it is.',
    async run(trial) {
      const { key } = await trial.open(trial.scenario.logins[0])
      const before = await activeAt(trial, key)
      await sleep(doesNothing)
      const moved = (await activeAt(trial, key)) - before
      if (Math.abs(moved) > tolerance) {
        throw new Finding(`it moved by ${moved} ms within ${doesNothing} ms in which the client did nothing`)
      }
    },
  },
  {
    name: 'idle-ends-with-activity',
    says: 'When the client does something, `lastActiveAt` becomes later.',
    async run(trial) {
      const { client, key } = await trial.open(trial.scenario.logins[0])
      const before = await activeAt(trial, key)
      await sleep(doesNothing)
      await client.act()
      await trial.until('`lastActiveAt` is later than before the client did something', async () => {
        return (await activeAt(trial, key)) - before >= 500
      })
    },
  },
]

async function activeAt(trial: Trial, key: string): Promise<number> {
  const time = msOf((await trial.find(key))?.lastActiveAt)
  if (time === undefined) throw new NotChecked('the source does not know `lastActiveAt`')
  return time
}
