import { In, MoreThan, MoreThanOrEqual } from 'typeorm'
import { z } from 'zod'
import {
  keepOutByCode,
  keepOutFields,
  NobodyKeepsOut,
  removalFields,
  removeByCode,
  resultOf,
  type HostRemovalParts,
  releaseByCode,
} from '../actions/host-removals.js'
import { isNarrow } from '../actions/session-scope.js'
import { whyPending } from '../actions/why-pending.js'
import { optionsOf } from '../collectors/check-options.js'
import type { Holds } from '../database/holds.js'
import type { SessionRemovalRow } from '../database/rows.js'
import {
  answerOf,
  answerOfRemoval,
  holdAnswer,
  keepOutBatch,
  listAnswers,
  removalAnswer,
  removalBatch,
} from './answers.js'
import { AskedOnce, batchOfAsker } from './asked-once.js'
import { pageFields, pageOf } from './cursor.js'
import { documented, Problem } from './problem.js'
import { route, type Asked, type Route } from './route.js'

const removalQuestion = optionsOf({ ...removalFields, batch: batchOfAsker })
const keepOutQuestion = optionsOf({ ...keepOutFields, batch: batchOfAsker })
const removalsQuery = optionsOf({
  batch: batchOfAsker,
  since: z.iso.datetime({ offset: true, error: 'a time such as 2026-01-31T12:00:00Z' }).optional(),
  ...pageFields,
})

/**
 * Removals and keep-outs: what there is on record, and what asks for more of it.
 *
 * @param via what the records say that it came by
 */
export function removalRoutes(
  parts: HostRemovalParts & { holds: Holds },
  via: SessionRemovalRow['removedVia'],
): Route[] {
  const { database, records } = parts
  const once = new AskedOnce(parts)

  /** The removal with this id. */
  const removal = async (id: number) => {
    const row = await records.byId(id)
    if (row === null) throw new Problem(404, 'No removal has this id.', 'Ask GET /removals for those that there are.')
    return row
  }
  const answered = async (id: number) => {
    const [row] = await whyPending([await removal(id)], database)
    return answerOfRemoval(row!)
  }
  /** All of it is on record; what has become of it by now. */
  const accepted = async <More extends object>(
    asked: Asked<unknown, { batch?: string }>,
    ask: (batch: string) => Promise<More>,
  ) => {
    const { by, body, baseUrl } = asked
    const { batch: own, ...question } = body
    const { batch, answer } = await once.ask(own, [by, question], ask)
    const { notEnded, ...result } = await resultOf(records, batch, 0)
    return {
      body: { ...result, notEnded: notEnded.map(answerOfRemoval), ...answer },
      headers: { Location: `${baseUrl}/removals?batch=${batch}` },
    }
  }

  return [
    route({
      ...{ method: 'get', path: '/removals', scope: 'read', status: 200, answer: ['Removals', listAnswers.removals] },
      summary: 'Removals, the oldest first: of a batch, or asked for since a time',
      query: removalsQuery,
      handler: async ({ query }) => {
        const { batch, since } = query
        const { rows, next } = await pageOf('removals', query, (after, take) =>
          database.removals.find({
            where: {
              ...(batch !== undefined && { batch }),
              ...(since !== undefined && { requestedAt: MoreThanOrEqual(new Date(since)) }),
              id: MoreThan(after),
            },
            order: { id: 'ASC' },
            take,
          }),
        )
        return { body: { removals: (await whyPending(rows, database)).map(answerOfRemoval), next } }
      },
    }),
    route({
      ...{ method: 'get', path: '/removals/:id', scope: 'read', status: 200, answer: ['Removal', removalAnswer] },
      summary: 'One of them',
      handler: async ({ id }) => ({ body: await answered(id) }),
    }),
    route({
      ...{ method: 'post', path: '/removals', scope: 'remove', status: 202, answer: ['RemovalBatch', removalBatch] },
      summary: 'Ends sessions: those of which all is true that is said of them',
      body: removalQuestion,
      handler: (asked) => {
        const { batch: _, ...question } = asked.body
        if (!isNarrow(question)) {
          throw new Problem(
            400,
            'Nothing says which sessions; expected at least one of login, person, ip, keys, ids and idleFor.',
            'Say which: nobody ends everything by leaving something out.',
          )
        }
        if (question.ids !== undefined && question.kind === undefined) {
          throw new Problem(400, 'ids without kind; expected "panel" or "ftp".', 'Say of which list the ids are.')
        }
        return accepted(asked, async (batch) => {
          const how = { ...question, by: asked.by, waitFor: 0 }
          const { unread } = await removeByCode(parts, via, how, { batch, removedFromIp: asked.ip })
          return { unread }
        })
      },
    }),
    route({
      ...{ method: 'post', path: '/keep-outs', scope: 'remove', status: 202, answer: ['KeepOutBatch', keepOutBatch] },
      summary: 'Keeps a login or an address out, whether anything of it is open or not',
      body: keepOutQuestion,
      handler: (asked) => {
        const { batch: _, ...question } = asked.body
        if ((question.login === undefined) === (question.ip === undefined)) {
          throw new Problem(400, 'Expected either login or ip, and found both or neither.', documented)
        }
        return accepted(asked, async (batch) => {
          const how = { ...question, by: asked.by, waitFor: 0 }
          await keepOutByCode(parts, via, how, { batch, removedFromIp: asked.ip }).catch((error: unknown) => {
            if (!(error instanceof NobodyKeepsOut)) throw error
            throw new Problem(422, error.message, 'GET /sources says by what each can keep out (keepOut).')
          })
          return {}
        })
      },
    }),
    route({
      ...{ method: 'post', path: '/removals/:id/release', scope: 'remove', status: 200 },
      answer: ['Removal', removalAnswer],
      summary: 'Lets everybody in again whom a removal keeps out',
      handler: async ({ id, by }) => {
        await removal(id)
        await releaseByCode(parts, id, by)
        return { body: await answered(id) }
      },
    }),
    route({
      ...{ method: 'get', path: '/holds', scope: 'read', status: 200, answer: ['Holds', listAnswers.holds] },
      summary: 'Logins and addresses that are kept out',
      query: optionsOf(pageFields),
      handler: async ({ query }) => {
        const { rows, next } = await pageOf('holds', query, (after, take) =>
          database.holds.find({
            where: { by: In(['login', 'ip']), until: MoreThan(new Date()), id: MoreThan(after) },
            order: { id: 'ASC' },
            take,
          }),
        )
        return { body: { holds: rows.map((row) => answerOf(holdAnswer, row)), next } }
      },
    }),
  ]
}
