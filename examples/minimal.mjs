// A whole back office with its sessions, in one file: node examples/minimal.mjs, then http://127.0.0.1:3000/admin
process.env.ADMIN_JS_TMP_DIR ??= 'adminjs-bundle' // before adminjs: Express 5 serves nothing out of a dot directory

const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { default: AdminJSExpress } = await import('@adminjs/express')
const { default: express } = await import('express')
const { default: session } = await import('express-session')
const { createSessions, expressSessions, proftpd } = await import('adminjs-sessions')

const store = new session.MemoryStore() // yours: docs/stores.md says which can be listed
const componentLoader = new ComponentLoader()
const sessions = await createSessions({
  componentLoader,
  sources: [expressSessions({ store }), proftpd()],
  access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin' },
})
const admin = new AdminJS({ componentLoader, resources: [...sessions.resources], dashboard: sessions.dashboard })

const authenticate = async (email, password, { req }) => {
  if (email !== 'admin@example.com' || password !== 'change me') return null
  // A new session id at logon: one that somebody else planted in the browser must not become the admin's.
  await new Promise((done, fail) => req.session.regenerate((error) => (error ? fail(error) : done())))
  return { email, role: 'admin' }
}
const secret = 'a long random text that you keep to yourself'
const app = express()
app.use(
  admin.options.rootPath,
  AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: secret }, null, {
    store, // the very object that expressSessions got
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax', maxAge: 8 * 60 * 60 * 1000 },
  }),
)
const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}${admin.options.rootPath}`),
)
