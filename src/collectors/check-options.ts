import { z } from 'zod'

/**
 * Options as a shape knows them, with its defaults.
 *
 * Every shape here has the same words for what it expects wherever it is: they end the sentence "expected …".
 *
 * @param of whose options they are, as the message begins: `'proftpd'`
 * @param describe how what was found is shown: `kindOf` where it may be a secret
 * @throws TypeError that names the first wrong option, what was found, and what was expected
 * @example
 * checkOptions('proftpd', z.strictObject({ scoreboard: absolutePath }), { scoreboard: 'here' })
 * // TypeError: proftpd: option "scoreboard" is "here"; expected an absolute path.
 */
export function checkOptions<Shape extends z.ZodType>(
  of: string,
  shape: Shape,
  options: unknown,
  describe: (found: unknown) => string = shown,
): z.output<Shape> {
  const result = shape.safeParse(options)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const name = [...path, issue.keys[0]].join('.')
    throw new TypeError(`${of}: no option of that name: ${name}; expected ${issue.message}.`)
  }
  const found = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    options,
  )
  throw new TypeError(
    `${of}: option "${path.join('.') || 'options'}" is ${describe(found)}; expected ${issue.message}.`,
  )
}

/** Options of these names and no others. */
export function optionsOf<Fields extends z.ZodRawShape>(fields: Fields, expected = 'an object of options') {
  const names = Object.keys(fields).join(', ')
  return z.strictObject(fields, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of ${names}` : expected),
  })
}

/** A text that is not empty and that every system call takes: without NUL. */
export function text(expected: string, isRight: (text: string) => boolean = () => true) {
  const isText = (value: string) => value !== '' && !value.includes('\0') && isRight(value)
  return z.string({ error: expected }).refine(isText, { error: expected })
}

/** A function; what it takes and gives is for whoever calls it to check. */
export function aFunction<Type extends (...args: never[]) => unknown>(expected = 'a function') {
  return z.custom<Type>((value) => typeof value === 'function', { error: expected })
}

/** A number that may also be Infinity. */
export function numberFrom(least: number, expected: string) {
  return z.custom<number>((value) => typeof value === 'number' && value >= least, { error: expected })
}

/** A source's name, as rows hold it. */
export const sourceName = text('a text of 1 to 64 characters', ({ length }) => length <= 64)
export const absolutePath = text('an absolute path', (path) => path.startsWith('/'))

function shown(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value)
  return kindOf(value)
}

/** What kind of thing was found, and not which. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? 'another text' : `a ${typeof value}`
}
