import { In, IsNull, Not, Or, type FindOptionsWhere } from 'typeorm'
import { z } from 'zod'
import { checkOptions, optionsOf } from '../collectors/check-options.js'
import type { Row } from '../actions/cut.js'
import { identityOf, policyShape, type Policy, type PolicyOptions } from './policy.js'

/** What `mostSessions` takes. */
export interface MostSessionsOptions extends PolicyOptions {
  /** How many sessions one may have. An FTP program often opens several connections. */
  atMost: number
  /**
   * Whose: of each login, or of each person by the option `person` of `createSessions`.
   *
   * @default 'login'
   */
  of?: 'login' | 'person'
  /** Which end where there are more: `'newest'` refuses the new one, `'oldest'` makes place for it. */
  end: 'newest' | 'oldest'
}

const shape = optionsOf({
  ...policyShape,
  atMost: z.int({ error: 'a whole number of sessions' }).min(1, { error: 'at least 1 session' }),
  of: z.enum(['login', 'person'], { error: '"login" or "person"' }).default('login'),
  end: z.enum(['newest', 'oldest'], { error: '"newest" or "oldest"' }),
})

const namesPerQuestion = 100
/** What people call themselves who have no login (RFC 1635), on servers that do not tell. */
const anonymous = ['anonymous', 'ftp']

/**
 * Lets nobody have more than so many sessions at once. They can be counted only once they are there: a new one lives for
 * about a poll. Anonymous FTP sessions are many people's and are not counted, nor are those that `except` leaves alone.
 *
 * @example policies: [mostSessions({ kind: 'ftp', atMost: 8, end: 'newest' })]
 */
export function mostSessions(options: MostSessionsOptions): Policy {
  const { atMost, of, end, ...policy } = checkOptions('mostSessions', shape, options)
  const { kind, source, except } = policy
  const counted: FindOptionsWhere<Row> = {
    ...(source !== undefined && { source }),
    ...(kind === 'ftp' && { type: Or(IsNull(), Not('anonymous')), login: Not(In(anonymous)) }),
  }
  return {
    ...policy,
    name: policy.name ?? `at most ${atMost} (${kind})`,
    reason: policy.reason ?? `more than ${atMost} ${atMost === 1 ? 'session' : 'sessions'} of one ${of}`,
    whenIdle: false,
    clockSteadyFor: 0,
    identity: identityOf('mostSessions', { atMost, of, end, ...policy }),
    async *chosen(sessions) {
      const many: { name: string }[] = await sessions
        .createQueryBuilder('session')
        .select(`session.${of}`, 'name')
        .where(counted)
        .andWhere(`session.${of} IS NOT NULL`)
        .groupBy(`session.${of}`)
        .having('COUNT(*) > :atMost', { atMost })
        .getRawMany()
      for (let i = 0; i < many.length; i += namesPerQuestion) {
        const names = many.slice(i, i + namesPerQuestion).map(({ name }) => name)
        const rows = await sessions.find({ where: [{ ...counted, [of]: In(names) }], order: { id: 'ASC' } })
        yield names.flatMap((name) => {
          const inOrder = byStart(rows.filter((row) => row[of] === name && !except(row)))
          return end === 'newest' ? inOrder.slice(atMost) : inOrder.slice(0, Math.max(0, inOrder.length - atMost))
        })
      }
    },
  }
}

/** The oldest first. Where it is not known of all of them when they began, in the order in which they were found. */
function byStart(rows: Row[]): Row[] {
  const startOf = (row: Row) => ('connectedAt' in row ? row.connectedAt : row.loggedInAt)?.getTime()
  if (rows.some((row) => startOf(row) === undefined)) return rows
  return rows.sort((a, b) => startOf(a)! - startOf(b)! || a.id - b.id)
}
