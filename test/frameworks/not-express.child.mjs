// AdminJS on Fastify, Koa and Hapi, each with a back office of its own from the built package. Says where they listen,
// and, when asked for one, what was done to its sessions; ends and releases them in code.
import AdminJSFastify from '@adminjs/fastify'
import AdminJSHapi from '@adminjs/hapi'
import AdminJSKoa from '@adminjs/koa'
import Hapi from '@hapi/hapi'
import AdminJS, { ComponentLoader } from 'adminjs'
import session from 'express-session'
import Fastify from 'fastify'
import Koa from 'koa'
import { createSessions, expressSessions } from '../../dist/index.js'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'
const secret = 'a secret of the test that is long enough'
const authenticate = async (email) => ({ email, role: 'admin' })
const host = '127.0.0.1'

const frameworks = {
  async fastify(options) {
    const app = Fastify()
    await AdminJSFastify.buildAuthenticatedRouter(
      new AdminJS(options),
      { authenticate, cookiePassword: secret, cookieName: 'adminjs' },
      app,
      { saveUninitialized: false, secret, cookie: { secure: false } },
    )
    const origin = await app.listen({ host, port: 0 })
    return { origin, close: () => app.close() }
  },
  async koa(options) {
    const app = new Koa()
    app.keys = [secret]
    const router = AdminJSKoa.buildAuthenticatedRouter(new AdminJS(options), app, { authenticate })
    app.use(router.routes()).use(router.allowedMethods())
    const server = app.listen(0, host)
    await new Promise((resolve) => server.once('listening', resolve))
    return { origin: `http://${host}:${server.address().port}`, close: () => server.close() }
  },
  async hapi(options) {
    const server = Hapi.server({ host, port: 0 })
    const auth = { authenticate, cookieName: 'adminjs', cookiePassword: secret, isSecure: false }
    await server.register({ plugin: AdminJSHapi, options: { ...options, auth } })
    await server.start()
    return { origin: server.info.uri, close: () => server.stop() }
  },
}

/** An FTP server with one session, which can end it and keep people out, and what it was asked to do. */
function ftpSource() {
  const done = { ended: [], keptOut: [] }
  const open = [{ key: 'one', login: 'web1', ip: '192.0.2.1', status: 'idle' }]
  const source = {
    ...{ name: 'own-ftpd', kind: 'ftp', evidence: 'live' },
    list: async () => [...open],
    end: async () => {
      done.ended.push(open.pop().login)
      return 'asked'
    },
    keepOut: {
      by: ['login', 'ip'],
      apply: async (holds) => {
        done.keptOut = holds.map(({ value }) => value)
      },
    },
  }
  return { done, source }
}

async function backOffice(start) {
  const store = new session.MemoryStore()
  const { done, source } = ftpSource()
  const componentLoader = new ComponentLoader()
  const sessions = await createSessions({
    componentLoader,
    sources: [expressSessions({ store }), source],
    access: { remove: () => true },
    database: { type: 'sqlite', database: ':memory:' },
  })
  // Of another app, on Express, that shares the store.
  await new Promise((resolve) => {
    store.set('sid', { cookie: {}, adminUser: { email: 'other@example.com', role: 'admin' } }, resolve)
  })
  // It reads the sources first, and then all of them have rows.
  await sessions.endAllOf('nobody')
  await sessions.keepOut({ login: 'intruder', minutes: null, by: 'the test' })
  const { origin, close } = await start({ rootPath: '/admin', componentLoader, resources: sessions.resources })
  return {
    origin,
    state: async () => ({ ...done, stored: await new Promise((resolve) => store.length((_, n) => resolve(n))) }),
    inCode: async (removals) => {
      await sessions.remove({ login: 'web1', by: 'the test' })
      await sessions.remove({ login: 'other@example.com', by: 'the test' })
      for (const id of removals) await sessions.release(id, { by: 'the test' })
    },
    close: async () => {
      await close()
      await sessions.stop()
    },
  }
}

const offices = {}
for (const [name, start] of Object.entries(frameworks)) offices[name] = await backOffice(start)
process.send(Object.fromEntries(Object.entries(offices).map(([name, { origin }]) => [name, origin])))
process.on('message', async ({ close, name, inCode }) => {
  if (close) {
    for (const office of Object.values(offices)) await office.close()
    process.disconnect()
    return
  }
  if (inCode) await offices[name].inCode(inCode.release)
  process.send(await offices[name].state())
})
