// A collector or a back office in a process of its own. Run from the built package.
import '../../fresh-dist.mjs'

const { role, name, url, host, scoreboard, redis, token } = JSON.parse(process.argv[2])
const database = { type: 'postgres', url, applicationName: `${name} ${process.pid}`, connectTimeoutMS: 5_000 }
const often = { pollEvery: 300, endsWithin: 5_000 }

if (role === 'collector') {
  const { collectSessions, proftpd } = await import('../../../dist/collect.js')
  await collectSessions({ ...often, database, host, sources: [proftpd({ scoreboard })] })
  process.send('ready')
} else {
  const [{ createSessions, expressSessions }, { ComponentLoader }, { RedisStore }, { createClient }, express, session] =
    await Promise.all([
      import('../../../dist/index.js'),
      import('adminjs'),
      import('connect-redis'),
      import('redis'),
      import('express').then((module) => module.default),
      import('express-session').then((module) => module.default),
    ])
  const client = createClient({ url: redis })
  await client.connect()
  const store = new RedisStore({ client })
  const sessions = await createSessions({
    ...{ ...often, database, host: name, componentLoader: new ComponentLoader(), access: { remove: () => true } },
    sources: [expressSessions({ store, host: 'panel' })],
  })
  const app = express()
  app.use('/api', sessions.api({ tokens: [{ name: 'test', sha256: token, scopes: ['read', 'remove'] }] }))
  app.use(session({ store, secret: 'a secret of the test', resave: false, saveUninitialized: false }))
  app.post('/login/:login', (request, response) => {
    request.session.adminUser = { email: request.params.login, role: 'admin' }
    response.end('welcome')
  })
  app.post('/logout', (request, response) => {
    if (!request.session.adminUser) response.status(409).end('nobody is logged in')
    else request.session.destroy((error) => response.status(error ? 500 : 200).end('goodbye'))
  })
  app.get('/who', (request, response) => response.end(request.session.adminUser?.email ?? 'nobody'))
  const server = app.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`))
}
