import { expect, test } from '@jest/globals'
import { plesk } from '../../../../src/collectors/panel/plesk/plesk.js'
import { checkSource, type Scenario, type ScenarioClient } from '../../../../src/testing/index.js'
import { patience } from '../../../until.js'
import {
  ADMIN,
  API_KEY,
  dateTime,
  type PleskStandIn,
  send,
  startPleskStandIn,
  type StandInSession,
  system,
} from './plesk-stand-in.js'

test.each([
  ['a key', { apiKey: API_KEY }],
  ['login and password', ADMIN],
] as const)('plesk keeps the contract, as the stand-in has Plesk, by %s', async (_, logon) => {
  const server = await startPleskStandIn()
  try {
    const source = plesk({ url: server.url, fingerprint: server.fingerprint, ...logon })
    const { notChecked } = await checkSource(source, scenarioAt(server), patience)
    // Nobody moves files in a panel.
    const others = notChecked.map(({ name }) => name).filter((name) => !/^(up|down)load-/.test(name))
    expect(others).toEqual([
      'end-refuses-where-it-cannot',
      'keep-out-keeps-out',
      'keep-out-lets-others-in',
      'keep-out-releases',
      'start-stops-with-its-signal',
      'start-leaks-nothing',
    ])
  } finally {
    await server.stop()
  }
})

function scenarioAt(server: PleskStandIn): Scenario {
  return {
    logins: ['alice', 'bob'],
    connect: async (login) => clientOf(server.logOn({ login }), server),
    async breakServer() {
      server.instead = (_, response) => (send(response, system(1023, 'Operation failed: no database')), true)
      return async () => void (server.instead = null)
    },
    async stallServer() {
      server.instead = () => true
      return async () => void (server.instead = null)
    },
  }
}

function clientOf(session: StandInSession, { sessions }: PleskStandIn): ScenarioClient {
  return {
    isConnected: async () => sessions.has(session.id),
    // Plesk tells whole seconds.
    act: async () => void (session.idle = dateTime(Math.max(Date.now(), Date.parse(session.idle) + 1000))),
    disconnect: async () => void sessions.delete(session.id),
    become: async (login) => void (session.login = login),
    async useName(name) {
      const login = name.toString('utf8')
      // XML has no way to say these (https://www.w3.org/TR/xml/#charsets).
      // eslint-disable-next-line no-control-regex -- these are what it is about
      if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(login))
        throw new Error('XML has no such character.')
      session.login = login
    },
  }
}
