import { Resource } from '@adminjs/typeorm'
import { AppError, BaseRecord, type BaseProperty, type ActionContext, type Filter } from 'adminjs'
import { narrowing } from '../actions/access.js'
import { asOf, type AsOf } from '../actions/live.js'
import { owning } from '../actions/own-sessions.js'
import type { Totals } from '../actions/page-answers.js'
import type { ScopedTable, TotalsAsOf } from '../actions/scope.js'
import { isRowId } from '../database/rows.js'
import { messageOf } from '../text/error-message.js'
import { rowValue } from '../text/stored-value.js'
import { SharedAnswers } from './shared-answers.js'
import { menuIn, translationsOf } from '../translations/index.js'
import {
  And,
  Between,
  Equal,
  In,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  Raw,
  type BaseEntity,
  type FindOperator,
  type FindOptionsOrder,
  type FindOptionsWhere,
} from 'typeorm'

type Model = ConstructorParameters<typeof Resource>[0]
type TextsId = Parameters<typeof translationsOf>[0]
type Narrowing = Record<string, unknown>

/** Whoever asks for a list, with what the hooks before it have found out about him. */
export type Asking = ActionContext & { [narrowing]?: Narrowing; [owning]?: ReadonlySet<string>; [asOf]?: AsOf }

/**
 * A table of this package as AdminJS sees it. AdminJS's adapter for TypeORM, with its filters right on both engines
 * (an open date range, exact words and numbers, wildcards taken literally) and with an answer for rows that have gone.
 */
export class SessionResource extends Resource implements ScopedTable {
  private readonly shared = new SharedAnswers()

  constructor(
    private readonly rows: Model,
    /** Columns whose filter is a choice, not a search. */
    private readonly choices: ReadonlySet<string>,
    /** Field values that every row shown has. */
    private readonly only: Narrowing = {},
  ) {
    super(rows)
    for (const property of this.properties() as (BaseProperty & { column: { type: unknown } })[]) {
      // Sizes: bigint in the table, numbers to whoever filters and sorts by them.
      if (property.column.type === 'bigint') property.type = () => 'number'
    }
  }

  /** Only now is it known which languages the back office offers. */
  override assignDecorator(...[admin, options]: Parameters<Resource['assignDecorator']>): void {
    const { locale } = admin.options
    // What a function will answer is not known.
    const fixed = typeof locale === 'function' ? undefined : locale
    const named = [fixed?.language, fixed?.availableLanguages].flat().filter((code) => code !== undefined)
    const offered = typeof locale === 'function' ? undefined : named
    super.assignDecorator(admin, { ...options, translations: translationsOf(options!.id as TextsId, offered) })
    // A group in the menu belongs to no resource: it is named in the back office's own texts, of which AdminJS has made a
    // copy. The host's win.
    const group = (options!.navigation as { name: string }).name
    if (fixed) {
      const menu = named.map((code) => {
        const own = fixed.translations?.[code]
        return [code, { ...own, labels: { [group]: menuIn(code), ...(own?.labels as object | undefined) } }]
      })
      admin.options.locale = { ...fixed, translations: { ...fixed.translations, ...Object.fromEntries(menu) } }
    }
  }

  /** AdminJS's adapter looks it up in an object, and finds what every object has: `constructor`. */
  override property(path: string): ReturnType<Resource['property']> {
    const found = this.properties().find((property) => property.path() === path)
    return (found ?? null) as ReturnType<Resource['property']>
  }

  override async count(filter: Filter, context?: ActionContext): Promise<number> {
    return this.forAll(['count'], filter, context, () =>
      readable(this.rows.count({ where: this.where(filter, context) })),
    )
  }

  override async find(
    filter: Filter,
    params: { limit?: number; offset?: number; sort?: { sortBy?: string; direction?: string } },
    context?: ActionContext,
  ): Promise<BaseRecord[]> {
    const { sortBy, direction } = params.sort ?? {}
    const column = sortBy !== undefined && this.property(sortBy) ? sortBy : 'id'
    const found = this.rows.find({
      where: this.where(filter, context),
      // AdminJS lets perPage=-1 through, which would be every row there is.
      take: between(1, params.limit ?? 10, 500),
      skip: between(0, params.offset ?? 0, 1e9),
      // Rows that are equal keep their places from one poll to the next, in the direction in which an index has their ids:
      // in the other one all that come before the page would have to be sorted.
      order: {
        [column]: this.order(column, direction),
        id: this.order('id', direction),
      } as FindOptionsOrder<BaseEntity>,
    })
    return (await readable(found)).map((row) => new BaseRecord(row, this))
  }

  async after(id: number, filter: Filter, most: number, context: ActionContext): Promise<BaseEntity[]> {
    const where = this.where(filter, context).map((one) => ({ ...one, id: MoreThan(id) }))
    return readable(this.rows.find({ where, take: most, order: { id: 'ASC' } as FindOptionsOrder<BaseEntity> }))
  }

  async countBy(path: string, filter: Filter, context: ActionContext): Promise<Record<string, number>> {
    return this.forAll(['count by', path], filter, context, () => this.countByNow(path, filter, context))
  }

  async totals(filter: Filter, context: ActionContext, of: TotalsAsOf): Promise<Totals> {
    const stale = of.stale.map(({ host, name }) => [host, name])
    return this.forAll(['totals', stale], filter, context, () => this.totalsNow(filter, context, of))
  }

  /** What has one answer for all who ask with this filter and these rights. */
  private forAll<Answer>(
    what: unknown[],
    filter: Filter,
    context: Asking | undefined,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const asked = valuesOf(filter)
    // One's own are few, and nobody else's.
    if (asked.mine !== undefined) return ask()
    const question = JSON.stringify([what, asked, context?.[narrowing]])
    return this.shared.ask(question, context?.[asOf], ask)
  }

  private async countByNow(path: string, filter: Filter, context: ActionContext): Promise<Record<string, number>> {
    const found: { value: string | null; count: string | number }[] = await readable(
      this.rows
        .createQueryBuilder('session')
        .select(`session.${path}`, 'value')
        .addSelect('COUNT(*)', 'count')
        .where(this.where(filter, context))
        .groupBy(`session.${path}`)
        .getRawMany(),
    )
    return Object.fromEntries(found.flatMap(({ value, count }) => (value === null ? [] : [[value, Number(count)]])))
  }

  private async totalsNow(filter: Filter, context: ActionContext, { onlineSince, stale }: TotalsAsOf): Promise<Totals> {
    const where = this.where(filter, context)
    const isStale = (row: { host: string; source: string }) =>
      stale.some(({ host, name }) => host === row.host && name === row.source)
    const perSource = () =>
      this.rows
        .createQueryBuilder('session')
        .select('session.host', 'host')
        .addSelect('session.source', 'source')
        .where(where)
        .groupBy('session.host')
        .addGroupBy('session.source')
    const counted: { host: string; source: string; count: string | number }[] =
      stale.length === 0 ? [] : await readable(perSource().addSelect('COUNT(*)', 'count').getRawMany())
    const asLastSeen = counted.filter(isStale).reduce((sum, { count }) => sum + Number(count), 0)
    if (!this.property('status')) {
      const since = MoreThanOrEqual(onlineSince)
      const active = where.map((one) => {
        const also = (one as Record<string, unknown>).lastActiveAt as typeof since | undefined
        return { ...one, lastActiveAt: also === undefined ? since : And(since, also) } as FindOptionsWhere<BaseEntity>
      })
      const online = await readable(this.rows.count({ where: active }))
      return { online, statuses: {}, up: null, down: null, asLastSeen }
    }
    // Two questions: how many there are is in an index alone, and speeds are looked up of the few that move something.
    const statuses = await this.countBy('status', filter, context)
    const moving: { host: string; source: string; status: string; speed: string | number | null }[] = await readable(
      perSource()
        .addSelect('session.status', 'status')
        .addSelect('SUM(session.bytesPerSecond)', 'speed')
        .andWhere(`session.status IN ('uploading', 'downloading')`)
        .addGroupBy('session.status')
        .getRawMany(),
    )
    const speedOf = (status: string) => {
      const speeds = moving.filter((one) => one.status === status && one.speed !== null && !isStale(one))
      return speeds.length === 0 ? null : speeds.reduce((sum, { speed }) => sum + Number(speed), 0)
    }
    return { online: null, statuses, up: speedOf('uploading'), down: speedOf('downloading'), asLastSeen }
  }

  override async findOne(id: string): Promise<BaseRecord | null> {
    const record = isRowId(id) ? await super.findOne(id) : null
    return record && isOneOf(record.params, this.only) ? record : null
  }

  /**
   * The rows of these ids, and for each well-formed id without a row a stand-in with `gone: true`: AdminJS answers 500
   * to a bulk action none of whose records is left. An error does not come from here, where it would be a 500 too, but
   * from the action, which reads the rows again.
   */
  override async findMany(ids: (string | number)[]): Promise<BaseRecord[]> {
    const wanted = [...new Set(ids.map(String).filter(isRowId))].map(Number)
    if (wanted.length > 500) return [new BaseRecord({ gone: true }, this)]
    const where = { id: In(wanted) } as FindOptionsWhere<BaseEntity>
    const rows = wanted.length === 0 ? [] : await this.rows.findBy(where).catch(() => undefined)
    if (rows === undefined) return [new BaseRecord({ gone: true }, this)]
    const found = new Set(rows.map((row) => (row as unknown as { id: number }).id))
    const records = [
      ...rows.map((row) => new BaseRecord(row, this)),
      ...wanted.filter((id) => !found.has(id)).map((id) => new BaseRecord({ id, gone: true }, this)),
    ]
    return records.length > 0 ? records : [new BaseRecord({ gone: true }, this)]
  }

  /** The unknown last, where there may be any: PostgreSQL has its indices in the one order only. */
  private order(path: string, direction: string | undefined): { direction: 'ASC' | 'DESC'; nulls?: 'LAST' } {
    const { column } = this.property(path) as unknown as { column: { isNullable: boolean } }
    return { direction: direction === 'asc' ? 'ASC' : 'DESC', ...(column.isNullable && { nulls: 'LAST' }) }
  }

  /** Each of them is a way in which a row may match. */
  protected where(filter: Filter | undefined, context?: Asking): FindOptionsWhere<BaseEntity>[] {
    const where: Record<string, unknown> = {}
    const asked = valuesOf(filter)
    for (const [path, value] of Object.entries(asked)) {
      const condition = this.condition(path, value)
      if (condition !== undefined) where[path] = condition
    }
    if (asked.idleFor !== undefined && this.property('lastActiveAt')) {
      const longest = LessThanOrEqual(new Date(Date.now() - between(0, Number(asked.idleFor), 1e8) * 60_000))
      where.lastActiveAt =
        where.lastActiveAt === undefined ? longest : And(longest, where.lastActiveAt as typeof longest)
    }
    if (asked.mine !== undefined && this.property('key')) where.key = In([...(context?.[owning] ?? [])])
    const narrowed = context?.[narrowing]
    // Whoever may see one login's rows only can't ask for another's: the host's word is the last one, beside the page's own.
    for (const [path, value] of Object.entries(narrowed ?? {})) where[path] = anyOf(value)
    for (const [path, value] of Object.entries(this.only)) {
      where[path] = narrowed && path in narrowed ? And(anyOf(narrowed[path]), anyOf(value)) : anyOf(value)
    }
    const text = asked.search === undefined ? '' : String(rowValue(String(asked.search))).trim()
    const searched =
      text === '' ? [] : ['login', 'person', 'ip', 'fileName', 'domain'].filter((path) => this.property(path))
    if (searched.length === 0) return [where as FindOptionsWhere<BaseEntity>]
    return searched.map((path) => {
      const found = containing(path, text, this.databaseType(), 'search')
      const also = where[path] as typeof found | undefined
      return { ...where, [path]: also === undefined ? found : And(also, found) } as FindOptionsWhere<BaseEntity>
    })
  }

  private condition(path: string, value: unknown): unknown {
    const type = this.property(path)?.type()
    if (type === undefined) return undefined
    if (type === 'datetime' || type === 'date') {
      const { from, to } = (typeof value === 'object' && value !== null ? value : {}) as { from?: string; to?: string }
      const [start, end] = [validDate(from), validDate(to)]
      if (start && end) return Between(start, end)
      if (start) return MoreThanOrEqual(start)
      return end && LessThanOrEqual(end)
    }
    // As names are stored; PostgreSQL takes no NUL in a question either.
    const text = String(rowValue(String(value)))
    if (type === 'number' || type === 'float') return equalNumber(path, Number(text))
    if (this.choices.has(path)) return Equal(text)
    // `=bob` is bob and nobody else.
    if (text.startsWith('=')) return Equal(text.slice(1))
    return containing(path, text, this.databaseType())
  }
}

function valuesOf(filter: Filter | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter?.filters ?? {}).map(([path, { value }]) => [path, value]))
}

/** This value, or any of them where there are several. */
function anyOf(value: unknown): FindOperator<unknown> {
  return Array.isArray(value) ? In(value) : Equal(value)
}

/** Does it have these field values, any of them where there are several? */
function isOneOf(row: Record<string, unknown>, only: Narrowing): boolean {
  return Object.entries(only).every(([field, value]) => [value].flat().includes(row[field]))
}

/** A list that can't be had is said in place: AdminJS shows an AppError's message, and a page that shows rows keeps them. */
function readable<T>(query: Promise<T>): Promise<T> {
  return query.catch((error: unknown) => {
    throw new AppError(`The table of sessions could not be read: ${messageOf(error)}`)
  })
}

/**
 * A part of a text, its wildcards taken literally: in any case as far as A to Z go, others as they are typed. SQLite's LIKE
 * does just that, and so does PostgreSQL's ILIKE in the locale C; it takes twice as long as LIKE there, which will do for
 * what has no case. LOWER would be faster, but how many rows it leaves PostgreSQL can't tell, and goes about it the wrong way.
 */
function containing(path: string, text: string, engine: string, as = 'part'): FindOperator<unknown> {
  const like = engine === 'postgres' && /[a-z]/i.test(text) ? 'COLLATE "C" ILIKE' : 'LIKE'
  return Raw((column) => `${column} ${like} :${as}_${path} ESCAPE '\\'`, {
    [`${as}_${path}`]: `%${text.replace(/[\\%_]/g, '\\$&')}%`,
  })
}

/** Whatever the number: PostgreSQL refuses to compare a column with one that it could not hold. */
function equalNumber(path: string, number: number): unknown {
  if (!Number.isFinite(number)) return undefined
  return Raw((column) => `${column} = CAST(:number_${path} AS NUMERIC)`, { [`number_${path}`]: String(number) })
}

/** A time in a year of four digits: SQLite compares times as text, and PostgreSQL's begin later than JavaScript's. */
function validDate(text: string | undefined): Date | undefined {
  const date = new Date(text ?? NaN)
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999 ? date : undefined
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(most, Math.trunc(Number(value)) || least))
}
