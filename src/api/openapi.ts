import { z } from 'zod'
import { sessionAnswers, holdAnswer, removalAnswer, sessionEvents, sourceAnswers } from './answers.js'
import { problemAnswer } from './problem.js'
import type { Route } from './route.js'

const schemaAt = (name: string) => `#/components/schemas/${name}`

/** openapi.json: made of what answers, so that it can't say anything else. */
export function openapi(routes: readonly Route[]): object {
  const registry = z.registry<{ id: string }>()
  const named: [string, z.ZodType][] = [
    ['PanelSession', sessionAnswers.panel],
    ['FtpSession', sessionAnswers.ftp],
    ['Source', sourceAnswers],
    ['Removal', removalAnswer],
    ['Hold', holdAnswer],
    ['SessionOpened', sessionEvents.opened],
    ['SessionEnded', sessionEvents.ended],
    ['Problem', problemAnswer],
    ...routes.flatMap(({ answer }) => (answer === null ? [] : [[answer[0], answer[1]] as [string, z.ZodType]])),
  ]
  for (const [id, shape] of named) if (!registry.has(shape)) registry.add(shape, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: schemaAt, io: 'input' })
  return {
    openapi: '3.1.0',
    info: {
      title: 'adminjs-sessions',
      version: '1',
      description: 'Active sessions, and their end. See docs/http-api.md.',
    },
    // Relative to where this document is.
    servers: [{ url: '.' }],
    security: [{ token: [] }],
    paths: Object.fromEntries(
      [...new Set(routes.map(({ path }) => path))].map((path) => [
        path.replace(':id', '{id}'),
        Object.fromEntries(routes.filter((one) => one.path === path).map((one) => [one.method, operation(one)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation({ method, path, scope, summary, query, body, status, answer }: Route): object {
  const fields = query === undefined ? [] : Object.entries(properties(query))
  const parameters = [
    ...(path.includes(':id')
      ? [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }]
      : []),
    ...fields.map(([name, schema]) => ({ name, in: 'query', schema })),
    ...(body === undefined
      ? []
      : [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', format: 'uuid' } }]),
  ]
  const content =
    answer === null
      ? { 'text/event-stream': { schema: { type: 'string' } } }
      : { 'application/json': { schema: { $ref: schemaAt(answer[0]) } } }
  return {
    operationId: `${method}${path.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    description: `For tokens with the scope "${scope}".`,
    parameters,
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: bare(z.toJSONSchema(body, { io: 'input' })) } },
      },
    }),
    responses: {
      [status]: { description: 'As it was asked', content },
      default: {
        description: 'Why not, and what to do',
        content: { 'application/problem+json': { schema: { $ref: schemaAt('Problem') } } },
      },
    },
  }
}

function properties(shape: z.ZodType): object {
  return (z.toJSONSchema(shape, { io: 'input' }) as { properties: object }).properties
}

/** Without the marks of a schema that stands by itself. */
function bare(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'))
}
