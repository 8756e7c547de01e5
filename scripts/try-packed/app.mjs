// The smallest back office that one would write by the README.
process.env.ADMIN_JS_TMP_DIR = 'adminjs-bundle'
const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { buildAuthenticatedRouter } = await import('@adminjs/express')
const { default: express } = await import('express')
const { default: session } = await import('express-session')
const { createSessions, expressSessions } = await import('adminjs-sessions')

const store = new session.MemoryStore()
const componentLoader = new ComponentLoader()
const sessions = await createSessions({
  componentLoader,
  sources: [expressSessions({ store })],
  access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin' },
})
const admin = new AdminJS({ componentLoader, resources: sessions.resources })
const authenticate = (email, password) => (password === 'secret' ? { email, role: 'admin' } : null)
const app = express()
app.use(
  admin.options.rootPath,
  buildAuthenticatedRouter(admin, { authenticate, cookiePassword: 'a secret of this app' }, null, {
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax' },
  }),
)
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}${admin.options.rootPath}`)
})
