// A NestJS app with AdminJS by @adminjs/nestjs, from the built package. Says where it listens.
import 'reflect-metadata'
import { AdminModule } from '@adminjs/nestjs'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ComponentLoader } from 'adminjs'
import session from 'express-session'
import { createSessions, expressSessions } from '../../dist/index.js'

process.env.ADMIN_JS_SKIP_BUNDLE = 'true'
const secret = 'a secret of the test that is long enough'

class AppModule {
  static sessions

  /** Nest calls it when the app is closed. */
  onApplicationShutdown() {
    return AppModule.sessions.stop()
  }
}
Module({
  imports: [
    AdminModule.createAdminAsync({
      useFactory: async () => {
        const store = new session.MemoryStore()
        const componentLoader = new ComponentLoader()
        AppModule.sessions = await createSessions({
          componentLoader,
          sources: [expressSessions({ store })],
          access: { remove: () => true },
          database: { type: 'sqlite', database: ':memory:' },
        })
        return {
          adminJsOptions: { rootPath: '/admin', componentLoader, resources: AppModule.sessions.resources },
          auth: {
            authenticate: async (email) => ({ email, role: 'admin' }),
            cookiePassword: secret,
            cookieName: 'adminjs',
          },
          sessionOptions: { store, secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } },
        }
      },
    }),
  ],
})(AppModule)

const app = await NestFactory.create(AppModule, { logger: ['error'] })
await app.listen(0, '127.0.0.1')
process.send(await app.getUrl())
process.once('message', async () => {
  await app.close()
  process.disconnect()
})
