import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import type { ScenarioClient } from '../../../../src/testing/index.js'
import { pureFtpdMissing, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'
import { keepsTheContract } from '../keeps-the-contract.js'

/** To a download that its client breaks off, Pure-FTPd replies `150 0.3 seconds (measured here)`: no final code, and yet the end. */
function tolerant(client: ScenarioClient): ScenarioClient {
  const download = async () => {
    const transfer = await client.download!()
    const finish = () =>
      transfer.finish().catch((error: Error) => {
        if (!error.message.includes('(measured here)')) throw error
      })
    return { ...transfer, finish }
  }
  return { ...client, download }
}

keepsTheContract<typeof pureFtpd>('pureFtpd', 'a real Pure-FTPd', {
  missing: pureFtpdMissing,
  lacks: ['become', 'keepOut', 'start'],
  async start(pureFtpd) {
    const server = await startPureFtpd()
    const program = join(server.dir, 'pure-ftpwho')
    symlinkSync(pureFtpwho, program)
    const scenario = ftpScenario(server.port, ['alice', 'dave'], {
      async breakServer() {
        renameSync(program, `${program}.away`)
        return async () => renameSync(`${program}.away`, program)
      },
    })
    const connect = async (login: string) => tolerant(await scenario.connect(login))
    return { source: server.alone(pureFtpd({ program })), scenario: { ...scenario, connect }, stop: server.stop }
  },
})
