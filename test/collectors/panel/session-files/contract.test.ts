import { afterEach, describe, expect, test } from '@jest/globals'
import session from 'express-session'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fileStore from 'session-file-store'
import { sessionFiles } from '../../../../src/collectors/panel/session-files/session-files.js'
import { checkSource, type Scenario, type ScenarioClient } from '../../../../src/testing/index.js'
import { phpMissing, startPhpPanel } from '../../../servers/php.js'
import { patience } from '../../../until.js'

const clean: (() => unknown)[] = []
afterEach(async () => {
  for (const each of clean.splice(0).reverse()) await each()
})

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'contract-session-files-'))
  clean.push(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const breaking =
  (directory: string): Scenario['breakServer'] =>
  async () => {
    renameSync(directory, `${directory}.away`)
    return async () => renameSync(`${directory}.away`, directory)
  }

const cannotBeChecked = [
  'end-refuses-where-it-cannot',
  'keep-out-keeps-out',
  'keep-out-lets-others-in',
  'keep-out-releases',
]
const withoutTransfers = (notChecked: { name: string }[]) =>
  notChecked.map(({ name }) => name).filter((name) => !/^(up|down)load-/.test(name))

;(phpMissing ? describe.skip : describe)(phpMissing ?? 'PHP', () => {
  test.each(['php', 'php_serialize'] as const)(
    'sessionFiles keeps the contract, with real PHP and %s',
    async (handler) => {
      const directory = newDirectory()
      const panel = await startPhpPanel(directory, handler)
      clean.push(() => panel.stop())
      const source = sessionFiles({
        ...{ directory, decode: handler },
        session: ({ user, ip, since }: { user?: string; ip: string; since: number }) =>
          user === undefined ? null : { login: user, ip, loggedInAt: new Date(since * 1000) },
      })
      const connect = async (login: string): Promise<ScenarioClient> => {
        const browser = panel.browser()
        if ((await browser.go('/login', { user: login })) !== login) throw new Error(`${login} was not let in.`)
        return {
          isConnected: async () => (await browser.go('/who')) !== 'nobody',
          act: async () => void (await browser.go('/who')),
          disconnect: async () => void (await browser.go('/logout')),
          become: async (other) => void (await browser.go('/become', { user: other })),
          useName: async (name) => void (await browser.go('/become', { user: name })),
        }
      }
      const report = await checkSource(
        source,
        { logins: ['alice', 'bob'], connect, breakServer: breaking(directory) },
        patience,
      )
      expect(withoutTransfers(report.notChecked)).toEqual(cannotBeChecked)
    },
  )
})

test('sessionFiles keeps the contract, with the files of session-file-store', async () => {
  const directory = newDirectory()
  const store = new (fileStore(session))({ path: directory, reapInterval: -1, logFn: () => {}, retries: 0 })
  const called = <T>(call: (done: (error?: unknown, value?: T) => void) => void) =>
    new Promise<T | undefined>((resolve, reject) =>
      call((error, value) => (error ? reject(error as Error) : resolve(value))),
    )
  const source = sessionFiles({
    directory,
    session: ({ adminUser, cookie, __lastAccess }: StoredByExpress) =>
      adminUser ? { login: adminUser.email, expiresAt: new Date(__lastAccess + cookie.originalMaxAge) } : null,
  })
  const connect = async (login: string): Promise<ScenarioClient> => {
    const sid = crypto.randomUUID()
    const write = (email: string) =>
      called((done) => store.set(sid, { cookie: { originalMaxAge: 60_000 }, adminUser: { email } } as never, done))
    await write(login)
    return {
      isConnected: async () => (await called((done) => store.get(sid, done)).catch(() => undefined)) != null,
      act: async () => void (await write(login)),
      disconnect: async () => void (await called((done) => store.destroy(sid, done))),
      become: async (other) => void (await write(other)),
      useName: async (name) => void (await write(name.toString('utf8'))),
    }
  }
  const report = await checkSource(
    source,
    { logins: ['alice', 'bob'], connect, breakServer: breaking(directory) },
    patience,
  )
  expect(withoutTransfers(report.notChecked)).toEqual(cannotBeChecked)
})

interface StoredByExpress {
  cookie: { originalMaxAge: number }
  adminUser?: { email: string }
  __lastAccess: number
}
