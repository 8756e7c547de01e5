import { type Check, Finding, type Harness, NotChecked } from '../harness.js'
import { pause, wholeSecond } from '../limits.js'
import { msOf } from '../row-rules.js'

/** Idle time, which is derived from `lastActiveAt`. */
export const idle: readonly Check[] = [
  {
    name: 'idle-grows',
    says: 'While nobody does anything, `lastActiveAt` stays as it is.',
    async run(harness) {
      const { key } = await harness.open(harness.scenario.logins[0])
      const before = await activityOf(harness, key)
      await pause(harness.limits.idleFor)
      const after = await activityOf(harness, key)
      const moved = after.activeAt - before.activeAt
      // What is reckoned from whole seconds moves by up to one, and by as long as the looks took: a busy machine is slow.
      if (Math.abs(moved) > 1.25 * wholeSecond + before.took + after.took) {
        throw new Finding(`it moved by ${moved} ms within ${harness.limits.idleFor} ms in which the client did nothing`)
      }
    },
  },
  {
    name: 'idle-ends-with-activity',
    says: 'When the client does something, `lastActiveAt` becomes later.',
    async run(harness) {
      const { client, key } = await harness.open(harness.scenario.logins[0])
      const before = await activityOf(harness, key)
      await pause(harness.limits.idleFor)
      await client.act()
      await harness.until('`lastActiveAt` is later than before the client did something', async () => {
        return (await activityOf(harness, key)).activeAt - before.activeAt >= harness.limits.idleFor - wholeSecond
      })
    },
  },
]

/** When the client was active last, and how many ms it took to know. */
async function activityOf(harness: Harness, key: string): Promise<{ activeAt: number; took: number }> {
  const began = Date.now()
  const activeAt = msOf((await harness.find(key))?.lastActiveAt)
  if (activeAt === undefined) throw new NotChecked('the source does not know `lastActiveAt`')
  return { activeAt, took: Date.now() - began }
}
