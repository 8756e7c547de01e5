// node check.mjs puts the adapter before the kit; on a busy machine WITHIN=60000 node check.mjs. The same works within a
// test of any runner.
import { RemovalRefused } from 'adminjs-sessions/source'
import { checkSource } from 'adminjs-sessions/testing'
import { exampled } from './exampled.mjs'
import { startExampled } from './fake-server.mjs'
import { scenarioOf } from './scenario.mjs'

/** How long the kit waits for what, in ms: these are the defaults. */
const limits = { within: Number(process.env.WITHIN ?? 10_000), idleFor: 1500, clocksApart: 5000, quietAfter: 250 }

/** Starts a server for this alone, and says which rules hold. Throws ContractBroken, with all that it found, where one does not. */
async function check(title, sourceOf, more = {}) {
  const server = await startExampled()
  try {
    const scenario = { ...scenarioOf(server), ...more }
    const { passed, notChecked } = await checkSource(sourceOf(server), scenario, limits)
    console.log(`${title}: ${passed.length} rules hold.`)
    for (const { name, because } of notChecked) console.log(`Not checked: ${name}, because ${because}.`)
  } finally {
    await server.stop()
  }
}

await check('exampled', exampled)

// A server whose sessions can be listed and not ended: `end` always refuses, and `cannotEnd` has the kit check that.
async function end() {
  throw new RemovalRefused('exampled has no way to end a session.')
}
await check('exampled, if it could end nobody', (server) => ({ ...exampled(server), end }), { cannotEnd: true })
