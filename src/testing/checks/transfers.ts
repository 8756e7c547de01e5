import { type Check, Finding, type Harness, NotChecked, type Opened } from '../harness.js'
import { becomesActive } from './idle.js'
import { shown } from '../row-rules.js'
import type { ScenarioClient, ScenarioTransfer } from '../scenario.js'

type Direction = 'upload' | 'download'
const statusOf = { upload: 'uploading', download: 'downloading' } as const

/** Uploads and downloads. */
export const transfers: readonly Check[] = (['upload', 'download'] as const).flatMap(
  (direction) =>
    [
      {
        name: `${direction}-shown`,
        says: `While a file is on its way, the status is '${statusOf[direction]}', or null where that is not known.`,
        async run(harness) {
          const { client, key } = await openFor(harness, direction)
          const transfer = await begin(client, direction)
          await transfer.more()
          let status: string | null | undefined
          await harness
            .until('', async () => {
              status = (await harness.find(key))?.status
              return status === undefined || status === null || status === statusOf[direction]
            })
            .catch(() => {
              throw new Finding(`the status of a session in the middle of its ${direction} is ${shown(status)}`)
            })
          await transfer.finish()
        },
      },
      {
        name: `${direction}-progress`,
        says: '`transferredBytes` never falls within a transfer, grows while bytes are moved, and begins anew with the next one.',
        async run(harness) {
          const { client, key } = await openFor(harness, direction)
          const first = await begin(client, direction)
          const counts = await watch(harness, key, first, 3)
          const began = counts[0]
          const last = counts.at(-1)
          if (began === undefined || last === undefined) {
            throw new NotChecked('the source does not know `transferredBytes`')
          }
          const fell = counts.findIndex((count, i) => i > 0 && count < counts[i - 1]!)
          if (fell > 0) throw new Finding(`it fell from ${counts[fell - 1]} to ${counts[fell]}`)
          let reached = last
          await harness.until(`it is more than ${began}, after more bytes were moved`, async () => {
            reached = Math.max(reached, (await bytesOf(harness, key)) ?? 0)
            return reached > began
          })
          await first.finish()
          // Whether it becomes null at all is another check.
          await harness.until('', async () => (await bytesOf(harness, key)) === null).catch(() => undefined)
          const second = await begin(client, direction)
          const [again] = await watch(harness, key, second, 1)
          await second.finish()
          if (again !== undefined && again >= reached) {
            throw new Finding(
              `a second, shorter transfer is listed with ${again}, where the first one ended after ${reached}`,
            )
          }
        },
      },
      {
        name: `${direction}-is-activity`,
        says: 'A running transfer is activity: while bytes are moved, `lastActiveAt` becomes later.',
        needs: ['idle-ends-with-activity'],
        async run(harness) {
          const opened = await openFor(harness, direction)
          const transfer = await begin(opened.client, direction)
          await transfer.more()
          await becomesActive(harness, opened, `more bytes of the ${direction} were moved`, () => transfer.more())
          await transfer.finish()
        },
      },
      {
        name: `${direction}-leaves-nothing`,
        says: 'Between transfers `fileName`, `transferredBytes` and `totalBytes` are null.',
        async run(harness) {
          const { client, key } = await openFor(harness, direction)
          const transfer = await begin(client, direction)
          await watch(harness, key, transfer, 1)
          await transfer.finish()
          let left: string | undefined
          await harness
            .until('', async () => {
              const session = await harness.find(key)
              const fields = ['fileName', 'transferredBytes', 'totalBytes'] as const
              const field = fields.find((name) => (session?.[name] ?? null) !== null)
              left = field && `\`${field}\` is ${shown(session?.[field])}`
              return session !== undefined && left === undefined
            })
            .catch(async () => {
              if (left !== undefined) throw new Finding(`after the transfer, ${left}`)
              throw await harness.lacking(client, 'after the transfer, the session is not listed any more')
            })
        },
      },
    ] satisfies Check[],
)

async function openFor(harness: Harness, direction: Direction): Promise<Opened> {
  const opened = await harness.open(harness.scenario.logins[0])
  if (!opened.client[direction]) throw new NotChecked(`the scenario's clients have no \`${direction}\``)
  return opened
}

function begin(client: ScenarioClient, direction: Direction): Promise<ScenarioTransfer> {
  return client[direction]!()
}

async function bytesOf(harness: Harness, key: string): Promise<number | null> {
  return (await harness.find(key))?.transferredBytes ?? null
}

/** Moves bytes and lists, in turn. Gives `transferredBytes` of each list in which it was known. */
async function watch(harness: Harness, key: string, transfer: ScenarioTransfer, rounds: number): Promise<number[]> {
  const counts: number[] = []
  for (let i = 0; i < rounds; i++) {
    await transfer.more()
    for (let lists = 0; lists < 3; lists++) {
      const bytes = await bytesOf(harness, key)
      if (bytes !== null) counts.push(bytes)
    }
  }
  return counts
}
