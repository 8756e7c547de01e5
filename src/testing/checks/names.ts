import { messageOf } from '../../text/error-message.js'
import { type Check, Finding, type Harness, NotChecked } from '../harness.js'
import { hostileNames } from '../hostile-names.js'
import { shown } from '../row-rules.js'

/** Anybody can give any name: a list must stand it. */
export const names: readonly Check[] = [
  {
    name: 'hostile-names',
    says: 'Whatever a client calls its files and directories, the list comes, with its session and its neighbours.',
    async run(harness) {
      const [first, second] = harness.scenario.logins
      const neighbour = await harness.open(second)
      const refused: string[] = []
      for (const name of hostileNames) {
        const { client, key } = await harness.open(first)
        if (!client.useName) throw new NotChecked("the scenario's clients have no `useName`")
        try {
          await client.useName(name)
        } catch (error) {
          refused.push(messageOf(error))
        }
        await everybodyListed(harness, name, [key, neighbour.key])
        await client.disconnect()
      }
      if (refused.length === hostileNames.length) {
        throw new NotChecked(`the server took none of the names; for the first one it said: ${refused[0]}`)
      }
    },
  },
]

async function everybodyListed(harness: Harness, name: Buffer, expected: string[]): Promise<void> {
  let keys: string[]
  try {
    keys = (await harness.list()).map(({ key }) => key)
  } catch (error) {
    throw new Finding(`with the name ${shown(name.toString('latin1'))} the list failed: ${messageOf(error)}`)
  }
  const missing = expected.findIndex((key) => !keys.includes(key))
  if (missing < 0) return
  throw new Finding(
    `with the name ${shown(name.toString('latin1'))} the list is without ${missing === 0 ? 'the session that uses it' : 'another session'}`,
  )
}
