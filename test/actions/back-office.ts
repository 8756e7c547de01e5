import AdminJSExpress from '@adminjs/express'
import AdminJS, { ComponentLoader } from 'adminjs'
import express from 'express'
import session from 'express-session'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import type { FtpSource } from '../../src/session-source.js'
import { createSessions } from '../../src/create-sessions.js'
import type { SessionsOptions } from '../../src/options.js'
import { fakeSource } from '../engine/fake-source.js'
import { sqliteWithTables } from '../servers/sqlite.js'
import { until } from '../until.js'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'

const accounts = [
  { email: 'admin@example.com', role: 'admin' },
  { email: 'second@example.com', role: 'admin' },
  { email: 'reader@example.com', role: 'reader' },
  { email: 'reseller@example.com', role: 'reseller' },
]

interface RemoveAnswer {
  removals: { recordId: number; outcome: string; message: string | null; force: string | null }[]
  notice: { type: string; message: string; options: Record<string, unknown> }
}

/** A back office as a user of the package would write it, over an FTP source that the test decides on. */
export async function backOffice(
  options: Partial<SessionsOptions> = {},
  over: Partial<FtpSource> = {},
  before: (app: express.Express) => void = () => {},
  store = new session.MemoryStore(),
) {
  const componentLoader = new ComponentLoader()
  const keptOut: string[][] = []
  const ftp = fakeSource({
    name: 'fake-ftp',
    keepOut: { by: ['login'], apply: async (all) => void keptOut.push(all.map(({ value }) => value)) },
    ...over,
  })
  const sessions = await createSessions({
    componentLoader,
    // Made only where it is used: its store answers nobody before it is started.
    sources: options.sources ?? [expressSessions({ store }), ftp],
    access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin' },
    database: options.database ?? (await sqliteWithTables()),
    host: 'test-host',
    ...options,
  })
  const admin = new AdminJS({ componentLoader, resources: sessions.resources, dashboard: sessions.dashboard })
  const app = express()
  before(app)
  const router = AdminJSExpress.buildAuthenticatedRouter(
    admin,
    {
      authenticate: async (email) => accounts.find((account) => account.email === email) ?? null,
      cookiePassword: 'a secret of the test that is long enough',
    },
    null,
    {
      store,
      secret: 'a secret of the test that is long enough',
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax' },
    },
  )
  app.use(admin.options.rootPath, router)
  const server: Server = await new Promise((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    ftp,
    sessions,
    /** The sets of logins that the FTP source was told to keep out, in order. */
    keptOut,
    store,
    /** Logs in; the answer asks with its cookie. */
    async login(email: string) {
      const agent = supertest.agent(origin)
      await agent.post('/admin/login').type('form').send({ email, password: 'x' }).expect(302)
      const list = async (resource: string, query = '') =>
        (await agent.get(`/admin/api/resources/${resource}/actions/list?${query}`).expect(200)).body as {
          records: { id: string; params: Record<string, unknown>; bulkActions: { name: string }[] }[]
          sessions: {
            canRemove: boolean
            sources: { name: string; state: string; error: string | null }[]
            unseen: { sources: number; failing: number; starting: number }
            ownMissing: string | null
            now: string
            tag: string
          }
          notice?: { type: string; message: string }
          meta: { total: number }
        }
      return {
        agent,
        list,
        /** The row of a login, as soon as there is one. */
        row: (resource: string, login: string) =>
          until(`a row of ${login}`, async () => {
            await agent.post(`/admin/api/resources/${resource}/actions/refresh`).expect(200)
            return (await list(resource)).records.find(({ params }) => params.login === login)
          }),
        /** Asks again while an outcome is pending, as the page does: a busy machine takes longer than it waits. */
        async remove(
          resource: string,
          recordIds: string,
          body: object = {},
          headers: Record<string, string> = {},
        ): Promise<RemoveAnswer> {
          const asked = { batch: crypto.randomUUID(), ...body }
          const ask = () =>
            agent.post(`/admin/api/resources/${resource}/bulk/remove?recordIds=${recordIds}`).set(headers).send(asked)
          return until('the outcomes', async () => {
            const answer = (await ask().expect(200)).body as RemoveAnswer
            const isPending = !('whenIdle' in body) && answer.removals.some(({ outcome }) => outcome === 'pending')
            return !isPending && answer
          })
        },
      }
    },
    async stop() {
      await sessions.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
