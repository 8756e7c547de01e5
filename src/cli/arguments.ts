import { parseArgs } from 'node:util'

/** The command was not given what it needs. The message says what that is. */
export class WrongUsage extends Error {}

export interface CollectArguments {
  command: 'collect'
  /** The path of a module whose default export is the options. */
  config: string
}

export interface ProbeArguments {
  command: 'probe'
  adapter: string
  /** For the adapter, which checks them itself. */
  options: Record<string, unknown>
  json: boolean
  once: boolean
}

/** @throws WrongUsage */
export function readArguments(args: string[]): ProbeArguments | CollectArguments | 'help' {
  // The options of adapters are not known here: of the tokens, whatever follows one is its value.
  const { tokens } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  const own = new Set<string>()
  const positionals: string[] = []
  const options: Record<string, unknown> = {}
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (name === 'json' || name === 'once' || name === 'help') {
      if (value !== undefined) throw new WrongUsage(`${rawName} takes no value.`)
      own.add(name)
      continue
    }
    if (!rawName.startsWith('--')) throw new WrongUsage(`The option ${rawName} is not known.`)
    const next = tokens[i + 1]
    const separate = value === undefined && next?.kind === 'positional' ? next.value : undefined
    if (separate !== undefined) i++
    setOption(options, name, value ?? separate)
  }
  if (own.has('help') || args.length === 0) return 'help'
  const [command, adapter, ...others] = positionals
  if (command === 'collect') return collectArguments(options, [...own], positionals.slice(1))
  if (command !== 'probe') throw new WrongUsage(`Expected a command, like probe or list, found ${command ?? 'none'}.`)
  if (adapter === undefined) throw new WrongUsage('Expected the name of an adapter after probe, found none.')
  if (others.length > 0) throw new WrongUsage(`Expected one adapter, found ${[adapter, ...others].join(' and ')}.`)
  return { command, adapter, options, json: own.has('json'), once: own.has('once') }
}

function collectArguments(
  { config, ...others }: Record<string, unknown>,
  own: string[],
  positionals: string[],
): CollectArguments {
  const wrong = [...Object.keys(others), ...own].map((name) => `--${name}`).concat(positionals)
  if (wrong.length > 0) throw new WrongUsage(`collect takes --config alone, found ${wrong.join(' and ')} as well.`)
  if (typeof config !== 'string') {
    throw new WrongUsage('Expected the path of a module after --config, like --config ./sessions.config.mjs.')
  }
  return { command: 'collect', config }
}

function setOption(options: Record<string, unknown>, name: string, text: string | undefined): void {
  const path = name.split('.')
  const last = path.pop()!
  let inside = options
  for (const part of path) {
    if (!Object.hasOwn(inside, part)) inside[part] = {}
    const within = inside[part]
    if (typeof within !== 'object' || within === null) throw new WrongUsage(`--${name}: ${part} already has a value.`)
    inside = within as Record<string, unknown>
  }
  if (last === '__proto__' || path.includes('__proto__')) throw new WrongUsage(`The option --${name} is not known.`)
  const value = text === undefined ? true : valueOf(text)
  inside[last] = Object.hasOwn(inside, last) ? [inside[last], value].flat() : value
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
