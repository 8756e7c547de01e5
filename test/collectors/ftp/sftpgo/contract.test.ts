import type { sftpgo } from '../../../../src/collectors/ftp/sftpgo/sftpgo.js'
import type { Scenario, ScenarioClient, ScenarioTransfer } from '../../../../src/testing/index.js'
import {
  ADMIN,
  API_KEY,
  reply,
  type SftpgoStandIn,
  type StandInConnection,
  type StandInTransfer,
  startSftpgoStandIn,
} from '../../../servers/sftpgo-stand-in.js'
import { keepsTheContract } from '../keeps-the-contract.js'

for (const [by, protocol, logon] of [
  ['an API key', 'FTP', { apiKey: API_KEY }],
  ['a token', 'SFTP', ADMIN],
] as const) {
  keepsTheContract<typeof sftpgo>('sftpgo', `SFTPGo, as the stand-in has it, over ${protocol}, by ${by}`, {
    lacks: ['keepOut', 'start'],
    async start(sftpgo) {
      const server = await startSftpgoStandIn()
      server.clocks.set('', 7_200_000)
      return {
        source: sftpgo({ url: server.url, ...logon }),
        scenario: scenarioOver(protocol, server),
        stop: () => server.stop(),
      }
    },
  })
}

function scenarioOver(protocol: string, server: SftpgoStandIn): Scenario {
  const open = (username: string) => clientOf(server.connect({ protocol, username }), server)
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

function clientOf(connection: StandInConnection, server: SftpgoStandIn): ScenarioClient {
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
