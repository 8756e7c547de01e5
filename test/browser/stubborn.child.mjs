// A back office over an FTP server whose sessions ignore an end, in a process of its own, from the built
// package, with components that were bundled before.
// `stubborn`, `second` and `resting` can be ended by force, `immortal` by nothing.
const { default: AdminJSExpress } = await import('@adminjs/express')
const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { default: express } = await import('express')
const { default: session } = await import('express-session')
const { createSessions, expressSessions } = await import('../../dist/index.js')

const store = new session.MemoryStore()
const componentLoader = new ComponentLoader()
const names = ['stubborn', 'second', 'resting', 'immortal', 'theirs']
const living = new Map(
  names.map((key) => [key, { key, login: key, ip: '192.0.2.1', status: key === 'resting' ? 'idle' : 'uploading' }]),
)
const ftp = {
  name: 'stubborn-ftpd',
  kind: 'ftp',
  evidence: 'live',
  list: async () => [...living.values()],
  end: async () => 'asked',
  keepOut: { by: ['ip'], apply: async () => {} },
  byForce: {
    leaves: 'Half a file stays behind, and its entry in the scoreboard <b>stays</b> until the server is restarted.',
    end: async ({ key }) => {
      if (key !== 'immortal') living.delete(key)
      return 'asked'
    },
  },
}
const silent = {
  name: 'silent-ftpd',
  kind: 'ftp',
  evidence: 'live',
  list: async () => {
    throw new Error('The server at theirs.example does not answer.')
  },
  end: async () => 'asked',
}
const sessions = await createSessions({
  componentLoader,
  sources: [expressSessions({ store }), ftp, silent],
  access: {
    remove: () => true,
    list: ({ currentAdmin }) => currentAdmin.role === 'admin' || { login: ['stubborn', 'second', 'immortal'] },
  },
  database: { type: 'sqlite', database: ':memory:' },
  endsWithin: 300,
  pollEvery: 300,
})
const locale = { language: 'en', availableLanguages: ['en', 'de'] }
const admin = new AdminJS({ componentLoader, resources: sessions.resources, locale })
const secret = 'a secret of the test that is long enough'
const app = express()
const authenticate = async (email, _password, { req }) => {
  req.session.redirectTo = '/admin/resources/FtpSession'
  return { email, role: email.split('@')[0] }
}
app.use(
  admin.options.rootPath,
  AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: secret }, null, {
    store, secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' },
  }),
) // prettier-ignore
const server = app.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/admin`))
