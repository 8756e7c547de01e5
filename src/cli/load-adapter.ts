import { servers } from '../collectors/ftp/servers.js'
import type { ListedSession, SessionSource } from '../session-source.js'
import { messageOf } from '../text/error-message.js'
import { WrongUsage } from './arguments.js'
import { importDefault } from './import-default.js'

export type ProbedSource = SessionSource<ListedSession>

/** The adapters of this package, by the names under which it exports them. */
export const adapterNames = servers.map(({ name }) => name)

/**
 * The sources of an adapter.
 *
 * @param name one of `adapterNames` (`pure-ftpd` will do for `pureFtpd`), or the path of a module
 * @throws WrongUsage where there is no such adapter, or where it does not take the options
 */
export async function loadAdapter(name: string, options: Record<string, unknown>): Promise<ProbedSource[]> {
  const made = /[/\\]|\.[cm]?[jt]s$/.test(name)
    ? await importDefault(name, `The module ${name}`, 'a source, or a function that makes one')
    : await ownAdapter(name)
  if (typeof made !== 'function' && Object.keys(options).length > 0) {
    throw new WrongUsage(`${name} exports a source and no function that makes one, so it takes no options.`)
  }
  let given: unknown
  try {
    given = typeof made === 'function' ? await (made as (options: unknown) => unknown)(options) : made
  } catch (error) {
    throw new WrongUsage(messageOf(error), { cause: error })
  }
  const sources: unknown[] = [given].flat()
  if (sources.length === 0 || !sources.every(isSource)) {
    throw new WrongUsage(
      `${name} gives no source: expected an object with name, kind, evidence, list and end, or a list of such.`,
    )
  }
  return sources
}

function ownAdapter(name: string): Promise<unknown> {
  const plain = (text: string) => text.replaceAll('-', '').toLowerCase()
  const known = servers.find((one) => plain(one.name) === plain(name))
  if (known === undefined) {
    throw new WrongUsage(
      `There is no adapter ${name}: expected one of ${adapterNames.join(', ')}, or the path of a module, like ./${name}.mjs.`,
    )
  }
  return known.load()
}

function isSource(value: unknown): value is ProbedSource {
  const { name, kind, list, end } = (value ?? {}) as Partial<ProbedSource>
  return (
    typeof name === 'string' &&
    (kind === 'panel' || kind === 'ftp') &&
    typeof list === 'function' &&
    typeof end === 'function'
  )
}
