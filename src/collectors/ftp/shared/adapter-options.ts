/**
 * Checks one option of a source.
 * @throws TypeError that names the source, the option, what it got and what it expects
 */
export function checkOption(source: string, option: string, got: unknown, expected: string, right: boolean): void {
  if (right) return
  const shown = typeof got === 'function' ? 'a function' : (JSON.stringify(got) ?? String(got))
  throw new TypeError(`${source}: the option \`${option}\` is ${shown}, where ${expected} was expected.`)
}

/** @throws TypeError that names the first option that there is not */
export function checkNoOthers(source: string, options: object, known: readonly string[]): void {
  const other = Object.keys(options).find((name) => !known.includes(name))
  if (other !== undefined) throw new TypeError(`${source}: the option \`${other}\` is not known.`)
}

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0')
export const isPath = (value: unknown): value is string => isText(value) && value.startsWith('/')
