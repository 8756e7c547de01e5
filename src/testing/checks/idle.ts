import { type Check, Finding, type Harness, NotChecked, type Opened } from '../harness.js'
import { pause, wholeSecond } from '../limits.js'
import { msOf, shown } from '../row-rules.js'

/** `lastActiveAt`, from which idle time is derived. */
export const idle: readonly Check[] = [
  {
    name: 'idle-grows',
    says: 'While nobody does anything, `lastActiveAt` stays as it is.',
    async run(harness) {
      const opened = await harness.open(harness.scenario.logins[0])
      const before = await activityOf(harness, opened)
      await pause(harness.limits.idleFor)
      const after = await activityOf(harness, opened)
      const moved = after.activeAt - before.activeAt
      // A time computed from whole seconds moves by up to one, and by as long as the lists took: a busy machine is slow.
      if (Math.abs(moved) > 1.25 * wholeSecond + before.took + after.took) {
        throw new Finding(`it moved by ${moved} ms within ${harness.limits.idleFor} ms in which the client did nothing`)
      }
    },
  },
  {
    name: 'idle-ends-with-activity',
    says: 'When the client does something, `lastActiveAt` becomes later.',
    async run(harness) {
      const opened = await harness.open(harness.scenario.logins[0])
      await becomesActive(harness, opened, 'the client did something', () => opened.client.act())
    },
  },
]

/** Does nothing for a while, then `act`, by which `lastActiveAt` must become later. */
export async function becomesActive(
  harness: Harness,
  opened: Opened,
  what: string,
  act: () => Promise<void>,
): Promise<void> {
  const before = await activityOf(harness, opened)
  await pause(harness.limits.idleFor)
  await act()
  await harness.until(`\`lastActiveAt\` is later than before ${what}`, async () => {
    return (await activityOf(harness, opened)).activeAt - before.activeAt >= harness.limits.idleFor - wholeSecond
  })
}

/** When the client was active last, and how many ms it took to know. */
async function activityOf(harness: Harness, { client, key }: Opened): Promise<{ activeAt: number; took: number }> {
  const began = Date.now()
  const session = await harness.find(key)
  if (!session) throw await harness.lacking(client, `the session ${shown(key)} is not listed any more`)
  const activeAt = msOf(session.lastActiveAt)
  if (activeAt === undefined) throw new NotChecked('the source does not know `lastActiveAt`')
  return { activeAt, took: Date.now() - began }
}
