import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { checkSource, type ScenarioClient } from '../../../../src/testing/index.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'
import { patience } from '../../../until.js'

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

/** What the source has no way to do. */
const LACKING = [
  'end-refuses-who-changed',
  'end-refuses-where-it-cannot',
  'keep-out-keeps-out',
  'keep-out-lets-others-in',
  'keep-out-releases',
  'start-stops-with-its-signal',
  'start-leaks-nothing',
]

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  beforeAll(async () => {
    server = await startPureFtpd()
  })
  afterAll(() => server?.stop())

  test('keeps the contract', async () => {
    const program = join(server.dir, 'pure-ftpwho')
    symlinkSync(pureFtpwho, program)
    const scenario = ftpScenario(server.port, ['alice', 'dave'], {
      async breakServer() {
        renameSync(program, `${program}.away`)
        return async () => renameSync(`${program}.away`, program)
      },
    })
    const connect = async (login: string) => tolerant(await scenario.connect(login))
    const report = await checkSource(server.alone(pureFtpd({ program })), { ...scenario, connect }, patience)
    expect(report.notChecked.map(({ name }) => name).sort()).toEqual([...LACKING].sort())
  })
})
