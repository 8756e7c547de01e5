import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../text/error-message.js'
import { WrongUsage } from './arguments.js'

/**
 * What a module of the user's exports by default.
 *
 * @param what it is, for messages: `'The module ./otherd.mjs'`
 * @param expected what its default export should be
 * @throws WrongUsage where it can't be loaded, or has none
 */
export async function importDefault(path: string, what: string, expected: string): Promise<unknown> {
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }
  } catch (error) {
    throw new WrongUsage(`${what} could not be loaded: ${messageOf(error)}`, { cause: error })
  }
  if (module.default === undefined) throw new WrongUsage(`${what} has no default export: expected ${expected}.`)
  return module.default
}
