import { afterEach, describe, expect, jest, test } from '@jest/globals'
import session, { type SessionData } from 'express-session'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

const offices: { stop(): Promise<void> }[] = []
const said = jest.spyOn(console, 'error').mockImplementation(() => {})
afterEach(async () => {
  await Promise.all(offices.splice(0).map((office) => office.stop()))
  said.mockReset()
})

async function ownMissing(opened: Awaited<ReturnType<typeof backOffice>>) {
  const { list, agent } = await opened.login('admin@example.com')
  await agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
  return async () => (await list('PanelSession')).sessions.ownMissing
}

const { MemoryStore } = session

describe('whoever looks at the page is the probe of its list', () => {
  test('all is well: nothing is said', async () => {
    const opened = await backOffice()
    offices.push(opened)
    expect(await (await ownMissing(opened))()).toBeNull()
    expect(said).not.toHaveBeenCalled()
  })

  test("session() used before AdminJS's with a store of its own: the page and the log say so, the log once", async () => {
    class First extends MemoryStore {}
    const first = new First()
    const opened = await backOffice({}, {}, (app) =>
      app.use(
        session({ store: first, secret: 'x', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }),
      ),
    )
    offices.push(opened)
    const ask = await ownMissing(opened)
    expect(await ask()).toMatch(
      /^Your session is in another store \(First\) than the one that express-session was given/,
    )
    expect(await ask()).toMatch(/give expressSessions the store of that first session\(\)/)
    expect(said.mock.calls).toEqual([[expect.stringMatching(/^adminjs-sessions: Your session is in another store/)]])
  })

  test('the store of another app on purpose: nothing is said', async () => {
    const other = expressSessions({ store: new MemoryStore(), otherApp: true })
    const opened = await backOffice({ sources: [other] })
    offices.push(opened)
    expect(await (await ownMissing(opened))()).toBeNull()
  })

  test('each of several stores that lacks it says so', async () => {
    const opened = await backOffice({
      sources: [
        expressSessions({ store: new MemoryStore() }),
        expressSessions({ name: 'b', store: new MemoryStore() }),
      ],
    })
    offices.push(opened)
    expect(await (await ownMissing(opened))()).toMatch(
      /another store .* express-session .* another store .* b was given/s,
    )
  })

  test('the option session that knows nobody', async () => {
    const store = new MemoryStore()
    const opened = await backOffice({ sources: [expressSessions({ store, session: () => null })] }, {}, (app) =>
      app.use(session({ store, secret: 'x', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } })),
    )
    offices.push(opened)
    expect(await (await ownMissing(opened))()).toMatch(/^The option session of express-session says that nobody/)
  })

  test('who may see no source is told nothing of stores', async () => {
    const opened = await backOffice({
      sources: [expressSessions({ store: new MemoryStore() })],
      access: {
        remove: () => true,
        list: ({ resource }) => resource.decorate().id() !== 'SessionSourceStatus',
      },
    })
    offices.push(opened)
    expect(await (await ownMissing(opened))()).toBeNull()
  })
})

describe('a store that lists nothing, or less than it has', () => {
  class ListsNothing extends MemoryStore {
    override all(done: (error: unknown, sessions?: Record<string, SessionData> | null) => void) {
      done(null, {})
    }
  }
  class ListsSome extends MemoryStore {
    override all(done: (error: unknown, sessions?: Record<string, SessionData> | null) => void) {
      super.all((error, sessions) => {
        const some = Object.entries(sessions ?? {}).filter(([, one]) => !JSON.stringify(one).includes('second@'))
        done(error, Object.fromEntries(some) as never)
      })
    }
  }

  test.each([
    [new ListsNothing(), /^ListsNothing lists no sessions: somebody who is logged in was let in by it a moment ago/],
    [new ListsSome(), /^ListsSome lists its sessions without some that it has/],
  ])('is a failing source, with its name and what to check', async (store, error) => {
    const opened = await backOffice({ sources: [expressSessions({ store })] }, {}, (app) =>
      app.use(session({ store, secret: 'x', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } })),
    )
    offices.push(opened)
    await opened.login('admin@example.com')
    const { list, agent } = await opened.login('second@example.com')
    const failing = await until('the source fails', async () => {
      await agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
      return (await list('PanelSession')).sessions.sources.find(({ state }) => state === 'failing')
    })
    expect(failing.error).toMatch(error)
    expect(failing.error).toMatch(/ioredis: keyPrefix/)
    // It stays so, and is not taken back by a list in which nobody came in the meantime.
    await agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
    expect((await list('PanelSession')).sessions.sources[0].state).toBe('failing')
  })

  test("one that goes while it is looked for is not missed, nor is one that is nobody's", async () => {
    const opened = await backOffice()
    offices.push(opened)
    for (let i = 0; i < 5; i++) {
      const { agent, list } = await opened.login('admin@example.com')
      await agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
      await agent.get('/admin/logout').expect(302)
      const { agent: other } = await opened.login('second@example.com')
      await other.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
      void list
    }
    const { list } = await opened.login('admin@example.com')
    expect((await list('PanelSession')).sessions.sources.map(({ state }) => state)).toEqual(['ok'])
  })
})
