import { secret } from './installation.mjs' // before adminjs: see there
import { promisify } from 'node:util'
import AdminJS, { ComponentLoader } from 'adminjs'
import { buildAuthenticatedRouter } from '@adminjs/express'
import { createSessions } from 'adminjs-sessions'
import { authenticate } from './accounts.mjs'
import { darkStyles, darkTheme } from './dark-theme.mjs'
import { sessionOptions } from './panel-sessions.mjs'

/**
 * Mounts an AdminJS back office with the sessions of these sources.
 *
 * @param {import('express').Express} app
 * @param {import('express-session').Store} store of its own panel's sessions
 * @param {Pick<import('adminjs-sessions').SessionsOptions, 'sources' | 'database'>} options
 * @returns {Promise<() => Promise<void>>} stops what reads and ends sessions
 */
export async function mountBackOffice(app, store, options) {
  const componentLoader = new ComponentLoader()
  const sessions = await createSessions({
    componentLoader,
    access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin', list: visibleTo },
    ...options,
  })
  const admin = new AdminJS({
    componentLoader,
    rootPath: '/admin',
    resources: sessions.resources,
    dashboard: sessions.dashboard,
    assets: (currentAdmin) => ({ styles: currentAdmin?.theme === 'dark' ? ['/dark.css'] : [] }),
    branding: (currentAdmin) => ({
      companyName: 'Example back office',
      withMadeWithLove: false,
      theme: currentAdmin?.theme === 'dark' ? darkTheme : undefined,
    }),
  })
  // With NODE_ENV=production AdminJS bundles its components while it serves already, and a page that is opened just then
  // lacks them. So it is done here, and buildAuthenticatedRouter is told not to do it again.
  await admin.initialize()
  process.env.ADMIN_JS_SKIP_BUNDLE = 'true'
  app.get('/dark.css', (_request, response) => response.type('css').send(darkStyles))
  app.get('/', (_request, response) => response.redirect('/admin'))
  app.use(sessions.tellEnded({ contact: 'admin@example.com' }))
  app.use(
    '/admin',
    buildAuthenticatedRouter(admin, { authenticate: logOn, cookiePassword: secret }, null, sessionOptions(store)),
  )
  return sessions.stop
}

/** A customer sees the FTP sessions of his domain and the panel sessions of his login. */
function visibleTo({ currentAdmin, resource }) {
  if (currentAdmin?.role !== 'customer') return true
  return resource.decorate().id() === 'FtpSession' ? { domain: 'shop.example.com' } : { login: currentAdmin.email }
}

/** A logon gets a session with a new id: one that somebody else has planted in the browser must not become the admin's. */
async function logOn(email, password, { req }) {
  const account = authenticate(email, password)
  if (!account) return null
  await promisify(req.session.regenerate.bind(req.session))()
  req.session.redirectTo = '/admin/resources/FtpSession'
  return account
}
