import { MoreThan, type FindOptionsWhere } from 'typeorm'
import { z } from 'zod'
import { sessionsOf, type Row } from '../actions/cut.js'
import { whereOf } from '../actions/session-scope.js'
import { sourceAnswer } from '../actions/source-state.js'
import { optionsOf, text } from '../collectors/check-options.js'
import type { Database } from '../database/open-database.js'
import { sessionFields, type Field, type SessionKind } from '../session-fields.js'
import { rowValue } from '../text/stored-value.js'
import { answerOf, listAnswers, sessionAnswers } from './answers.js'
import { pageFields, pageOf } from './cursor.js'
import { Problem } from './problem.js'
import { route, type Route } from './route.js'

const name = text('a text that is not empty').optional()
const filters = {
  login: name,
  person: name,
  ip: name,
  source: name,
  host: name,
  idleFor: z.coerce.number({ error: 'a number of ms' }).min(0, { error: 'at least 0 ms' }).optional(),
}

/** What a session's field may be asked for: a word that it can't have is a mistake, and not an empty list. */
function wordOf(kind: SessionKind, field: string) {
  const { is } = (sessionFields[kind] as Record<string, Field>)[field]!
  return typeof is === 'string' ? name : z.enum(is, { error: `one of ${is.join(', ')}` }).optional()
}

/** The sessions of a kind, with the state of the sources that they are read from. */
export function sessionRoutes(database: Database): Route[] {
  return [
    ...listAndOne('panel', optionsOf({ ...filters, type: wordOf('panel', 'type'), ...pageFields }), 'PanelSession'),
    ...listAndOne(
      'ftp',
      optionsOf({ ...filters, type: wordOf('ftp', 'type'), status: wordOf('ftp', 'status'), ...pageFields }),
      'FtpSession',
    ),
    route({
      ...{ method: 'get', path: '/sources', scope: 'read', status: 200, answer: ['Sources', listAnswers.sources] },
      summary: 'Where sessions are read from, and whether they can be read',
      handler: async () => ({ body: { sources: (await database.sourceStatuses.find()).map(sourceAnswer) } }),
    }),
  ]

  function listAndOne(
    kind: SessionKind,
    query: z.ZodType<z.output<z.ZodObject<typeof filters & typeof pageFields>> & { type?: string; status?: string }>,
    answer: string,
  ): Route[] {
    const sessions = sessionsOf(database, kind)
    return [
      route({
        ...{ method: 'get', path: `/${kind}`, scope: 'read', status: 200 },
        answer: [`${answer}s`, listAnswers[kind]],
        summary: `${kind === 'ftp' ? 'FTP' : 'Panel'} sessions, by their ids; look at the state of the sources beside them`,
        query,
        handler: async ({ query: asked }) => {
          const { type, status } = asked
          const where: Record<string, unknown> = { ...whereOf(asked) }
          if (type !== undefined) where.type = rowValue(type)
          if (status !== undefined) where.status = status
          const { rows, next } = await pageOf(kind, asked, (after, take) =>
            sessions.find({
              where: { ...where, id: MoreThan(after) } as FindOptionsWhere<Row>,
              order: { id: 'ASC' },
              take,
            }),
          )
          const sources = (await database.sourceStatuses.findBy({ kind })).map(sourceAnswer)
          return { body: { sessions: rows.map((row) => answerOf(sessionAnswers[kind], row)), next, sources } }
        },
      }),
      route({
        ...{ method: 'get', path: `/${kind}/:id`, scope: 'read', status: 200, answer: [answer, sessionAnswers[kind]] },
        summary: 'One of them',
        handler: async ({ id }) => {
          const row = await sessions.findOneBy({ id })
          if (row === null) throw new Problem(404, 'No session has this id: it has ended, or never was.', notThere)
          return { body: answerOf(sessionAnswers[kind], row) }
        },
      }),
    ]
  }
}

const notThere = 'Ask the list for those that there are; its sources say whether they can be read.'
