import { messageOf } from '../text/error-message.js'
import { visible } from '../text/printable.js'
import { WrongUsage } from './arguments.js'
import { optionsIn } from './options-in.js'
import type { Terminal } from './probe.js'

/**
 * Collects until the signal: reads the sources of a configuration into its database, and carries out the removals that are
 * asked for there.
 *
 * @param path of a module whose default export is what `collectSessions` takes, or a function that gives it
 * @returns whether it could begin
 * @throws WrongUsage where there is no such module, or where it has a wrong option
 */
export async function collect(path: string, { out, error, signal }: Terminal): Promise<boolean> {
  const options = await optionsIn(path)
  // Not before: probe needs no database.
  const { collectSessions } = await import('../collect-sessions.js')
  const say = (line: string) => out.write(`${new Date().toISOString()} ${visible(line)}\n`)
  let collecting
  try {
    collecting = await collectSessions(options as Parameters<typeof collectSessions>[0])
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new WrongUsage(`${path}: ${thrown.message}`, { cause: thrown })
    error.write(`${visible(messageOf(thrown))}\n`)
    return false
  }
  collecting.events
    .on('source-ok', ({ name, host, sessions }) => say(`${name} on ${host} is read: ${sessions} sessions.`))
    .on('source-failing', ({ name, host, error: why }) => say(`${name} on ${host} can't be read: ${why}`))
    .on('removed', ({ source, login, outcome, removedBy, message }) =>
      say(`${source}: ${login ?? 'a session'}, removed by ${removedBy}: ${outcome}. ${message ?? ''}`.trim()),
    )
  if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
  await collecting.stop()
  return true
}
