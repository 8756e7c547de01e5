import { messageOf } from '../../text/error-message.js'
import { type Check, Finding, type Harness, NotChecked } from '../harness.js'
import { hostileNames } from '../hostile-names.js'
import { shown } from '../row-rules.js'

/** Clients choose any names they like, and a list must cope. */
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
        const refusal = await client.useName(name).then(() => null, messageOf)
        const withName = `with the name ${shown(name.toString('latin1'))}`
        const said = refusal === null ? '' : `; \`useName\` threw: ${refusal}`
        const keys = await keysListed(harness, withName)
        const isListed = keys.includes(key)
        if (!isListed && (await harness.isConnected(client))) {
          throw new Finding(`${withName} the list is without the session that uses it${said}`)
        }
        if (!keys.includes(neighbour.key)) {
          throw await harness.lacking(neighbour.client, `${withName} the list is without another session${said}`)
        }
        if (refusal !== null) refused.push(refusal)
        else if (!isListed) refused.push('it let go of its client')
        await client.disconnect()
      }
      if (refused.length === hostileNames.length) {
        throw new NotChecked(`the server took none of the names; for the first one it said: ${refused[0]}`)
      }
    },
  },
]

async function keysListed(harness: Harness, withName: string): Promise<string[]> {
  try {
    return (await harness.list()).map(({ key }) => key)
  } catch (error) {
    throw new Finding(`${withName} the list failed: ${messageOf(error)}`)
  }
}
