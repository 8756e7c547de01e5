// The server that is bundled and minified: it reads one session of each store and ends it.
import session, { type SessionData } from 'express-session'
import { unguarded } from '../../../../../src/collectors/panel/express-sessions/guard/guard.js'
import { readerOf } from '../../../../../src/collectors/panel/express-sessions/list/stores/index.js'
import { storeKinds } from '../stores.js'

const never = new AbortController().signal

for (const { name, missing, start } of storeKinds) {
  if (missing) continue
  const stored = await start()
  const store = await stored.open()
  const reader = readerOf(store, unguarded(store))
  const cookie = new (session as unknown as { Cookie: new (options: object) => session.Cookie }).Cookie({
    maxAge: 3_600_000,
  })
  const data = { cookie, adminUser: { email: 'alice' } } as unknown as SessionData
  await new Promise<void>((resolve, reject) =>
    store.set('sid-1', data, (error: unknown) => (error ? reject(error) : resolve())),
  )
  const listed = (await reader.all(never)).map(({ sid, session }) => [
    sid,
    (session as unknown as { adminUser: { email: string } }).adminUser.email,
  ])
  await reader.destroy('sid-1', never)
  const left = (await stored.ids()).length
  console.log(JSON.stringify({ name, className: store.constructor.name, listed, left }))
  await stored.close()
}
process.exit()
