import type { Filter } from 'adminjs'
import { And, Equal, In, IsNull, LessThan, MoreThanOrEqual, Or, type BaseEntity, type FindOptionsWhere } from 'typeorm'
import { silentAfter } from '../database/source-status.js'
import { SessionResource, type Asking } from './table-resource.js'

/** The table of sources: its filter by state finds what the list shows, and not what a process wrote before it died. */
export class SourceStatusResource extends SessionResource {
  protected override where(filter: Filter | undefined, context?: Asking): FindOptionsWhere<BaseEntity>[] {
    const { state, ...filters } = filter?.filters ?? {}
    const others = super.where({ ...filter, filters } as Filter, context)
    if (state === undefined) return others
    return others.flatMap((one) => rowsIn(String(state.value)).map((also) => both(one, also)))
  }
}

/** Each is a way in which a row may have this state. */
function rowsIn(state: string): Record<string, unknown>[] {
  if (state === 'dropped') return [{ state: Equal(state) }]
  const living = new Date(Date.now() - silentAfter)
  if (state !== 'failing') return [{ state: Equal(state), seenAt: Or(MoreThanOrEqual(living), IsNull()) }]
  return [{ state: Equal(state) }, { state: In(['starting', 'ok']), seenAt: LessThan(living) }]
}

function both(one: object, also: Record<string, unknown>): FindOptionsWhere<BaseEntity> {
  const where: Record<string, unknown> = { ...one }
  for (const [path, value] of Object.entries(also)) {
    where[path] =
      where[path] === undefined
        ? value
        : And(where[path] as ReturnType<typeof Equal>, value as ReturnType<typeof Equal>)
  }
  return where as FindOptionsWhere<BaseEntity>
}
