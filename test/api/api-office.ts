import { ComponentLoader } from 'adminjs'
import { Ajv2020 } from 'ajv-8/dist/2020.js'
import express from 'express'
import session from 'express-session'
import { createHash } from 'node:crypto'
import { DataSource } from 'typeorm'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { createSessions, type Sessions } from '../../src/create-sessions.js'
import type { SessionsOptions } from '../../src/options.js'
import type { FtpSource } from '../../src/session-source.js'
import { fakeSource } from '../engine/fake-source.js'
import { until } from '../until.js'
import { sqliteWithTables } from '../servers/sqlite.js'

export const tokens = {
  all: 'a token that may do all'.replaceAll(' ', '-'),
  reader: 'reads-only',
  remover: 'removes-only',
}

export const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')

export const known = [
  { name: 'billing', sha256: sha256(tokens.all), scopes: ['read', 'remove'] },
  { name: 'monitor', sha256: sha256(tokens.reader).toUpperCase(), scopes: ['read'] },
  { name: 'cleaner', sha256: sha256(tokens.remover), scopes: ['remove'] },
] as Parameters<Sessions['api']>[0]['tokens']

interface Question {
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Answered {
  status: number
  headers: Headers
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
  text: string
}

/** A back office whose host has mounted the API, over a panel's store and an FTP source that the test decides on. */
export async function apiOffice(
  options: Partial<SessionsOptions> = {},
  over: Partial<FtpSource> = {},
  before: (app: express.Express, sessions: Sessions, store: session.MemoryStore) => void = () => {},
) {
  const tables = await sqliteWithTables()
  const { database } = tables
  const store = new session.MemoryStore()
  const ftp = fakeSource({
    name: 'fake-ftp',
    keepOut: { by: ['login'], apply: async () => {} },
    ...over,
  })
  const sessions = await createSessions({
    componentLoader: new ComponentLoader(),
    sources: [expressSessions({ store }), ftp],
    access: { remove: () => false },
    database: tables,
    host: 'test-host',
    ...options,
  })
  const app = express()
  before(app, sessions, store)
  app.use('/sessions', sessions.api({ tokens: known }))
  const server = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  const { port } = server.address() as { port: number }
  const base = `http://127.0.0.1:${port}/sessions`

  const send = async (method: string, path: string, { token = tokens.all, body, headers = {} }: Question = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(token !== '' && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined }
  }
  const { body: document } = await send('GET', '/openapi.json')
  const isAsDocumented = documented(document)

  return {
    base,
    /** The file of its tables. */
    database,
    document,
    ftp,
    sessions,
    store,
    server,
    /** Asks, and compares what is answered with openapi.json. */
    async ask(method: string, path: string, question: Question = {}): Promise<Answered> {
      const answered = await send(method, path, question)
      isAsDocumented(method, path, answered)
      return answered
    },
    /** Does something to the database, from outside. */
    async sql(statement: string) {
      const outside = await new DataSource({ type: 'sqlite', database }).initialize()
      await outside.query(statement)
      await outside.destroy()
    },
    /** Logs somebody in to the panel. */
    logIn: (sid: string, email: string) =>
      new Promise<void>((resolve, reject) => {
        const cookie = { originalMaxAge: 3600_000, expires: new Date(Date.now() + 3600_000) }
        const one = { cookie, adminUser: { email } } as never as session.SessionData
        store.set(sid, one, (error?: unknown) => (error ? reject(error as Error) : resolve()))
      }),
    /** All rows of a kind, as soon as there are so many. */
    rows: (kind: 'panel' | 'ftp', count: number) =>
      until(`${count} rows`, async () => {
        const { body } = await send('GET', `/${kind}`)
        return body.sessions.length === count && (body.sessions as Record<string, unknown>[])
      }),
    async stop() {
      await sessions.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Office = Awaited<ReturnType<typeof apiOffice>>

/** Whether an answer is one that the document has, in every field. */
function documented(document: Answered['body']) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema({ $id: 'http://localhost/openapi.json', ...document })
  return (method: string, path: string, { status, headers, body, text }: Answered) => {
    const [asked] = path.split('?')
    const template = asked.replace(/\/\d+(?=\/|$)/, '/{id}')
    const operation = document.paths[template]?.[method.toLowerCase()]
    const type = headers.get('content-type')
    const isProblem = status >= 400
    if (operation === undefined || text === '') {
      if (text !== '' && !isProblem) throw new Error(`${method} ${path} is not in openapi.json.`)
      if (text === '') return
    }
    const found = isProblem ? problems : operation.responses[status]
    if (found?.content[type!] === undefined) throw new Error(`${method} ${path}: ${status} ${type} is not documented.`)
    const { $ref } = found.content[type!].schema
    const validate = ajv.getSchema(`http://localhost/openapi.json${$ref}`)!
    if (!validate(body)) {
      throw new Error(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}\n${text.slice(0, 2000)}`)
    }
    if (isProblem && body.status !== status) throw new Error(`A problem of ${body.status} came with ${status}.`)
  }
}

const problems = { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }
