import { RemovalRefused } from '../session-source.js'
import { inEnglish, type Said, type SaidKey } from '../text/said.js'
import { rowValue } from '../text/stored-value.js'

/**
 * A refusal in one of this package's own sentences: kept with the removal by its key, and translated on the page. What a
 * server, sudo or an adapter of somebody else's says in its own words is a plain RemovalRefused.
 *
 * @example
 * throw new Refusal('otherProgram', { pid, program: path, server: 'vsftpd' })
 */
export class Refusal extends RemovalRefused {
  readonly said: Said

  /** @param values what is filled in; kept as a row can hold it, for it may be a name from outside */
  constructor(key: SaidKey, values: Required<Said>['values'] = {}) {
    const kept = Object.entries(values).map(([name, value]) => [name, storable(value)])
    const said: Said = { key, values: Object.fromEntries(kept) }
    super(inEnglish([said]))
    this.said = said
  }
}

const storable = (value: string | number | Said) => (typeof value === 'string' ? (rowValue(value) as string) : value)
