// Back offices that differ in where they are mounted, what they are told of their addresses and which language they speak, in
// one process, from the built package, with components that were bundled before. Says on which port each listens.
const { default: AdminJSExpress } = await import('@adminjs/express')
const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { default: express } = await import('express')
const { default: session } = await import('express-session')
const { createSessions, expressSessions, logServer } = await import('../../dist/index.js')
const { logOfTwins } = await import('../servers/log-of-twins.mjs')

const secret = 'a secret of the test that is long enough'
/** What browsers call them, and below which path the app itself has them. */
const offices = {
  plain: { rootPath: '/admin' },
  atTheRoot: { rootPath: '/' },
  twoParts: { rootPath: '/office/panel', loginPath: '/office/panel/sign-in' },
  belowPrefix: { rootPath: '/hosting/admin', mounted: '/admin' },
  hidden: { rootPath: '/admin' },
  told: { rootPath: '/admin', origins: JSON.parse(process.argv[2]) },
  polish: { rootPath: '/admin', locale: { language: 'pl', availableLanguages: ['pl'] } },
  // Of a server that only writes a log, of which the sessions are not to be told apart.
  german: {
    rootPath: '/admin',
    locale: { language: 'de', availableLanguages: ['de'] },
    ftp: logServer(logOfTwins(process.argv[3])),
  },
  // Not one of this package's languages, with plurals that English has not.
  russian: { rootPath: '/admin', locale: { language: 'ru', availableLanguages: ['ru'] } },
}

async function open(name, { rootPath, mounted = rootPath, loginPath = join(rootPath, 'login'), origins, locale, ftp }) {
  const store = new session.MemoryStore()
  const componentLoader = new ComponentLoader()
  const living = new Map(['ann', 'bob'].map((key) => [key, { key, login: key, ip: '192.0.2.1', status: 'idle' }]))
  const sessions = await createSessions({
    componentLoader,
    sources: [
      expressSessions({ store }),
      ftp ?? {
        ...{ name: 'ftpd', kind: 'ftp', evidence: 'live' },
        list: async () => [...living.values()],
        end: async ({ key }) => {
          living.delete(key)
          return 'asked'
        },
        keepOut: { by: ['login'], apply: async () => {} },
      },
    ],
    access: { remove: () => true },
    database: { type: 'sqlite', database: ':memory:' },
    host: name,
    ...(origins && { origins }),
  })
  const logoutPath = join(rootPath, 'logout')
  const admin = new AdminJS({ componentLoader, resources: sessions.resources, rootPath, loginPath, logoutPath, locale })
  const authenticate = async (email, _password, { req }) => {
    req.session.redirectTo = join(rootPath, 'resources/FtpSession')
    return { email }
  }
  const app = express()
  const options = { store, secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }
  app.use(
    mounted,
    AdminJSExpress.buildAuthenticatedRouter(admin, { authenticate, cookiePassword: secret }, null, options),
  )
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve([name, server.address().port]))
  })
}

function join(root, path) {
  return `${root === '/' ? '' : root}/${path}`
}

const ports = []
for (const [name, office] of Object.entries(offices)) ports.push(await open(name, office))
process.send(Object.fromEntries(ports))
