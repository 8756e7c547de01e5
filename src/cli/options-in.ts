import { importDefault } from './import-default.js'

/**
 * The configuration that a module of the user's has.
 *
 * @throws WrongUsage where it can't be loaded, or has none
 */
export async function optionsIn(path: string): Promise<unknown> {
  const expected = 'the options of collectSessions, or a function that gives them'
  const given = await importDefault(path, `The configuration ${path}`, expected)
  return typeof given === 'function' ? ((await given()) as unknown) : given
}
