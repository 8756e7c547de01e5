import type { PropertyOptions } from 'adminjs'
import type { ShownAs } from '../components/cells/value-cell.js'
import type { Components } from '../components/index.js'
import { sessionFields, type Field, type SessionKind } from '../session-fields.js'

export type Properties = Record<string, PropertyOptions>

/** The forms that properties have in this package: by which component each is shown, and what its filter asks for. */
export function formsOf(components: Components) {
  const shown = (component: keyof Components): PropertyOptions => ({
    components: { list: components[component], show: components[component] },
  })
  const value = (as: ShownAs): PropertyOptions => ({ custom: { as }, ...shown('ValueCell') })
  const text = value('text')
  const time: PropertyOptions = { type: 'datetime', ...value('time') }
  /** A value out of a short list, which is also how its filter asks. */
  const word = (values: readonly string[]): PropertyOptions => ({
    availableValues: values.map((value) => ({ value, label: value })),
    ...value('word'),
  })
  const formOf = ({ is }: Field): PropertyOptions => {
    if (typeof is !== 'string') return word(is)
    switch (is) {
      case 'time':
        return time
      case 'bytes':
      case 'bytes-per-second':
        return { type: 'number', ...value(is) }
      case 'percent':
        return { type: 'number', ...shown('ProgressCell') }
      default:
        return text
    }
  }
  /** A text that the list is narrowed to at a click. */
  const filter = value('filter')
  const where: Properties = { host: filter, source: filter, key: text }
  /** Every field of a session of this kind, by what it holds; and those that both kinds show in a way of their own. */
  const session = (kind: SessionKind): Properties => ({
    ...where,
    ...Object.fromEntries(Object.entries<Field>(sessionFields[kind]).map(([name, field]) => [name, formOf(field)])),
    login: { isTitle: true, ...shown('LoginCell') },
    ip: shown('IpCell'),
    lastActiveAt: { type: 'datetime', ...shown('IdleCell') },
  })
  return { shown, value, text, filter, time, word, where, session }
}

export type Forms = ReturnType<typeof formsOf>
