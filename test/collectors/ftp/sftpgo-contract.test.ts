import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sftpgo } from '../../../src/collectors/ftp/sftpgo/sftpgo.js'
import { checkSource, type Scenario, type ScenarioClient, type ScenarioTransfer } from '../../../src/testing/index.js'
import {
  ADMIN,
  API_KEY,
  reply,
  type SftpgoStandIn,
  type StandInConnection,
  type StandInTransfer,
  startSftpgoStandIn,
} from '../../servers/sftpgo-stand-in.js'
import { patience } from '../../until.js'

let server: SftpgoStandIn

beforeEach(async () => {
  server = await startSftpgoStandIn()
  server.clocks.set('', 7_200_000)
})
afterEach(() => server.stop())

/** What the source has no way to do, and no other reason. */
const LACKING = ['start-leaks-nothing', 'start-stops-with-its-signal']

describe('SFTPGo, as the stand-in has it, keeps the contract', () => {
  test('over FTP, by an API key', async () => {
    const { notChecked } = await checkSource(
      sftpgo({ url: server.url, apiKey: API_KEY }),
      scenarioOver('FTP'),
      patience,
    )
    expect(names(notChecked)).toEqual(LACKING)
  })

  test('over SFTP, by a token', async () => {
    const { notChecked } = await checkSource(sftpgo({ url: server.url, ...ADMIN }), scenarioOver('SFTP'), patience)
    expect(names(notChecked)).toEqual(LACKING)
  })
})

const names = (notChecked: { name: string }[]) =>
  notChecked
    .map(({ name }) => name)
    .filter((name) => !/^keep-?out|^kept-out|^end-refuses-where-it-cannot$/.test(name))
    .sort()

function scenarioOver(protocol: string): Scenario {
  const open = (username: string) => clientOf(server.connect({ protocol, username }))
  return {
    logins: ['alice', 'bob'],
    connect: async (login) => open(login),
    connectWithoutLogon: async () => open(''),
    async breakServer() {
      server.instead = (_, response) => (reply(response, 503, { error: 'database is locked' }), true)
      return async () => void (server.instead = null)
    },
    async stallServer() {
      server.instead = () => true
      return async () => void (server.instead = null)
    },
  }
}

function clientOf(connection: StandInConnection): ScenarioClient {
  const now = () => Date.now() + server.clocks.get('')!
  const begin = (operation_type: StandInTransfer['operation_type'], path: string): StandInTransfer => {
    const transfer = { operation_type, path, start_time: now(), size: 0 }
    Object.assign(connection, { active_transfers: [transfer], last_activity: now() })
    return transfer
  }
  const move = (transfer: StandInTransfer): ScenarioTransfer => ({
    async more() {
      transfer.size += 1 << 20
      connection.last_activity = now()
    },
    async finish() {
      connection.active_transfers = []
    },
  })
  return {
    isConnected: async () => server.isConnected(connection),
    act: async () => void (connection.last_activity = now()),
    disconnect: async () => server.disconnect(connection),
    logOn: async (login) => server.logOn(connection, login),
    become: async (login) => server.logOn(connection, login),
    upload: async () => move(begin('upload', '/up.bin')),
    download: async () => move(begin('download', '/big.bin')),
    // Go's JSON holds no other bytes than UTF-8 either.
    useName: async (name) => void begin('upload', name.toString('utf8')),
  }
}
