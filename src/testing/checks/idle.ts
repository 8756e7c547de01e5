import { Finding, NotChecked } from '../finding.js'
import { pause, wholeSecond } from '../limits.js'
import { msOf } from '../row-rules.js'
import type { Trial } from '../harness.js'
import type { Check } from './check.js'

/** Idle time, which is derived from `lastActiveAt`. */
export const idle: readonly Check[] = [
  {
    name: 'idle-grows',
    says: 'While nobody does anything, `lastActiveAt` stays as it is.',
    async run(trial) {
      const { key } = await trial.open(trial.scenario.logins[0])
      const before = await lookAt(trial, key)
      await pause(trial.limits.idleFor)
      const after = await lookAt(trial, key)
      const moved = after.activeAt - before.activeAt
      // What is reckoned from whole seconds moves by up to one, and by as long as the looks took: a busy machine is slow.
      if (Math.abs(moved) > 1.25 * wholeSecond + before.took + after.took) {
        throw new Finding(`it moved by ${moved} ms within ${trial.limits.idleFor} ms in which the client did nothing`)
      }
    },
  },
  {
    name: 'idle-ends-with-activity',
    says: 'When the client does something, `lastActiveAt` becomes later.',
    async run(trial) {
      const { client, key } = await trial.open(trial.scenario.logins[0])
      const before = await lookAt(trial, key)
      await pause(trial.limits.idleFor)
      await client.act()
      await trial.until('`lastActiveAt` is later than before the client did something', async () => {
        return (await lookAt(trial, key)).activeAt - before.activeAt >= trial.limits.idleFor - wholeSecond
      })
    },
  },
]

/** When the client was active last, and how many ms it took to know. */
async function lookAt(trial: Trial, key: string): Promise<{ activeAt: number; took: number }> {
  const began = Date.now()
  const activeAt = msOf((await trial.find(key))?.lastActiveAt)
  if (activeAt === undefined) throw new NotChecked('the source does not know `lastActiveAt`')
  return { activeAt, took: Date.now() - began }
}
