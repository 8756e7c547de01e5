import { afterAll, beforeAll, expect, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import type { PanelSource } from '../../src/session-source.js'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { checkSource, type ScenarioClient } from '../../src/testing/index.js'
import { backOffice, Browser, type BackOffice } from '../collectors/panel/express-sessions/back-office.js'
import { giveDateBack, moveDateOn, takeDate } from '../date.js'
import { patience } from '../until.js'

/** A store that can be made to fail. */
class Store extends session.MemoryStore {
  broken = false

  override all(callback: Parameters<session.MemoryStore['all']>[0]): void {
    if (this.broken) callback(new Error('The database of the session store does not answer.'))
    else super.all(callback)
  }
}

let office: BackOffice
let store: Store
let source: PanelSource
beforeAll(async () => {
  takeDate()
  store = new Store()
  source = expressSessions({ store })
  office = await backOffice(express, store)
})
afterAll(async () => {
  await office.close()
  giveDateBack()
})

/** A browser that is logged in. */
async function connect(login: string): Promise<ScenarioClient> {
  const browser = new Browser(office.url)
  await browser.go('POST', `/login/${login}`)
  if ((await browser.go('GET', '/who')).text !== login) throw new Error(`${login} was not let in.`)
  return {
    isConnected: async () => (await browser.go('GET', '/who')).text !== 'nobody',
    // Activity is told in steps of five seconds: somebody who comes back in the next one.
    async act() {
      moveDateOn(5000)
      await browser.go('GET', '/who')
    },
    disconnect: async () => void (await browser.go('POST', '/logout')),
  }
}

test('expressSessions keeps the contract', async () => {
  const report = await checkSource(
    source,
    {
      logins: ['alice', 'bob'],
      connect,
      async breakServer() {
        store.broken = true
        return async () => {
          store.broken = false
        }
      },
    },
    patience,
  )
  // A browser moves no files, and one session is never handed to another account.
  const notChecked = report.notChecked.map(({ name }) => name).filter((name) => !/^(up|down)load-/.test(name))
  expect(notChecked).toEqual(['hostile-names', 'end-refuses-who-changed', 'end-refuses-where-it-cannot'])
})
